/** Requests made from the schemas of every route, and then spoilt, to a real daemon: no fault of its own, no change by what it refuses. */
import { type IncomingHttpHeaders, request } from 'node:http';
import fc from 'fast-check';
import { toArbitrary, toText, wildKeys } from './arbitrary-json.ts';
import { count, type FuzzCampaign, type FuzzFigures, type FuzzOptions, noFigures } from './campaign.ts';
import { type Route, routeTable } from './route-table.ts';
import { openStage, type Stage } from './stage.ts';

/** A round has a daemon of its own. What a round found comes back with its seed, from its first request on. */
const ROUND = 400;
const PATIENCE_MS = 15_000;

export const routes: FuzzCampaign = {
  name: 'routes',
  what: 'requests made from the schemas of every route, and then spoilt, to a real daemon',
  missing: async () => (process.platform === 'linux' ? null : 'processes are looked at in /proc'),
  run: (options) => runRoutes(options),
};

export type Sabotage = {
  /** Between an answer and the look at what it changed. For controls. */
  meanwhile?: (stage: Stage) => Promise<unknown>;
  env?: Record<string, string>;
};

export async function runRoutes(
  { seed, goesOn }: FuzzOptions,
  sabotage: Sabotage = {},
): Promise<FuzzFigures> {
  const figures = noFigures();
  for (let round = 0; goesOn(figures.cases) && figures.problems.length === 0; round += 1) {
    const wanted = (made: number) => goesOn(figures.cases + made);
    await runRound({ seed: seed + round, figures, wanted }, sabotage);
  }
  return figures;
}

type Round = { seed: number; figures: FuzzFigures; wanted: (made: number) => boolean };

async function runRound({ seed, figures, wanted }: Round, { env, meanwhile }: Sabotage): Promise<void> {
  const stage = await openStage(env);
  let made = 0;
  let before = await stage.look();
  const property = fc.asyncProperty(anyRequest(stage), async (given) => {
    if (!wanted(made)) return;
    made += 1;
    const answer = await send(stage.daemon.port, given);
    count(figures, String(answer.status));
    const problem = judge(given, answer);
    if (problem !== null) throw new Error(problem);
    await meanwhile?.(stage);
    const after = await stage.look();
    if (answer.status >= 400 && after !== before)
      throw new Error(`a request refused with ${answer.status} changed something:\n${before}\n${after}`);
    before = after;
  });
  const result = await fc.check(property, { seed, numRuns: ROUND });
  figures.cases += made;
  if (result.counterexample !== null) {
    const [found] = result.counterexample;
    const [whole] = result.failures?.[0] ?? [];
    figures.problems.push(
      `seed ${seed}: ${String(result.errorInstance)}\n  ${JSON.stringify(found ?? whole).slice(0, 1500)}`,
    );
  }
  for (const problem of await stage.close()) figures.problems.push(`seed ${seed}: ${problem}`);
}

export type Request = { method: string; path: string; headers: Record<string, string>; body: string | null };
export type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

const otherMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'FOO'];
const types = [
  ...['application/json', 'application/json; charset=utf-8', 'application/json;charset=latin1', 'text/plain'],
  ...[
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/csv',
    'application/jsonp',
  ],
  ...['application/merge-patch+json', '', 'application/json, application/json', 'APPLICATION/JSON'],
];

function anyRequest(stage: Stage): fc.Arbitrary<Request> {
  return fc.oneof(...routeTable.map((route) => ofRoute(route, stage)));
}

function ofRoute({ method, path, body, query }: Route, { known, batchIds }: Stage): fc.Arbitrary<Request> {
  const parameter = toParameter(path, batchIds);
  const headers = fc.record(
    {
      'content-type': often(fc.constant('application/json'), fc.constantFrom(...types)),
      'idempotency-key': fc.oneof(fc.constantFrom('a', 'b', ''), fc.stringMatching(/^[ -~]{0,300}$/)),
      'content-encoding': fc.constantFrom('gzip', 'identity', 'br'),
      'content-length': fc.constantFrom('0', '999999999999'),
      accept: fc.constantFrom('*/*', 'text/html', '\u00e9'),
    },
    { requiredKeys: ['content-type'] },
  );
  return fc
    .record({
      method: often(fc.constant(method), fc.constantFrom(...otherMethods)),
      value: parameter,
      search: query === undefined ? rarely(wildSearch) : toSearch(toArbitrary(query, known)),
      headers: often(
        headers.map((all) => ({ 'content-type': all['content-type'] })),
        headers,
      ),
      body: body === undefined ? rarely(toText(fc.constant({}))) : toText(toArbitrary(body, known)),
    })
    .map(({ value, search, ...rest }) => ({
      ...rest,
      headers: onlyGiven(rest.headers),
      path:
        path.replace(/:\w+/, () => value) + (path === '/events' ? withoutWait(search ?? '') : (search ?? '')),
    }));
}

