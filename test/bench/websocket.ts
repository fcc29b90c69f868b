/**
 * What live watching costs: 200 subscribers of the product's hub in a process of its own, events at a steady pace, time from
 * publishing to the client, CPU of the server; and what a client costs that subscribes and never reads.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { cpuOf, hasProc } from './process-facts.ts';
import { goals, median, note, quantile, row, table } from './report.ts';
import type { PublishOrder, ServerAnswer, ServerOrder } from './websocket-server.ts';

const isQuick = process.argv.includes('--quick');
const SUBSCRIBERS = 200;
const rounds = 5;
const secondsARound = isQuick ? 1 : 3;
const PHOTOS_AN_EVENT = 2;
const SILENT_EVENTS = 20_000;
const SILENT_CLIENTS = 20;
const paces = [10, 50];

const script = fileURLToPath(new URL('./websocket-server.ts', import.meta.url));
const MEGABYTE = 1024 * 1024;

type Reader = { socket: WebSocket; delays: number[]; received: number };

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
    const few = await openReaders(server.port, 1);
    const alone: Pace[] = [];
    for (const perSecond of paces) alone.push(await measurePace(server, few, perSecond));
    for (const one of few) one.socket.terminate();
    const readers = await openReaders(server.port, SUBSCRIBERS);
    const many: Pace[] = [];
    for (const perSecond of paces) many.push(await measurePace(server, readers, perSecond));
    for (const one of readers) one.socket.terminate();
    reportPaces(alone, many);
    await measureSilentClients(server);
  } finally {
    server.close();
  }
}

type Pace = { readers: number; perSecond: number; delays: number[]; cpuMs: number };

async function measurePace(server: Server, readers: readonly Reader[], perSecond: number): Promise<Pace> {
  const count = perSecond * secondsARound;
  const order: PublishOrder = { type: 'publish', perSecond, count, photos: PHOTOS_AN_EVENT };
  await publishAndRead(server, readers, order);
  for (const reader of readers) reader.delays = [];
  const costs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = cpuOf(server.pid);
    await publishAndRead(server, readers, order);
    costs.push(cpuOf(server.pid) - before);
  }
  const delays = readers.flatMap((reader) => reader.delays);
  return { readers: readers.length, perSecond, delays, cpuMs: median(costs) };
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
    [...alone.map((pace) => line(pace)), ...many.map((pace, index) => line(pace, alone[index]))],
  );
}

async function publishAndRead(
  server: Server,
  readers: readonly Reader[],
  order: PublishOrder,
): Promise<void> {
  const goal = readers.map((reader) => reader.received + order.count);
  await server.ask(order);
  while (readers.some((reader, index) => reader.received < (goal[index] ?? 0))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function openReaders(port: number, count: number): Promise<Reader[]> {
  return Promise.all(Array.from({ length: count }, () => openReader(port)));
}

async function openReader(port: number): Promise<Reader> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  const reader: Reader = { socket, delays: [], received: 0 };
  await once(socket, 'open');
  const subscribed = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      const now = performance.timeOrigin + performance.now();
      const text = data.toString('latin1');
      const sent = /\/sent\/([\d.]+)\//.exec(text)?.[1];
      if (text.includes('subscription_confirmed')) resolve();
      if (sent === undefined) return;
      reader.received += 1;
      reader.delays.push(now - Number(sent));
    });
  });
  socket.send('{"type":"subscribe","channels":["batch:batch_000000000001"]}');
  await subscribed;
  return reader;
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
  for (const one of silent) one.socket.pause();
  await publishAndRead(server, [reader], order);
  const grown = Math.max(0, (await memoryOf(server)) - without) / MEGABYTE / SILENT_CLIENTS;
  for (const one of [...silent, reader]) one.socket.terminate();
  const published = (SILENT_EVENTS * 900) / MEGABYTE;
  note(`\n${SILENT_CLIENTS} clients that never read, ${published.toFixed(0)} MB published past each`);
  goals([{ what: 'memory of the server for a client that never reads', value: grown, limit: 2, unit: 'MB' }]);
}

async function memoryOf(server: Server): Promise<number> {
  const answer = await server.ask({ type: 'memory' });
  return answer.type === 'memory' ? answer.bytes : Number.NaN;
}

if (hasProc) await bench();
else note('skipped: this system has no /proc to read CPU times from');
