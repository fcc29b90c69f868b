/**
 * What live watching costs: up to 5,000 subscribers of the product's hub in a process of its own, events at a steady pace, time from
 * publishing to the client, CPU of the server; and what a client costs that subscribes and never reads.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type LeanReader, openLeanReader } from './lean-reader.ts';
import { cpuOf, hasProc } from './process-facts.ts';
import { goals, median, note, quantile, row, table } from './report.ts';
import type { PublishOrder, ServerAnswer, ServerOrder } from './websocket-server.ts';

const isQuick = process.argv.includes('--quick');
/** How many read, and how many events a second each of them gets. */
const crowds = [
  { readers: 200, paces: [10, 50] },
  { readers: 1000, paces: [10] },
  ...(isQuick ? [] : [{ readers: 5000, paces: [10] }]),
];
const rounds = isQuick ? 3 : 5;
const secondsARound = isQuick ? 1 : 3;
const PHOTOS_AN_EVENT = 2;
const SILENT_EVENTS = 20_000;
const SILENT_CLIENTS = 20;
const GIVE_UP_MS = 2000;
const channel = 'batch:batch_000000000001';

const script = fileURLToPath(new URL('./websocket-server.ts', import.meta.url));
const MEGABYTE = 1024 * 1024;

class Server {
  readonly #child: ChildProcess = fork(script, { execArgv: ['--expose-gc'], stdio: 'inherit' });
  port = 0;

  async open(): Promise<this> {
    const [answer] = (await once(this.#child, 'message')) as [ServerAnswer];
    if (answer.type === 'listening') this.port = answer.port;
    return this;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async ask(order: ServerOrder): Promise<ServerAnswer> {
    this.#child.send(order);
    const [answer] = (await once(this.#child, 'message')) as [ServerAnswer];
    return answer;
  }

  close(): void {
    this.#child.disconnect();
  }
}

async function bench(): Promise<void> {
  const server = await new Server().open();
  try {
    const alone = await measureCrowd(server, { readers: 1, paces: [10, 50] });
    const found: Pace[] = [];
    for (const crowd of crowds) found.push(...(await measureCrowd(server, crowd)));
    reportPaces(alone, found);
    await measureSilentClients(server);
  } finally {
    server.close();
  }
}

async function measureCrowd(server: Server, crowd: { readers: number; paces: number[] }): Promise<Pace[]> {
  const readers = await openReaders(server.port, crowd.readers);
  const found: Pace[] = [];
  for (const perSecond of crowd.paces) found.push(await measurePace(server, readers, perSecond));
  for (const reader of readers) reader.close();
  return found;
}

type Pace = { readers: number; perSecond: number; delays: number[]; cpuMs: number; missed: number };

async function measurePace(server: Server, readers: readonly LeanReader[], perSecond: number): Promise<Pace> {
  const count = perSecond * secondsARound;
  const order: PublishOrder = { type: 'publish', perSecond, count, photos: PHOTOS_AN_EVENT };
  await publishAndRead(server, readers, order);
  for (const reader of readers) reader.delays = [];
  const costs: number[] = [];
  let missed = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = cpuOf(server.pid);
    missed += await publishAndRead(server, readers, order);
    costs.push(cpuOf(server.pid) - before);
  }
  const delays = readers.flatMap((reader) => reader.delays);
  return { readers: readers.length, perSecond, delays, cpuMs: median(costs), missed };
}

/** What a delivery costs is what the further readers add: publishing itself is the same for one and for all. */
function reportPaces(alone: readonly Pace[], many: readonly Pace[]): void {
  const line = ({ readers, perSecond, delays, cpuMs }: Pace, base?: Pace): string[] => {
    const more = (readers - 1) * perSecond * secondsARound;
    return row(
      `${readers} subscriber${readers === 1 ? '' : 's'}, ${perSecond} events/s`,
      readers * perSecond,
      quantile(delays, 0.5).toFixed(1),
      quantile(delays, 0.99).toFixed(1),
      quantile(delays, 1).toFixed(1),
      `${(cpuMs / secondsARound / 10).toFixed(1)} %`,
      base === undefined ? '' : (((cpuMs - base.cpuMs) * 1000) / more).toFixed(1),
    );
  };
  table(
    `WebSocket: events of ${PHOTOS_AN_EVENT} settled photos, from publishing to the client (${rounds} rounds of ${secondsARound} s)`,
    ['', 'deliveries/s', 'p50 ms', 'p99 ms', 'max ms', 'server CPU of a core', 'CPU µs a delivery'],
    [
      ...alone.map((pace) => line(pace)),
      ...many.map((pace) =>
        line(
          pace,
          alone.find((one) => one.perSecond === pace.perSecond),
        ),
      ),
    ],
  );
  const thousand = many.find(({ readers }) => readers === 1000);
  const p99 = quantile(thousand?.delays ?? [], 0.99);
  const missed = many.reduce((sum, pace) => sum + pace.missed, 0);
  goals([
    { what: '1,000 subscribers, 10 events a second: p99', value: p99, limit: 300, unit: 'ms' },
    { what: 'deliveries that readers missed', value: missed, limit: 0, unit: '' },
  ]);
}

/** Answers how many deliveries never came: what a reader is too slow for is merged into a later one. */
async function publishAndRead(
  server: Server,
  readers: readonly LeanReader[],
  order: PublishOrder,
): Promise<number> {
  const sum = () => readers.reduce((total, reader) => total + reader.received, 0);
  const goal = sum() + order.count * readers.length;
  await server.ask(order);
  let seen = { received: sum(), atMs: performance.now() };
  while (seen.received < goal && performance.now() - seen.atMs < GIVE_UP_MS) {
    await new Promise((resolve) => setImmediate(resolve));
    const received = sum();
    if (received > seen.received) seen = { received, atMs: performance.now() };
  }
  return goal - seen.received;
}

/** Some at a time: the queue of a listening socket is short. */
async function openReaders(port: number, count: number): Promise<LeanReader[]> {
  const readers: LeanReader[] = [];
  while (readers.length < count) {
    const next = Array.from({ length: Math.min(100, count - readers.length) }, () =>
      openLeanReader(port, channel),
    );
    readers.push(...(await Promise.all(next)));
  }
  return readers;
}

/** Many times what their buffers may hold is published while some clients do not read; another one reads all. */
async function measureSilentClients(server: Server): Promise<void> {
  const [reader] = await openReaders(server.port, 1);
  if (reader === undefined) return;
  const order: PublishOrder = {
    type: 'publish',
    perSecond: 20_000,
    count: SILENT_EVENTS,
    photos: PHOTOS_AN_EVENT,
  };
  await publishAndRead(server, [reader], order);
  const without = await memoryOf(server);
  const silent = await openReaders(server.port, SILENT_CLIENTS);
  for (const one of silent) one.pause();
  await publishAndRead(server, [reader], order);
  const grown = Math.max(0, (await memoryOf(server)) - without) / MEGABYTE / SILENT_CLIENTS;
  for (const one of [...silent, reader]) one.close();
  const published = (SILENT_EVENTS * 900) / MEGABYTE;
  note(`\n${SILENT_CLIENTS} clients that never read, ${published.toFixed(0)} MB published past each`);
  goals([{ what: 'memory of the server for a client that never reads', value: grown, limit: 1, unit: 'MB' }]);
}

async function memoryOf(server: Server): Promise<number> {
  const answer = await server.ask({ type: 'memory' });
  return answer.type === 'memory' ? answer.bytes : Number.NaN;
}

if (hasProc) await bench();
else note('skipped: this system has no /proc to read CPU times from');
