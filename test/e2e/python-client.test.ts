import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { begin, file, python, run, slow } from './python-scripts.ts';
import { createFolder, makePhotos, waitForEnd } from './support.ts';

/** For all that neither kills it nor sets it up in its own way. */
let daemon: TestDaemon;
beforeAll(async () => {
  daemon = await spawnDaemon();
});
afterAll(async () => {
  await daemon?.stop();
});

describe('the Python client', { timeout: 120_000 }, () => {
  it('keeps the promises of its examples, and has one for every method', async () => {
    const folder = await createFolder();
    const paths = await makePhotos(folder, 3);
    const damaged = join(await createFolder(), 'damaged.jpg');
    await writeFile(damaged, Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]));
    const script = `
import doctest, inspect, json, os, sys
import photo_bridge
globs = dict(vars(photo_bridge), folder=sys.argv[1], photos=sys.argv[3:], damaged=sys.argv[2], bridge=photo_bridge.PhotoBridge())
flags = doctest.IGNORE_EXCEPTION_DETAIL | doctest.ELLIPSIS
failed, tried = doctest.testmod(photo_bridge, extraglobs=globs, optionflags=flags)
members = [member for name, member in vars(photo_bridge.PhotoBridge).items() if not name.startswith("_")]
bare = [str(member) for member in members if ">>>" not in (inspect.getdoc(member) or "")]
sys.stderr.write(json.dumps([failed, tried > 100, len(members) > 40, bare]))
`;
    const said = await python(['-c', script, folder, damaged, ...paths], {
      PHOTO_BRIDGE_DATA_DIR: daemon.dataDir,
    });
    expect(said.stdout).toBe('');
    expect(said.stderr.split('\n').at(-1)).toBe('[0, true, true, []]');
  });

  it('is one file that Python 3.6 can read, with nothing but the standard library', async () => {
    const script = `
import ast, json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    tree = ast.parse(file.read(), feature_version=(3, 6))
names = set()
for node in ast.walk(tree):
    if isinstance(node, ast.Import): names.update(alias.name.split(".")[0] for alias in node.names)
    if isinstance(node, ast.ImportFrom): names.add((node.module or "").split(".")[0])
calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"]
print(json.dumps([sorted(names - set(sys.stdlib_module_names)), len(calls)]))
`;
    expect(await python(['-c', script, file])).toEqual({ code: 0, stdout: '[[], 0]\n', stderr: '' });
  });

  it('pauses, resumes and finishes a batch', async () => {
    const photos = await makePhotos(await createFolder(), 8, slow);
    const script = `
batch_id = bridge.start(sys.argv[1:], blend=60, preset="WhiteLayer_v4", session_id=7)["batch_id"]
said = [bridge.pause(batch_id, mode="hard", reason="lunch")["status"], bridge.status(batch_id)["status"]]
paused = bridge.wait(batch_id, timeout=0.2)["status"]
said += [paused, [hold["reason"] for hold in bridge.status(batch_id)["holds"]]]
said += [bridge.resume(batch_id)["status"], bridge.wait(batch_id)["status"]]
print(json.dumps(said + [len(bridge.results(batch_id)), bridge.status(batch_id)["session_id"]]))
`;
    const said = (await run(daemon, script, ...photos)) as unknown[];
    expect([...said.slice(0, 3), ...said.slice(4)]).toEqual([
      'paused',
      'paused',
      'paused',
      'running',
      'completed',
      8,
      7,
    ]);
  });

  it('starts once with one key, whatever is lost', async () => {
    const photos = await makePhotos(await createFolder(), 2);
    const script = `
ids = {bridge.start(sys.argv[1:], idempotency_key="import-7")["batch_id"] for _ in range(3)}
try:
    bridge.start(sys.argv[1:2], idempotency_key="import-7")
except BridgeError as error:
    print(json.dumps([len(ids), error.code, error.status, error.remedy]))
`;
    expect(await run(daemon, script, ...photos)).toEqual([
      1,
      'idempotency_mismatch',
      422,
      'Use a new idempotency_key for another start.',
    ]);
  });

  it('goes on with its events after kill -9 and misses nothing that is kept', async () => {
    const first = await spawnDaemon();
    const photos = await makePhotos(await createFolder(), 12, slow);
    const script = `
events = bridge.events()
print(json.dumps("listening"), flush=True)
for event in events:
    print(json.dumps([event["type"], event["seq"], event.get("batch_id")]), flush=True)
    if event["type"] == "batch_completed": break
`;
    const listener = begin(script, { PHOTO_BRIDGE_DATA_DIR: first.dataDir });
    expect(await listener.next()).toBe('listening');
    const { batch_id } = await first.client.batches.start({ photos: photos.map((path) => ({ path })) });
    expect(await listener.next()).toMatchObject(['batch_started', expect.any(Number), batch_id]);
    await first.kill('SIGKILL');
    // On another port: the client finds it by the note in the data folder.
    const second = await spawnDaemon({ dataDir: first.dataDir });
    expect(second.port).not.toBe(first.port);
    await second.client.batches.recover();
    await second.client.batches.resume(batch_id);
    await waitForEnd(second.client, batch_id);
    const heard = (await listener.rest()) as [string, number, string][];
    const resync = heard.findIndex(([type]) => type === 'resync');
    expect(resync).not.toBe(-1);
    const kept = await second.client.pollEvents({ since: 0, timeout_s: 0 });
    const told = kept.events.map(({ type, seq }) => [type, seq] as const);
    const after = heard.slice(resync + 1).map(([type, seq]) => [type, seq] as const);
    // Superseded progress may have gone from the log meanwhile, nothing else may differ.
    const isStep = ([type]: readonly [string, number]) => type !== 'batch_progress';
    const end = told.findIndex(([type]) => type === 'batch_completed');
    expect(after.filter(isStep)).toEqual(told.slice(0, end + 1).filter(isStep));
    expect(after.at(-1)?.[0]).toBe('batch_completed');
    const numbers = heard.filter(([type]) => type !== 'resync').map(([, seq]) => seq);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  it('replays what came after an event of before', async () => {
    const photos = await makePhotos(await createFolder(), 3);
    const script = `
at = bridge.poll_events(timeout_s=0)["seq"]
batch_id = bridge.start(sys.argv[1:])["batch_id"]
bridge.wait(batch_id)
heard = []
for event in bridge.events(since=at, batch_id=batch_id):
    heard.append(event["type"])
    if event["type"] == "batch_completed": break
stop = threading.Event()
threading.Timer(0.3, stop.set).start()
quiet = list(bridge.events(stop=stop))
print(json.dumps([heard[0], heard[-1], "photos_settled" in heard, quiet]))
`;
    expect(await run(daemon, script, ...photos)).toEqual(['batch_started', 'batch_completed', true, []]);
  });

  it('watches a batch to its end through kill -9 and a restart', async () => {
    const first = await spawnDaemon({ settings: { recovery: { on_start: 'resume' } } });
    const photos = await makePhotos(await createFolder(), 12, slow);
    const { batch_id } = await first.client.batches.start({ photos: photos.map((path) => ({ path })) });
    const script = `
for status in bridge.watch(${JSON.stringify(batch_id)}):
    print(json.dumps([status["status"], status["processed_count"], status["seq"]]), flush=True)
`;
    const watcher = begin(script, { PHOTO_BRIDGE_DATA_DIR: first.dataDir });
    await watcher.next();
    await first.kill('SIGKILL');
    await spawnDaemon({ dataDir: first.dataDir, settings: { recovery: { on_start: 'resume' } } });
    const seen = (await watcher.rest()) as [string, number, number][];
    expect(seen.at(-1)).toMatchObject(['completed', 12, expect.any(Number)]);
    const numbers = seen.map(([, , seq]) => seq);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  it('gives up on a daemon that stays away, and says what to do', async () => {
    const daemon = await spawnDaemon();
    await daemon.stop();
    const script = `
said = []
for ask in (bridge.health, bridge.events, lambda: bridge.wait("batch_000000000000"), lambda: next(bridge.events(since=1, patience=0.5))):
    try:
        ask()
    except BridgeError as error:
        said.append([error.code, error.status, error.is_passing, "photo-bridge serve" in error.remedy])
print(json.dumps(said))
`;
    const away = ['unreachable', 0, true, true];
    expect(await run(daemon, script)).toEqual([away, away, away, away]);
  });

  it('tells refusals with code, status, field and remedy', async () => {
    const photos = await makePhotos(await createFolder(), 1);
    const script = `
import pickle
batch_id = bridge.start(sys.argv[1:])["batch_id"]
bridge.wait(batch_id)
def tell(ask):
    try:
        ask()
    except BridgeError as error:
        again = pickle.loads(pickle.dumps(error))
        assert (again.code, str(again)) == (error.code, str(error))
        return [error.code, error.status, error.field, error.remedy, str(error)[:40]]
print(json.dumps([tell(ask) for ask in (
    lambda: bridge.pause(batch_id),
    lambda: bridge.start([999999]),
    lambda: bridge.start(sys.argv[1:], preset="WhiteLayer"),
    lambda: bridge.start(sys.argv[1:], config={"blend": "much"}),
    lambda: bridge.start(sys.argv[1:], colour="red"),
    lambda: bridge.start([1, "a.jpg"]),
    lambda: bridge.start([3.5]),
    lambda: bridge.start(["/no/such/photo.jpg"]),
    lambda: bridge.preset("a/b c?d"),
    lambda: bridge.status("batch_x/../../health"),
    lambda: bridge.change_settings({"limits": {"body_mb": "much"}}),
    lambda: PhotoBridge("ftp://example.com").health(),
    lambda: PhotoBridge(bridge.url.replace("127.0.0.1", "127.0.0.2")).health(),
)]))
`;
    const [pause, ids, preset, blend, key, mixed, number, path, named, id, setting, scheme, host] =
      (await run(daemon, script, ...photos)) as [string, number, string | null, string | null, string][];
    expect(pause).toEqual([
      'illegal_transition',
      409,
      null,
      expect.stringMatching(/^(Possible now|Nothing)/),
      expect.any(String),
    ]);
    expect(ids?.slice(0, 2)).toEqual(['unknown_photo_ids', 422]);
    expect(preset?.slice(0, 4)).toEqual(['unknown_preset', 422, null, 'presets() has all presets.']);
    expect(blend?.slice(0, 3)).toEqual(['bad_request', 400, 'config.blend']);
    expect(key?.slice(0, 3)).toEqual(['bad_request', 400, 'colour']);
    expect(mixed?.slice(0, 3)).toEqual(['bad_request', 400, 'photos[0]']);
    expect(number?.slice(0, 3)).toEqual(['bad_request', 400, 'photos[0]']);
    expect([path?.[1], path?.[3]]).toEqual([422, expect.any(String)]);
    expect(named?.slice(0, 2)).toEqual(['preset_not_found', 404]);
    expect(id?.slice(0, 2)).toEqual(['batch_not_found', 404]);
    expect(setting?.slice(0, 4)).toEqual(['unprocessable', 422, 'limits.body_mb', expect.any(String)]);
    expect(scheme?.slice(0, 2)).toEqual(['invalid_url', 0]);
    expect(host?.slice(0, 2)).toBeOneOf([
      ['misdirected_host', 421],
      ['unreachable', 0],
    ]);
  });

  it('takes paths of any script, as text, bytes or Path, whole or not', async () => {
    const folder = await createFolder();
    const deep = join(folder, 'Żółć – 写真 😀 = a\tb');
    await mkdir(deep);
    const [one = '', two = '', three = ''] = await makePhotos(folder, 3);
    const paths = [join(deep, 'ä.jpg'), join(deep, "it's 100 %.jpg"), join(deep, 'ö\\n.jpg')] as const;
    for (const [index, path] of [one, two, three].entries()) await rename(path, paths[index]!);
    const script = `
import pathlib
os.chdir(sys.argv[1])
given = [os.path.basename(sys.argv[2]), pathlib.Path(sys.argv[3]), os.fsencode(sys.argv[4])]
added = [photo["path"] for photo in bridge.add_photos(given)["photos"]]
batch_id = bridge.start(given, output={"folder": "out ü"})["batch_id"]
status = bridge.wait(batch_id)
print(json.dumps([added, status["processed_count"], sorted(os.listdir("out ü")), bridge.results(batch_id)[2]["path"]]))
`;
    expect(await run(daemon, script, deep, ...paths)).toEqual([
      [...paths],
      3,
      expect.arrayContaining(['ä.jpg']),
      paths[2],
    ]);
  });

  it('refuses a name that is no text before another file can be meant by it', async () => {
    const folder = await createFolder();
    const [photo = ''] = await makePhotos(folder, 1);
    // What a careless program would send for the bytes "caf\xe9.jpg" names this file.
    await rename(photo, join(folder, 'caf\ufffd.jpg'));
    const script = `
broken = os.path.join(os.fsencode(sys.argv[1]), b"caf\\xe9.jpg")
os.link(os.path.join(sys.argv[1], "caf\\ufffd.jpg"), broken)
said = []
for ask in (lambda: bridge.add_photos([broken]), lambda: bridge.start([os.fsdecode(broken)]), lambda: bridge.start([{"path": broken, "ref": 1}])):
    try:
        ask()
    except BridgeError as error:
        said.append([error.code, error.field, str(error).encode("ascii").decode()[-12:]])
print(json.dumps([said, [photo for photo in bridge.list_photos() if sys.argv[1] in photo["path"]]]))
`;
    expect(await run(daemon, script, folder)).toEqual([
      ['paths[0]', 'photos[0]', 'photos[0].path'].map((field) => ['invalid_path', field, 'af\\udce9.jpg']),
      [],
    ]);
  });

  it('may be used by many threads at once', async () => {
    const photos = await makePhotos(await createFolder(), 4);
    const script = `
ends = []
def work(path):
    batch_id = bridge.start([path])["batch_id"]
    ends.append([bridge.wait(batch_id)["status"], bridge.results(batch_id)[0]["path"] == path])
threads = [threading.Thread(target=work, args=(path,)) for path in sys.argv[1:] * 3]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(ends))
`;
    const ends = (await run(daemon, script, ...photos)) as unknown[];
    expect(ends).toEqual(Array.from({ length: 12 }, () => ['completed', true]));
  });

  it('shows the token where one is needed', async () => {
    const folder = await createFolder();
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'a-token-of-forty-characters-for-the-test', { mode: 0o600 });
    const daemon = await spawnDaemon({
      settings: { server: { host: '0.0.0.0' }, security: { token_file: tokenFile, same_user_only: false } },
    });
    const script = `
import unittest.mock, http.client
sent = []
real = http.client.HTTPConnection.request
def spy(self, method, url, body=None, headers={}, **more):
    sent.append(headers.get("Authorization"))
    return real(self, method, url, body, headers, **more)
with unittest.mock.patch.object(http.client.HTTPConnection, "request", spy):
    said = [PhotoBridge(token="a-token-of-forty-characters-for-the-test").health()["status"], bridge.health()["status"]]
print(json.dumps([said, sent]))
`;
    expect(await run(daemon, script)).toEqual([
      ['ok', 'ok'],
      ['Bearer a-token-of-forty-characters-for-the-test', null],
    ]);
  });

  it('is a small program of its own', async () => {
    const folder = await createFolder();
    await makePhotos(folder, 3);
    const output = join(await createFolder(), 'out');
    await mkdir(output);
    const env = { PHOTO_BRIDGE_URL: daemon.url };
    const started = await python(
      [file, 'start', folder, '--preset', 'WhiteLayer_v4', '--blend', '60', '--output', output, '--wait'],
      env,
    );
    expect([started.code, started.stderr]).toEqual([0, '']);
    expect(started.stdout).toMatch(/^batch_[0-9a-f]{12} 3 photos\ncompleted: 3 done, 0 failed\n$/);
    const batchId = started.stdout.slice(0, 18);
    expect((await python([file, 'list'], env)).stdout).toMatch(new RegExp(`^${batchId} completed 100.0 %\n`));
    expect(JSON.parse((await python([file, 'status', batchId], env)).stdout)).toMatchObject({
      batch_id: batchId,
    });
    const wrong = await python([file, 'resume', batchId], env);
    expect([wrong.code, wrong.stdout, wrong.stderr]).toEqual([
      5,
      '',
      expect.stringMatching(/^error: Failed to resume/),
    ]);
    expect((await python([file, 'pause', 'batch_000000000000'], env)).code).toBe(4);
    expect((await python([file, 'dance'], env)).code).toBe(2);
    expect((await python([file, '--url', 'http://127.0.0.1:1', 'list'], env)).code).toBe(3);
  });
});
