"""Client of Photo Bridge, the daemon that runs photo batches on this machine.

One file, nothing but the standard library, Python 3.6 or newer: copy it beside your script or plugin.

>>> from photo_bridge import PhotoBridge
>>> bridge = PhotoBridge()
>>> started = bridge.start(folder=folder, preset="WhiteLayer_v4", blend=60)
>>> bridge.wait(started["batch_id"])["status"]
'completed'

Every method answers what the daemon answers, as dicts and lists; times are ISO 8601 texts in UTC. A refusal, and a daemon that
does not answer, is a ``BridgeError``. One ``PhotoBridge`` may be used by any number of threads at once.

As a program: ``python3 photo_bridge.py start FOLDER --preset NAME``, and ``--help``.
"""

import argparse
import http.client
import json
import os
import ssl
import sys
import threading
import time
import urllib.parse
from typing import Any, Callable, Dict, Generator, Iterable, Iterator, List, Mapping, Optional, Sequence, TypeVar, Union

__all__ = ["BridgeError", "PhotoBridge", "DEFAULT_URL", "FINAL_STATUSES", "find_url"]

DEFAULT_URL = "http://127.0.0.1:5100"
FINAL_STATUSES = frozenset(["completed", "failed", "cancelled"])

PathLike = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
Answer = Dict[str, Any]
Content = Union[str, int, float]
_T = TypeVar("_T")

_CONNECT_S = 10.0
_PAGE = 1000
_LONGEST_POLL_S = 25.0

_REMEDIES = {
    "unreachable": "Start the daemon with: photo-bridge serve. If it runs elsewhere, give its url or set PHOTO_BRIDGE_URL.",
    "batch_not_found": "list_batches() has all batches that are kept.",
    "photo_not_found": "add_photos() registers photos and tells their ids; list_photos() has all.",
    "unknown_photo_ids": "add_photos() registers photos and tells their ids; or give paths instead of ids.",
    "preset_not_found": "presets() has all presets.",
    "unknown_preset": "presets() has all presets.",
    "preset_invalid": "preset(name) says what is wrong with it.",
    "template_not_found": "templates() has all templates.",
    "unknown_template": "templates() has all templates.",
    "unauthorized": "Give the token: the content of the file of the setting security.token_file.",
    "misdirected_host": "Use 127.0.0.1, or name the host in the setting security.allowed_hosts.",
    "output_not_writable": "Choose another output folder, or make this one writable.",
    "invalid_path": "Give the whole path of a file or folder that is there and can be read.",
    "idempotency_mismatch": "Use a new idempotency_key for another start.",
    "too_many_requests": "Wait a second and try again.",
    "unavailable": "The daemon is starting or stopping, or lacks something it needs: wait a moment and try again.",
    "read_only": "The data folder cannot be written: make room or mend its permissions, then restart the daemon.",
    "disk_full": "Make room on the disk, then try again.",
}  # type: Dict[str, str]