function onlyGiven(headers: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The second one in one of eight. */
function often<T>(first: fc.Arbitrary<T>, second: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 7, arbitrary: first }, { weight: 1, arbitrary: second });
}

function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(arbitrary, { freq: 1, nil: null });
}

function toParameter(path: string, batchIds: readonly string[]): fc.Arbitrary<string> {
  const good = path.includes(':batch_id')
    ? fc.constantFrom(...batchIds)
    : fc.constantFrom('1', '2', '99', 'WhiteLayer_v4');
  const wild = fc.oneof(
    fc.constantFrom(
      ...[
        '..',
        '%2e%2e%2f%2e%2e',
        '%00',
        '%',
        '%zz',
        '%c0%af',
        '%ed%a0%80',
        '-1',
        '0',
        '1e3',
        '9'.repeat(40),
      ],
      ...[
        'batch_000000000000',
        'batch_',
        '%0d%0aset-cookie:x',
        '*',
        '%2f',
        ';',
        'a'.repeat(3000),
        '%F0%9F%98%80',
      ],
      ...wildKeys,
    ),
    fc.string({ unit: 'binary', maxLength: 12 }).map((text) => encodeURIComponent(text.toWellFormed())),
  );
  return often(good, wild);
}

const wildSearch = fc.constantFrom(
  ...['?', '?x=1', '?__proto__[x]=1', '?__proto__=1&constructor=2', '?limit=1&limit=2', '?limit=1e999'],
  ...['?cursor=%00', '?cursor=__proto__', '?status=nope', '?since=-1', '?since=9007199254740993', '?%=%'],
);

function toSearch(values: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const good = values.map((fields) => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(fields as object)) search.append(name, String(value));
    return `?${search}`;
  });
  return fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: wildSearch });
}

/** A request that may wait for half a minute is a good one, and no use here. */
function withoutWait(search: string): string {
  if (search.includes('timeout_s=')) return search;
  return search === '' ? '?timeout_s=0' : `${search}&timeout_s=0`;
}

function send(port: number, { method, path, headers, body }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Node sends no length with the body of a GET, HEAD or DELETE.
    const length = { 'content-length': String(Buffer.byteLength(body ?? '')) };
    const sent = request({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...length, ...headers },
      agent: false,
    });
    const late = setTimeout(() => sent.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    const end = (status: number, answered: IncomingHttpHeaders, text: string) => {
      clearTimeout(late);
      resolve({ status, headers: answered, body: text });
    };
    sent.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        end(response.statusCode ?? 0, response.headers, Buffer.concat(parts).toString('utf8')),
      );
      response.on('error', () => end(0, {}, ''));
    });
    sent.on('error', (error) => {
      clearTimeout(late);
      if (/no answer/.test(error.message)) reject(error);
      else end(0, {}, error.message);
    });
    sent.end(body ?? undefined);
  });
}

/** What is wrong with an answer, or null. */
export function judge(
  { method, path, headers: sent }: Request,
  { status, headers, body }: Answer,
): string | null {
  if (status >= 200 && status < 300) return null;
  // Another length than it promised: the connection ends, as it must.
  if (status === 0)
    return 'content-length' in sent ? null : `no answer to ${method} ${path.slice(0, 80)}: ${body}`;
  if (status >= 500 && status !== 501) return `answered ${status}: ${body.slice(0, 300)}`;
  if (status < 400) return `answered ${status}`;
  if (headers['content-type'] !== 'application/problem+json')
    return `${method} ${path.slice(0, 80)}: ${status} as ${headers['content-type']}`;
  if (method === 'HEAD') return null;
  try {
    const problem = JSON.parse(body) as Record<string, unknown>;
    const isWhole =
      typeof problem.error === 'string' && problem.error === problem.detail && problem.status === status;
    return isWhole && typeof problem.code === 'string' ? null : `no whole problem: ${body.slice(0, 300)}`;
  } catch {
    return `no JSON: ${body.slice(0, 300)}`;
  }
}
