// The attacks that need no document: they run in pages, sandboxed frames, workers and service workers. `plan` tells the
// addresses to try, the victims and what to send; every attack ends in one line {where, kind, base, read, opened, session}.
// `read` counts all that could be read but the guard's own refusal, whose code is in `told`.

const PATIENCE_MS = 5000;
/** Only for JSON the browser asks first. */
const bodies = [
  ['text/plain', 'no-cors'],
  ['application/x-www-form-urlencoded', 'no-cors'],
  ['multipart/form-data', 'no-cors'],
  ['application/json', 'cors'],
  [null, 'no-cors'],
];

function withPatience(promise, patienceMs) {
  return Promise.race([
    promise,
    new Promise((resolve) => setTimeout(() => resolve({ late: true }), patienceMs)),
  ]);
}

/** So many at a time: a page that asks for everything at once gets nothing done. */
function createTurns(count) {
  const waiting = [];
  let free = count;
  return {
    async take() {
      if (free > 0) free -= 1;
      else await new Promise((resolve) => waiting.push(resolve));
    },
    give() {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}

function toReading(text) {
  const told = /"code":"(misdirected_host|forbidden_origin|unsupported_media_type)"/.exec(text)?.[1];
  return told === undefined ? { read: text.length } : { told };
}

/** Every start is another session, so that the daemon's own list tells which attack came through. */
// biome-ignore lint/correctness/noUnusedVariables: what is put together with this file calls it.
function createRequestAttacks(plan, where) {
  const lines = [];
  const turns = createTurns(plan.turns);
  let session = plan.firstSession;
  const startBody = () => {
    session += 1;
    return { session, text: JSON.stringify({ photo_ids: [1], session_id: session, start_at: plan.startAt }) };
  };

  async function attempt(kind, base, act) {
    const line = { where, kind, base, read: 0, opened: 0 };
    lines.push(line);
    await turns.take();
    try {
      Object.assign(line, await withPatience(Promise.resolve(act(line)), PATIENCE_MS));
    } catch {
      // A refusal is all the page learns.
    }
    turns.give();
  }

  const readText = async (answer) => toReading(await answer.text());

  async function fetchAttacks(base) {
    const url = (path) => `${base}${path}`;
    const jobs = [];
    for (const path of plan.paths) {
      jobs.push(attempt('fetch', base, async () => readText(await fetch(url(path)))));
      jobs.push(
        attempt('fetch no-cors', base, async () => readText(await fetch(url(path), { mode: 'no-cors' }))),
      );
    }
    jobs.push(
      attempt('fetch with credentials', base, async () =>
        readText(await fetch(url('/photos'), { credentials: 'include' })),
      ),
      attempt('fetch of the loopback', base, async () =>
        readText(await fetch(url('/photos'), { targetAddressSpace: 'loopback' })),
      ),
    );
    for (const method of ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const path = method === 'POST' ? `/batch/${plan.victims.fetch}/cancel` : '/photos';
      jobs.push(attempt(`fetch ${method}`, base, async () => readText(await fetch(url(path), { method }))));
    }
    for (const [type, mode] of bodies) {
      jobs.push(
        attempt(`fetch ${mode} body ${type}`, base, async (line) => {
          const { session: id, text } = startBody();
          line.session = id;
          const headers = type === null ? {} : { 'content-type': type };
          const body = new TextEncoder().encode(text);
          const init = { method: 'POST', mode, credentials: 'include', headers, body };
          return readText(await fetch(url('/batch/start'), init));
        }),
      );
    }
    await Promise.all(jobs);
  }

  function socketAttack(base) {
    return attempt('WebSocket', base, (line) => {
      return new Promise((resolve) => {
        const socket = new WebSocket(`${base.replace('http', 'ws')}/ws`);
        socket.onopen = () => {
          line.opened = 1;
        };
        socket.onmessage = ({ data }) => {
          resolve({ read: data.length });
          socket.close();
        };
        socket.onerror = () => resolve({});
      });
    });
  }

  function eventSourceAttack(base) {
    if (typeof EventSource === 'undefined') return null;
    return attempt('EventSource', base, (line) => {
      return new Promise((resolve) => {
        const source = new EventSource(`${base}/events?since=0&timeout_s=0`, { withCredentials: true });
        source.onopen = () => {
          line.opened = 1;
        };
        source.onmessage = ({ data }) => resolve({ read: data.length });
        source.onerror = () => {
          source.close();
          resolve({});
        };
      });
    });
  }

  return {
    lines,
    attempt,
    startBody,
    async run(bases) {
      await Promise.all(
        bases.flatMap((base) => [fetchAttacks(base), socketAttack(base), eventSourceAttack(base)]),
      );
      return lines;
    },
  };
}