class BridgeError(Exception):
    """A refusal of the daemon, or no answer at all.

    ``code`` is for programs (``batch_not_found``), ``status`` the HTTP status, 0 when there was no answer
    (``code`` ``unreachable``). ``field`` names what was wrong in the request, ``remedy`` says what to do; both may be None.
    ``problem`` is the whole answer.

    >>> try:
    ...     bridge.pause("batch_000000000000")
    ... except BridgeError as error:
    ...     print(error.code, error.status, error)
    batch_not_found 404 Batch not found
    """

    def __init__(
        self,
        message: str,
        code: str = "unknown",
        status: int = 0,
        field: Optional[str] = None,
        remedy: Optional[str] = None,
        problem: Optional[Mapping[str, Any]] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.field = field
        self.remedy = remedy
        self.problem = dict(problem or {})  # type: Answer

    @property
    def is_passing(self) -> bool:
        """Whether the same may work in a moment: the daemon is away, starting or stopping.

        >>> BridgeError("No daemon", code="unreachable", status=0).is_passing
        True
        """
        return (self.status == 0 and self.code == "unreachable") or self.status == 503

    def __reduce__(self) -> Any:
        return (BridgeError, (self.message, self.code, self.status, self.field, self.remedy, self.problem))


def find_url(data_dir: Optional[PathLike] = None) -> str:
    """Where the daemon is: ``PHOTO_BRIDGE_URL``, else the note ``runtime.json`` it leaves in its data folder, else port 5100.

    >>> find_url() == bridge.url
    True
    """
    named = os.environ.get("PHOTO_BRIDGE_URL")
    if named:
        return named.rstrip("/")
    folders = [os.fsdecode(data_dir)] if data_dir is not None else _data_folders()
    for folder in folders:
        try:
            with open(os.path.join(folder, "runtime.json"), encoding="utf-8") as file:
                url = json.load(file)["url"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if isinstance(url, str) and url:
            return url.rstrip("/")
    return DEFAULT_URL


def _data_folders() -> List[str]:
    """As the daemon looks for its own, most wanted first."""
    named = os.environ.get("PHOTO_BRIDGE_DATA_DIR")
    if named:
        return [named]
    application = _application_folder()
    config = os.environ.get("PHOTO_BRIDGE_CONFIG")
    if config:
        return _beside(os.path.abspath(config), application)
    checkout = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    folders = []  # type: List[str]
    for place in (os.getcwd(), application, checkout):
        path = os.path.join(place, "bridge.config.json")
        if os.path.exists(path):
            folders.extend(_beside(path, application))
    return folders + [application]


def _beside(config: str, application: str) -> List[str]:
    beside = os.path.dirname(config)
    usual = [application if beside == application else os.path.join(beside, "data")]
    try:
        with open(config, encoding="utf-8") as file:
            named = json.load(file)["data_dir"]
        return [os.path.join(beside, named)] + usual
    except (OSError, ValueError, KeyError, TypeError):
        return usual


def _application_folder() -> str:
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        return os.path.join(os.environ.get("APPDATA") or os.path.join(home, "AppData", "Roaming"), "Photo Bridge")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Application Support", "Photo Bridge")
    base = os.environ.get("XDG_DATA_HOME", "")
    return os.path.join(base if base.startswith("/") else os.path.join(home, ".local", "share"), "photo-bridge")


class PhotoBridge:
    """A daemon. Making one asks nothing of it yet.

    ``url``: its address; without one it is looked for as ``find_url`` says, and again when it does not answer any more:
    after a restart it may have another port. ``token``: only for a daemon on another machine; default ``PHOTO_BRIDGE_TOKEN``.
    ``timeout``: seconds without a byte after which an answer is given up.

    >>> PhotoBridge().health()["status"]
    'ok'
    """

    def __init__(
        self,
        url: Optional[str] = None,
        token: Optional[str] = None,
        timeout: float = 60.0,
        data_dir: Optional[PathLike] = None,
    ) -> None:
        self._given = url.rstrip("/") if url else None
        self._data_dir = data_dir
        self._token = token or os.environ.get("PHOTO_BRIDGE_TOKEN") or None
        self._timeout = timeout
        self._url = self._given or find_url(data_dir)

    @property
    def url(self) -> str:
        """The address that is asked.

        >>> bridge.url.startswith("http://127.0.0.1:")
        True
        """
        return self._url

    # Starting

    def start(
        self,
        photos: Optional[Iterable[Union[int, PathLike, Mapping[str, Any]]]] = None,
        folder: Optional[PathLike] = None,
        glob: Optional[str] = None,
        preset: Optional[Union[str, Mapping[str, Any]]] = None,
        blend: Optional[float] = None,
        output: Optional[Mapping[str, Any]] = None,
        config: Optional[Mapping[str, Any]] = None,
        idempotency_key: Optional[str] = None,
        **fields: Any
    ) -> Answer:
        """Start a batch. Answers when it is durable on disk: from then on it survives any crash.

        ``photos``: ids, or paths, or ``{"path": ..., "ref": ...}`` with your own id of the photo. Or a ``folder``, and a
        ``glob`` in it. ``preset``, ``blend`` (0 to 100) and ``output`` are those of ``config``. All further fields of the
        start body by name: ``session_id``, ``priority``, ``start_at``, ``depends_on``, ``template``, ``webhook``, ...
        The same ``idempotency_key`` with the same values starts it once, even if the first answer was lost.

        >>> started = bridge.start(photos, preset="WhiteLayer_v4", output={"format": "webp", "long_edge": 64})
        >>> started["message"], started["photo_count"]
        ('Batch processing started', 3)
        """
        body = _start_body(photos, folder, glob, preset, blend, output, config, fields)
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        return self._post("/batch/start", body, headers)

    def plan(
        self,
        photos: Optional[Iterable[Union[int, PathLike, Mapping[str, Any]]]] = None,
        folder: Optional[PathLike] = None,
        glob: Optional[str] = None,
        preset: Optional[Union[str, Mapping[str, Any]]] = None,
        blend: Optional[float] = None,
        output: Optional[Mapping[str, Any]] = None,
        config: Optional[Mapping[str, Any]] = None,
        **fields: Any
    ) -> Answer:
        """What a start would do, without doing it.

        >>> bridge.plan(folder=folder, preset="WhiteLayer_v4")["counts"]["write"]
        3
        """
        return self._post("/batch/plan", _start_body(photos, folder, glob, preset, blend, output, config, fields))

    def start_captions(
        self,
        file: Optional[PathLike] = None,
        items: Optional[Sequence[Any]] = None,
        config: Optional[Mapping[str, Any]] = None,
        **fields: Any
    ) -> Answer:
        """Start a batch of captions, from a ``file`` or as ``items``.

        >>> bridge.start_captions(file="/no/such/captions.json")
        Traceback (most recent call last):
        photo_bridge.BridgeError: ...
        """
        return self._start_other("captions", file, items, config, fields)

    def start_listings(
        self,
        file: Optional[PathLike] = None,
        items: Optional[Sequence[Any]] = None,
        config: Optional[Mapping[str, Any]] = None,
        **fields: Any
    ) -> Answer:
        """Start a batch of listings, from a ``file`` or as ``items``.

        >>> bridge.start_listings(file="/no/such/listings.csv")
        Traceback (most recent call last):
        photo_bridge.BridgeError: ...
        """
        return self._start_other("listings", file, items, config, fields)

    def _start_other(self, operation: str, file: Any, items: Any, config: Any, fields: Answer) -> Answer:
        body = dict(fields, operation=operation)
        body.update(_given(items=items, config=config))
        if file is not None:
            body["file"] = _path(file, "file")
        return self._post("/batch/start", body)

    # One batch

    def status(self, batch_id: str, wait_s: Optional[float] = None, since: Optional[int] = None) -> Answer:
        """The batch as it is now. With ``wait_s`` (up to 30) as soon as its ``seq`` is above ``since``.

        >>> batch_id = bridge.start(photos)["batch_id"]
        >>> status = bridge.status(batch_id)
        >>> status["total_photos"], status["failed_count"]
        (3, 0)
        """
        return self._get(_batch(batch_id, "status"), _given(wait_s=wait_s, since=since))

    def batch(self, batch_id: str) -> Answer:
        """The status, and the ``config`` it was started with.

        >>> batch_id = bridge.start(photos, preset="WhiteLayer_v4", blend=60)["batch_id"]
        >>> bridge.batch(batch_id)["config"]["blend"]
        60
        """
        return self._get("/batch/" + _quote(batch_id))

    def pause(
        self,
        batch_id: str,
        mode: Optional[str] = None,
        until: Optional[str] = None,
        reason: Optional[str] = None,
    ) -> Answer:
        """Pause it. ``mode`` ``soft`` lets photos in flight finish, ``hard`` gives them back.

        >>> batch_id = bridge.start(photos, start_at="2999-01-01T00:00:00Z")["batch_id"]
        >>> try:
        ...     bridge.pause(batch_id)["status"]
        ... except BridgeError as error:
        ...     print(error.code, error.problem["batch_status"])
        illegal_transition pending
        """
        return self._post(_batch(batch_id, "pause"), _given(mode=mode, until=until, reason=reason))

    def resume(self, batch_id: str) -> Answer:
        """Go on with a paused batch.

        >>> batch_id = bridge.start(photos)["batch_id"]
        >>> bridge.wait(batch_id)["status"]
        'completed'
        >>> bridge.resume(batch_id)
        Traceback (most recent call last):
        photo_bridge.BridgeError: ...
        """
        return self._post(_batch(batch_id, "resume"))

    def cancel(self, batch_id: str) -> Answer:
        """End it for good. What is done stays.

        >>> batch_id = bridge.start(photos, start_at="2999-01-01T00:00:00Z")["batch_id"]
        >>> bridge.cancel(batch_id)["message"]
        'Batch cancelled successfully'
        """
        return self._post(_batch(batch_id, "cancel"))

    def retry(
        self,
        batch_id: str,
        codes: Optional[Sequence[str]] = None,
        config: Optional[Mapping[str, Any]] = None,
    ) -> Answer:
        """Try its failed photos again: all, or those of some reasons; with other values in ``config`` if given.

        >>> batch_id = bridge.start([damaged])["batch_id"]
        >>> bridge.wait(batch_id)["failed_count"]
        1
        >>> bridge.retry(batch_id)["message"]
        'Batch retry started'
        """
        return self._post(_batch(batch_id, "retry-failed"), _given(codes=codes, config=config))

    def priority(self, batch_id: str, priority: int) -> Answer:
        """Move it forward (10) or back (1).

        >>> batch_id = bridge.start(photos, start_at="2999-01-01T00:00:00Z")["batch_id"]
        >>> bridge.priority(batch_id, 9)["priority"]
        9
        """
        return self._post(_batch(batch_id, "priority"), {"priority": priority})

    def hold(self, batch_id: str, client: str, reason: str, lease_s: float) -> Answer:
        """Hold it back for up to ``lease_s`` seconds. The same ``client`` again renews it.

        >>> batch_id = bridge.start(photos, start_at="2999-01-01T00:00:00Z")["batch_id"]
        >>> "client:my-plugin" in [hold["owner"] for hold in bridge.hold(batch_id, "my-plugin", "exporting", 60)["holds"]]
        True
        """
        return self._post(_batch(batch_id, "hold"), {"client": client, "reason": reason, "lease_s": lease_s})

    def lift_hold(self, batch_id: str, client: str) -> Answer:
        """End that client's hold.

        >>> batch_id = bridge.start(photos, start_at="2999-01-01T00:00:00Z")["batch_id"]
        >>> holds = bridge.hold(batch_id, "my-plugin", "exporting", 60)["holds"]
        >>> bridge.lift_hold(batch_id, "my-plugin")["message"]
        'Hold lifted'
        """
        return self._json("DELETE", _batch(batch_id, "hold"), body={"client": client})

    def wait(self, batch_id: str, timeout: Optional[float] = None, patience: float = 30.0) -> Answer:
        """The status when it has ended, or after ``timeout`` seconds as it is then. For ``patience`` see ``watch``.

        >>> batch_id = bridge.start(photos)["batch_id"]
        >>> status = bridge.wait(batch_id)
        >>> status["status"], status["progress_percent"]
        ('completed', 100)
        """
        last = {}  # type: Answer
        for last in self._watch(batch_id, timeout, patience, None, True):
            pass
        return last

    def watch(
        self,
        batch_id: str,
        patience: float = 30.0,
        stop: Optional[threading.Event] = None,
    ) -> Generator[Answer, None, None]:
        """Its status now and after every change; the last one is final.

        A daemon that is away (a crash, a restart) is tried again for ``patience`` seconds. ``stop`` ends it at the next turn.

        >>> batch_id = bridge.start(photos)["batch_id"]
        >>> [status["status"] for status in bridge.watch(batch_id)][-1]
        'completed'
        """
        return self._watch(batch_id, None, patience, stop, False)

    def _watch(
        self,
        batch_id: str,
        timeout: Optional[float],
        patience: float,
        stop: Optional[threading.Event],
        always: bool,
    ) -> Generator[Answer, None, None]:
        end = None if timeout is None else time.monotonic() + timeout
        seq = None  # type: Optional[int]
        while not (stop is not None and stop.is_set()):
            left = _LONGEST_POLL_S if end is None else max(0.0, end - time.monotonic())
            poll_s = None if seq is None else min(left, _LONGEST_POLL_S if stop is None else 1.0)
            known = seq

            def ask() -> Answer:
                return self.status(batch_id, poll_s, known)

            # Never seen at all: the address or the id is wrong, and waiting would only hide it.
            status = self._patiently(ask, 0.0 if seq is None else patience, stop)
            if status is None:
                return
            if status["seq"] != seq or always:
                yield status
            seq = status["seq"]
            if status["status"] in FINAL_STATUSES or (end is not None and time.monotonic() >= end):
                return

    # Results

    def batch_photos(self, batch_id: str, status: Optional[str] = None) -> Iterator[Answer]:
        """What became of each photo, in the order of the start; ``status`` picks some, such as ``failed``.

        >>> batch_id = bridge.start(photos)["batch_id"]
        >>> done = bridge.wait(batch_id)
        >>> [photo["status"] for photo in bridge.batch_photos(batch_id)]
        ['processed', 'processed', 'processed']
        """
        return self._pages(_batch(batch_id, "photos"), "photos", _given(status=status))

    def results(self, batch_id: str) -> List[Answer]:
        """The same as one list, in one answer.

        >>> batch_id = bridge.start(photos)["batch_id"]
        >>> done = bridge.wait(batch_id)
        >>> [os.path.exists(photo["output"]["path"]) for photo in bridge.results(batch_id)]
        [True, True, True]
        """
        answer = self._get(_batch(batch_id, "results.json"))
        return answer["photos"]  # type: ignore[no-any-return]

    def results_csv(self, batch_id: str) -> str:
        """The same as a table with a header line (RFC 4180).

        >>> batch_id = bridge.start(photos)["batch_id"]
        >>> done = bridge.wait(batch_id)
        >>> bridge.results_csv(batch_id).splitlines()[0].split(",")[:4]
        ['photo_id', 'ref', 'path', 'status']
        """
        return self._bytes("GET", _batch(batch_id, "results.csv")).decode("utf-8")

    def log(self, batch_id: str, since: Optional[int] = None) -> List[Answer]:
        """Its log lines, of the daemon's present run; with ``since`` only those with a higher ``seq``.

        >>> batch_id = bridge.start(photos)["batch_id"]
        >>> bridge.log(batch_id)[0]["level"]
        'info'
        """
        answer = self._get(_batch(batch_id, "log"), _given(since=since))
        return answer["lines"]  # type: ignore[no-any-return]

    # Many batches

    def list_batches(self, status: Optional[str] = None) -> Iterator[Answer]:
        """All kept batches, newest first; ``status`` picks some.

        >>> batch_id = bridge.start(photos)["batch_id"]
        >>> next(bridge.list_batches())["batch_id"] == batch_id
        True
        """
        return self._pages("/batch/list", "batches", _given(status=status))

    def merge(self, batch_ids: Sequence[str]) -> Answer:
        """One new batch of what is left in paused or pending ones of equal config.

        >>> later = "2999-01-01T00:00:00Z"
        >>> two = [bridge.start(photos[:2], start_at=later)["batch_id"], bridge.start(photos[2:], start_at=later)["batch_id"]]
        >>> bridge.merge(two)["photo_count"]
        3
        """
        return self._post("/batch/merge", {"batch_ids": list(batch_ids)})

    def recover(self) -> Answer:
        """Which batches the last stop interrupted; they are paused and can be resumed.

        >>> bridge.recover()["message"]
        'Batch recovery completed'
        """
        return self._post("/batch/recover")

    def cleanup(self, days_old: Optional[float] = None, dry_run: Optional[bool] = None) -> Answer:
        """Forget batches that ended more than ``days_old`` (7) days ago. Never a photo, never an output.

        >>> bridge.cleanup(days_old=30, dry_run=True)["cleaned_count"]
        0
        """
        return self._post("/batch/cleanup", _given(days_old=days_old, dry_run=dry_run))

    # Photos

    def add_photos(
        self,
        paths: Optional[Iterable[PathLike]] = None,
        folder: Optional[PathLike] = None,
        glob: Optional[str] = None,
        recursive: Optional[bool] = None,
        skip_invalid: Optional[bool] = None,
    ) -> Answer:
        """Register photos: they get ids, in order; the same file gets the same id again.

        >>> added = bridge.add_photos(photos)
        >>> [photo["path"] for photo in added["photos"]] == [str(path) for path in photos]
        True
        """
        body = _given(glob=glob, recursive=recursive, skip_invalid=skip_invalid)
        if paths is not None:
            body["paths"] = [_path(path, "paths[%d]" % index) for index, path in enumerate(paths)]
        if folder is not None:
            body["folder"] = _path(folder, "folder")
        return self._post("/photos", body)

    def list_photos(self) -> Iterator[Answer]:
        """All registered photos.

        >>> ids = [photo["photo_id"] for photo in bridge.add_photos(photos)["photos"]]
        >>> set(ids) <= set(photo["photo_id"] for photo in bridge.list_photos())
        True
        """
        return self._pages("/photos", "photos", {})

    def photo(self, photo_id: int) -> Answer:
        """One registered photo.

        >>> photo_id = bridge.add_photos(photos)["photos"][0]["photo_id"]
        >>> bridge.photo(photo_id)["missing"]
        False
        """
        return self._get("/photos/%d" % photo_id)

    def thumbnail(self, photo_id: int, size: Optional[int] = None) -> bytes:
        """A JPEG of it, ``size`` pixels on its longer edge.

        >>> photo_id = bridge.add_photos(photos)["photos"][0]["photo_id"]
        >>> bridge.thumbnail(photo_id, 64)[:2] == b"\\xff\\xd8"
        True
        """
        return self._bytes("GET", "/photos/%d/thumbnail" % photo_id, _given(size=size))

    def preview(
        self,
        photo_id: int,
        preset: Optional[Union[str, Mapping[str, Any]]] = None,
        blend: Optional[float] = None,
        width: Optional[int] = None,
    ) -> bytes:
        """A JPEG of it with a look, ``width`` pixels wide.

        >>> photo_id = bridge.add_photos(photos)["photos"][0]["photo_id"]
        >>> bridge.preview(photo_id, "WhiteLayer_v4", blend=60, width=64)[:2] == b"\\xff\\xd8"
        True
        """
        body = _given(preset=preset, blend=blend, width=width)
        return self._bytes("POST", "/photos/%d/preview" % photo_id, body=body)

    # Presets and templates

    def presets(self) -> List[Answer]:
        """All presets.

        >>> "WhiteLayer_v4" in [preset["name"] for preset in bridge.presets()]
        True
        """
        return self._get("/presets")["presets"]  # type: ignore[no-any-return]

    def preset(self, name: str) -> Answer:
        """One preset, with what of it cannot be honoured.

        >>> bridge.preset("WhiteLayer_v4")["not_honoured"]
        []
        """
        return self._get("/presets/" + _quote(name))

    def templates(self) -> List[Answer]:
        """All templates: kept parts of a start.

        >>> saved = bridge.save_template("Web", {"config": {"preset": "WhiteLayer_v4"}})
        >>> [template["name"] for template in bridge.templates()]
        ['Web']
        """
        return self._get("/templates")["templates"]  # type: ignore[no-any-return]

    def template(self, name: str) -> Answer:
        """One template.

        >>> saved = bridge.save_template("Web", {"config": {"preset": "WhiteLayer_v4"}})
        >>> bridge.template("web")["start"]["config"]["preset"]
        'WhiteLayer_v4'
        """
        return self._get("/templates/" + _quote(name))

    def save_template(
        self,
        name: str,
        start: Mapping[str, Any],
        description: Optional[str] = None,
        if_exists: Optional[str] = None,
    ) -> Answer:
        """Keep a part of a start under a name; ``start(photos, template=name)`` uses it.

        >>> bridge.save_template("Web", {"config": {"preset": "WhiteLayer_v4", "blend": 60}})["message"]
        'Template saved'
        """
        body = dict(_given(description=description, if_exists=if_exists), name=name, start=start)
        return self._post("/templates", body)

    def remove_template(self, name: str) -> Answer:
        """Forget a template.

        >>> saved = bridge.save_template("Old", {"priority": 3})
        >>> bridge.remove_template("Old")["name"]
        'Old'
        """
        return self._json("DELETE", "/templates/" + _quote(name))

    # Content

    def load_content(self, records: Sequence[Mapping[str, Any]]) -> Answer:
        """Load content records, all or nothing; one that is known is replaced.

        >>> bridge.load_content([{"id": "c-1", "creator": "0xA11CE", "title": "Harbour", "price": 12.5}])["loaded"]
        1
        """
        return self._post("/content", list(records))

    def content(self, content_id: Content) -> Answer:
        """One content record.

        >>> loaded = bridge.load_content([{"id": "c-2", "creator": "0xA11CE", "price": 12.5}])
        >>> bridge.content("c-2")["price"]
        12.5
        """
        return self._get("/content/" + _quote(content_id))

    def update_price(self, content_ids: Sequence[Content], new_price: float, creator: str) -> Answer:
        """Start an operation that changes prices.

        >>> loaded = bridge.load_content([{"id": "c-3", "creator": "0xA11CE", "price": 12.5}])
        >>> bridge.update_price(["c-3"], 9.99, "0xA11CE")["totalItems"]
        1
        """
        body = {"contentIds": list(content_ids), "newPrice": new_price, "creator": creator}
        return self._post("/api/batches/batch-update-price", body)

    def remove_content(self, content_ids: Sequence[Content], creator: str, reason: Optional[str] = None) -> Answer:
        """Start an operation that removes content.

        >>> loaded = bridge.load_content([{"id": "c-4", "creator": "0xA11CE", "price": 12.5}])
        >>> bridge.remove_content(["c-4"], "0xA11CE", "sold out")["totalItems"]
        1
        """
        body = dict(_given(removalReason=reason), contentIds=list(content_ids), creator=creator)
        return self._post("/api/batches/batch-remove", body)

    def update_metadata(self, content_ids: Sequence[Content], updates: Mapping[str, Any], creator: str) -> Answer:
        """Start an operation that changes titles and other metadata.

        >>> loaded = bridge.load_content([{"id": "c-5", "creator": "0xA11CE", "price": 12.5}])
        >>> bridge.update_metadata(["c-5"], {"title": "Harbour at night"}, "0xA11CE")["totalItems"]
        1
        """
        body = {"contentIds": list(content_ids), "updates": updates, "creator": creator}
        return self._post("/api/batches/batch-update-metadata", body)

    def content_operation(self, batch_id: str) -> Answer:
        """One content operation.

        >>> loaded = bridge.load_content([{"id": "c-6", "creator": "0xA11CE", "price": 12.5}])
        >>> accepted = bridge.update_price(["c-6"], 9.99, "0xA11CE")
        >>> bridge.content_operation(accepted["batchId"])["operationType"]
        'update-price'
        """
        return self._get("/api/batches/" + _quote(batch_id))

    def content_operations(
        self, creator: str, limit: Optional[int] = None, skip: Optional[int] = None
    ) -> Answer:
        """The content operations of one creator.

        >>> bridge.content_operations("0xNOBODY")["total"]
        0
        """
        return self._get("/api/batches/creator/" + _quote(creator), _given(limit=limit, skip=skip))

    def mirror(self) -> Answer:
        """How many changes of content wait for the mirror.

        >>> bridge.mirror()["waiting"]
        0
        """
        return self._get("/mirror")

    def retry_mirror(self) -> Answer:
        """Send the mirror what it has not got yet; refused where no mirror is set.

        >>> try:
        ...     bridge.retry_mirror()["left"]
        ... except BridgeError as error:
        ...     print(0)
        0
        """
        return self._post("/mirror/retry")

    # Events

    def events(
        self,
        since: Optional[int] = None,
        batch_id: Optional[str] = None,
        patience: Optional[float] = None,
        stop: Optional[threading.Event] = None,
    ) -> Iterator[Answer]:
        """All events after ``since``, or from this call on, one by one, for ever.

        It goes on after a crash or restart of the daemon and asks for what it missed meanwhile. Events that are kept no longer
        are told by one ``{"type": "resync"}``: read the states anew; what is still kept follows. Keep an event's ``seq``
        to go on from there later. ``patience``: seconds after which a daemon that is away is an error; default never.
        ``stop`` ends it within some seconds.

        >>> events = bridge.events()
        >>> batch_id = bridge.start(photos)["batch_id"]
        >>> for event in events:
        ...     if event["type"] == "batch_completed" and event["batch_id"] == batch_id:
        ...         break
        >>> event["processed_count"]
        3
        """
        if since is None:
            since = int(self.poll_events(timeout_s=0)["seq"])
        return self._events(since, batch_id, patience, stop)

    def _events(
        self, since: int, batch_id: Optional[str], patience: Optional[float], stop: Optional[threading.Event]
    ) -> Iterator[Answer]:
        while not (stop is not None and stop.is_set()):
            at = since

            def ask() -> Answer:
                return self.poll_events(at, _LONGEST_POLL_S if stop is None else 1.0, batch_id)

            answer = self._patiently(ask, patience, stop)
            if answer is None:
                return
            if answer.get("resync"):
                yield {"type": "resync", "seq": answer["oldest"]}
                since = int(answer["oldest"])
                continue
            for event in answer["events"]:
                yield event
            since = int(answer["seq"])

    def poll_events(
        self,
        since: Optional[int] = None,
        timeout_s: Optional[float] = None,
        batch_id: Optional[str] = None,
    ) -> Answer:
        """One long poll: ``{"events": [...], "seq": ...}``; ``seq`` is the next one's ``since``.

        >>> bridge.poll_events(timeout_s=0)["events"]
        []
        """
        return self._get("/events", _given(since=since, timeout_s=timeout_s, batch_id=batch_id))

    # The daemon

    def health(self) -> Answer:
        """Whether it lives. Never waits behind work.

        >>> bridge.health()["live"]
        True
        """
        return self._get("/health")

    def ready(self) -> Answer:
        """Whether it takes batches; refused with ``unavailable`` when it does not.

        >>> bridge.ready()["state"]
        'ready'
        """
        return self._get("/health/ready")

    def version(self) -> Answer:
        """Its version and that of what it works with.

        >>> sorted(bridge.version())[:3]
        ['api', 'libvips', 'node']
        """
        return self._get("/version")

    def resources(self) -> Answer:
        """Load of the machine, and how many photos it works on at once because of it.

        >>> bridge.resources()["limit"] >= 1
        True
        """
        return self._get("/resources")

    def metrics(self) -> str:
        """Its figures in Prometheus' text format.

        >>> "# TYPE" in bridge.metrics()
        True
        """
        return self._bytes("GET", "/metrics").decode("utf-8")

    def settings(self) -> Answer:
        """All settings with their origins.

        >>> bridge.settings()["problems"]
        []
        """
        return self._get("/settings")

    def change_settings(self, patch: Mapping[str, Any]) -> Answer:
        """Change settings, all or nothing; None brings a default back.

        >>> bridge.change_settings({"limits": {"body_mb": 2}})["changed"]
        ['limits.body_mb']
        """
        return self._json("PATCH", "/settings", body=patch)

    def openapi(self) -> Answer:
        """The description of all routes.

        >>> bridge.openapi()["openapi"][:3]
        '3.1'
        """
        return self._get("/openapi.json")

    # One exchange

    def _get(self, path: str, query: Optional[Mapping[str, Any]] = None) -> Answer:
        return self._json("GET", path, query)

    def _post(self, path: str, body: Any = None, headers: Optional[Mapping[str, str]] = None) -> Answer:
        return self._json("POST", path, None, {} if body is None else body, headers)

    def _pages(self, path: str, member: str, query: Mapping[str, Any]) -> Iterator[Answer]:
        cursor = None  # type: Optional[str]
        while True:
            page = self._get(path, dict(query, limit=_PAGE, cursor=cursor))
            for element in page[member]:
                yield element
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def _json(
        self,
        method: str,
        path: str,
        query: Optional[Mapping[str, Any]] = None,
        body: Any = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> Answer:
        data = self._bytes(method, path, query, body, headers)
        try:
            answer = json.loads(data.decode("utf-8"))
        except ValueError:
            raise BridgeError("%s answers no JSON: is it a Photo Bridge?" % self._url, "unknown", 200) from None
        return answer  # type: ignore[no-any-return]

    def _bytes(
        self,
        method: str,
        path: str,
        query: Optional[Mapping[str, Any]] = None,
        body: Any = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> bytes:
        pairs = [(name, str(value)) for name, value in (query or {}).items() if value is not None]
        target = path + ("?" + urllib.parse.urlencode(pairs) if pairs else "")
        sent = {"Accept": "application/json, */*;q=0.5"}
        sent.update(headers or {})
        text = None if body is None else json.dumps(body, allow_nan=False).encode("ascii")
        if text is not None:
            sent["Content-Type"] = "application/json"
        if self._token:
            sent["Authorization"] = "Bearer " + self._token
        url = self._url
        try:
            status, data = _exchange(url, method, target, text, sent, self._timeout)
        except (OSError, http.client.HTTPException) as cause:
            if self._given is None:
                # After a restart it may be elsewhere: the next call goes there.
                self._url = find_url(self._data_dir)
            reason = str(cause) or type(cause).__name__
            message = "No Photo Bridge daemon answers at %s (%s)" % (url, reason)
            raise BridgeError(message, "unreachable", 0, None, _REMEDIES["unreachable"]) from cause
        if 200 <= status < 300:
            return data
        raise _refusal(status, data)

    def _patiently(
        self, ask: Callable[[], _T], patience: Optional[float], stop: Optional[threading.Event]
    ) -> Optional[_T]:
        """What ``ask`` answers, tried again while the daemon is away; None when ``stop`` was set meanwhile."""
        began = time.monotonic()
        delay = 0.25
        while True:
            try:
                return ask()
            except BridgeError as error:
                if not error.is_passing:
                    raise
                if patience is not None and time.monotonic() - began >= patience:
                    raise
            if stop is None:
                time.sleep(delay)
            elif stop.wait(delay):
                return None
            delay = min(delay * 2, 5.0)


def _exchange(
    url: str, method: str, target: str, body: Optional[bytes], headers: Mapping[str, str], timeout: float
) -> Any:
    """Status and body. A connection of its own each time: nothing is shared between threads, no proxy stands between."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BridgeError("%r is no address of a daemon: it begins with http://" % url, "invalid_url", 0)
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=_CONNECT_S, context=ssl.create_default_context()
        )  # type: http.client.HTTPConnection
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=_CONNECT_S)
    try:
        connection.connect()
        connection.sock.settimeout(timeout)
        connection.request(method, parts.path + target, body, dict(headers, Connection="close"))
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _refusal(status: int, data: bytes) -> BridgeError:
    try:
        problem = json.loads(data.decode("utf-8"))
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    code = str(problem.get("code") or "unknown")
    message = str(problem.get("detail") or problem.get("error") or "The daemon answered %d" % status)
    # Where several are wrong, the first: of a body under `errors`, of settings under `problems`.
    listed = problem.get("errors") or problem.get("problems")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    field = problem.get("field") or first.get("field") or first.get("setting")
    remedy = first.get("remedy") or _remedy(code, problem)
    return BridgeError(message, code, status, str(field) if field else None, remedy, problem)


def _remedy(code: str, problem: Mapping[str, Any]) -> Optional[str]:
    actions = problem.get("allowed_actions")
    if isinstance(actions, list):
        return "Possible now: %s." % ", ".join(map(str, actions)) if actions else "Nothing can be done with it any more."
    return _REMEDIES.get(code)


def _given(**values: Any) -> Answer:
    return {name: value for name, value in values.items() if value is not None}


def _batch(batch_id: str, action: str) -> str:
    return "/batch/%s/%s" % (_quote(batch_id), action)


def _quote(text: Any) -> str:
    return urllib.parse.quote(str(text), safe="")


def _path(path: Any, field: str) -> str:
    """Whole and as text. A name that is not UTF-8 cannot be told in JSON: another file could be meant by what would arrive."""
    try:
        text = os.path.abspath(os.fsdecode(path))
    except TypeError:
        raise BridgeError("%s must be a path, not %r" % (field, path), "bad_request", 400, field) from None
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        shown = text.encode("utf-8", "backslashreplace").decode("ascii", "replace")
        message = "%s has a name that is not UTF-8: %s" % (field, shown)
        raise BridgeError(message, "invalid_path", 422, field, "Rename the file, or add its whole folder.") from None
    return text


def _start_body(
    photos: Any, folder: Any, glob: Any, preset: Any, blend: Any, output: Any, config: Any, fields: Mapping[str, Any]
) -> Answer:
    body = dict(fields)
    if isinstance(photos, (str, bytes)) or hasattr(photos, "__fspath__"):
        photos = [photos]
    if photos is not None:
        chosen = list(photos)
        if all(isinstance(photo, int) for photo in chosen):
            body["photo_ids"] = chosen
        else:
            body["photos"] = [_photo(photo, "photos[%d]" % index) for index, photo in enumerate(chosen)]
    if folder is not None:
        body["select"] = dict(_given(glob=glob), folder=_path(folder, "folder"))
    look = _given(preset=preset, blend=blend, output=output)
    if "folder" in look.get("output", {}):
        look["output"] = dict(look["output"], folder=_path(look["output"]["folder"], "output.folder"))
    if config is not None or look:
        body["config"] = dict(config or {}, **look)
    return body


def _photo(photo: Any, field: str) -> Answer:
    if isinstance(photo, Mapping):
        return dict(photo, path=_path(photo.get("path"), field + ".path"))
    if isinstance(photo, int):
        raise BridgeError("photos must be all ids or all paths", "bad_request", 400, field)
    return {"path": _path(photo, field)}


# As a program


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="photo_bridge.py", description="Photo batches on this machine.")
    parser.add_argument("--url", help="address of the daemon; default: found by itself")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    verbs.required = True
    start = verbs.add_parser("start", help="start a batch of a folder's photos")
    start.add_argument("folder")
    start.add_argument("--preset")
    start.add_argument("--blend", type=float, help="0 to 100")
    start.add_argument("--glob", help="only files that fit, such as '*.jpg'")
    start.add_argument("--output", metavar="FOLDER")
    start.add_argument("--wait", action="store_true", help="until it has ended")
    for verb, words in (
        ("status", "one batch as JSON"),
        ("wait", "wait until it has ended"),
        ("pause", "pause it"),
        ("resume", "go on with it"),
        ("cancel", "end it for good"),
        ("retry", "try its failed photos again"),
    ):
        verbs.add_parser(verb, help=words).add_argument("batch_id")
    verbs.add_parser("list", help="all kept batches")
    return parser


def _run(bridge: PhotoBridge, args: argparse.Namespace) -> int:
    say = sys.stdout.write
    if args.verb == "list":
        for batch in bridge.list_batches():
            say("%s %-9s %5.1f %%\n" % (batch["batch_id"], batch["status"], batch["progress_percent"]))
        return 0
    if args.verb == "start":
        output = None if args.output is None else {"folder": args.output}
        started = bridge.start(
            folder=args.folder, glob=args.glob, preset=args.preset, blend=args.blend, output=output
        )
        say("%s %d photos\n" % (started["batch_id"], started["photo_count"]))
        return _report(bridge.wait(started["batch_id"])) if args.wait else 0
    if args.verb == "status":
        say(json.dumps(bridge.status(args.batch_id), indent=2) + "\n")
        return 0
    if args.verb == "wait":
        return _report(bridge.wait(args.batch_id))
    say(getattr(bridge, args.verb)(args.batch_id)["message"] + "\n")
    return 0


def _report(status: Answer) -> int:
    """6: some failed, 7: all failed or the batch did, as the program photo-bridge ends."""
    failed, done = status["failed_count"], status["processed_count"]
    sys.stdout.write("%s: %d done, %d failed\n" % (status["status"], done, failed))
    if status["status"] == "failed" or (failed > 0 and done == 0):
        return 7
    return 6 if failed > 0 else 0


def main(argv: Optional[Sequence[str]] = None) -> int:
    """The program; answers its exit code: 0 done, 1 refused, 2 usage, 3 no daemon, 4 no such thing, 5 wrong state.

    >>> main(["pause", "batch_000000000000"])
    4
    """
    args = _parser().parse_args(argv)
    try:
        return _run(PhotoBridge(args.url), args)
    except BridgeError as error:
        sys.stderr.write("error: %s\n" % error + ("%s\n" % error.remedy if error.remedy else ""))
        return {0: 3, 404: 4, 409: 5}.get(error.status, 1)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
