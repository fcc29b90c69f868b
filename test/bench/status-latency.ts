/**
 * How long clients wait: status, list and WebSocket ping while every core renders; starts of very large batches, and what they
 * do to the others. Latencies are wall clock as the client sees them, so a busy machine shows in them; `own work` does not.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BenchDaemon, inTemporaryFolder, startDaemon } from './bench-daemon.ts';
import { createProbe, type Probe, times, timesWhile } from './http-probe.ts';
import { writeKeptBatches } from './kept-batches.ts';
import { makePhotoSet, SIZE_12 } from './photo-set.ts';
import { type Goal, goals, median, quantile, row, table } from './report.ts';

const isQuick = process.argv.includes('--quick');
const loadMs = isQuick ? 8_000 : 30_000;
const rounds = isQuick ? 3 : 7;
const KEPT = 1000;
const PAUSE_MS = 15;
const PRESET = { preset: 'WhiteLayer_v4', blend: 60 };

async function bench(folder: string): Promise<void> {
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  await writeKeptBatches(dataDir, KEPT);
  const daemon = await startDaemon({ dataDir, watchLoop: true, settings: { library: { folders: [] } } });
  const probe = createProbe(daemon.port);
  try {
    await underLoad(daemon, probe, folder);
    await largeStarts(daemon, probe);
  } finally {
    probe.close();
    await daemon.kill('SIGTERM');
  }
}

type Asked = { name: string; ask: () => Promise<number>; idle: number[]; busy: number[] };

async function underLoad(daemon: BenchDaemon, probe: Probe, folder: string): Promise<void> {
  const paths = await makePhotoSet({ folder: join(folder, 'photos'), sizes: [SIZE_12, SIZE_12], samples: 6 });
  const { photos } = await daemon.client.photos.add({ paths });
  const photo_ids = photos.map(({ photo_id }) => photo_id);
  const start = () => daemon.client.batches.start({ photo_ids, config: PRESET });
  const { batch_id } = await start();
  const socket = await openSocket(daemon.port);
  const asked: Asked[] = [
    { name: 'GET /batch/{id}/status', ask: () => probe.get(`/batch/${batch_id}/status`), idle: [], busy: [] },
    { name: 'GET /health', ask: () => probe.get('/health'), idle: [], busy: [] },
    { name: 'GET /batch/list (100 of 1,000 kept)', ask: () => probe.get('/batch/list'), idle: [], busy: [] },
    {
      name: 'GET /batch/list?limit=1000',
      ask: () => probe.get('/batch/list?limit=1000'),
      idle: [],
      busy: [],
    },
    { name: 'WebSocket ping to pong', ask: socket.ping, idle: [], busy: [] },
  ];
  await untilRendered(daemon, [batch_id]);
  for (const one of asked) {
    await times(one.ask, 20);
    one.idle = await times(one.ask, isQuick ? 60 : 200, 2);
  }
  // More batches than can be done in the time, so that the cores are never free.
  const running: string[] = [];
  const fill = loadMs / 500;
  for (let batch = 0; batch < fill; batch += 1) running.push((await start()).batch_id);
  await delay(1000);
  await daemon.loop();
  const over = delay(loadMs);
  const turns = await timesWhile(
    async () => {
      for (const one of asked) one.busy.push(await one.ask());
      return 0;
    },
    PAUSE_MS,
    over,
  );
  const loop = await daemon.loop();
  const left = (await daemon.client.batches.list({ status: 'running' })).count;
  if (left === 0) throw new Error('the load was over too early');
  for (const id of running) await daemon.client.batches.cancel(id).catch(() => undefined);
  socket.close();
  reportLatencies(asked, turns.length);
  table(
    "The daemon's event loop meanwhile (between two turns of the loop)",
    ['', 'ms'],
    [
      row('longest stretch of own work (CPU)', loop.longestCpuMs.toFixed(1)),
      row('stretches of more than 20 ms of own work', loop.over20Ms),
      row('longest wall time, waiting for a core included', loop.longestWallMs.toFixed(1)),
    ],
  );
  goals([
    ...goalsOf(asked),
    {
      what: 'longest own work of the event loop while rendering',
      value: loop.longestCpuMs,
      limit: 20,
      unit: 'ms',
    },
  ]);
}

function reportLatencies(asked: readonly Asked[], turns: number): void {
  const show = (times: readonly number[], share: number): string => quantile(times, share).toFixed(2);
  table(
    `Answer times in ms, one client, every core rendering (${turns} turns)`,
    ['', 'idle p50', 'idle p99', 'busy p50', 'busy p99', 'busy max'],
    asked.map(({ name, idle, busy }) =>
      row(name, show(idle, 0.5), show(idle, 0.99), show(busy, 0.5), show(busy, 0.99), show(busy, 1)),
    ),
  );
}

function goalsOf(asked: readonly Asked[]): Goal[] {
  const [status] = asked;
  const p99 = quantile(status?.busy ?? [], 0.99);
  return [
    { what: 'GET /batch/{id}/status p99 while every core renders', value: p99, limit: 100, unit: 'ms' },
  ];
}

async function untilRendered(daemon: BenchDaemon, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    while ((await daemon.client.batches.status(id)).status === 'running') await delay(200);
  }
}

type PingSocket = { ping(): Promise<number>; close(): void };

async function openSocket(port: number): Promise<PingSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  let answered: () => void = () => undefined;
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('no WebSocket')));
  });
  socket.addEventListener('message', ({ data }) => {
    if (String(data).includes('"pong"')) answered();
  });
  return {
    async ping() {
      const pong = new Promise<void>((resolve) => {
        answered = resolve;
      });
      const began = performance.now();
      socket.send('{"type":"ping"}');
      await pong;
      return performance.now() - began;
    },
    close: () => socket.close(),
  };
}

/** Batches that wait for tomorrow: all of a start but its photos' work. */
async function largeStarts(daemon: BenchDaemon, probe: Probe): Promise<void> {
  const rows: string[][] = [];
  const found: Goal[] = [];
  for (const count of isQuick ? [100_000, 1_000_000] : [10_000, 100_000, 1_000_000]) {
    const start_at = new Date(Date.now() + 86_400_000).toISOString();
    const photo_ids = Array.from({ length: count }, (_, index) => 1_000_000 + index);
    const json = Buffer.from(
      JSON.stringify({ photo_ids, on_unknown: 'fail_item', start_at, config: PRESET }),
    );
    const others = createProbe(daemon.port);
    const answers: number[] = [];
    const waits: number[] = [];
    const works: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await daemon.loop();
      const started = probe.post('/batch/start', json);
      // Half a second more: the snapshot of the new batch is part of what the others feel.
      const around = started.then(() => delay(500));
      waits.push(...(await timesWhile(() => others.get('/health'), 1, around)));
      const { ms, answer } = await started;
      answers.push(ms);
      works.push((await daemon.loop()).longestCpuMs);
      await daemon.client.batches.cancel(String(answer.batch_id));
      await delay(1500);
    }
    others.close();
    const shown = count.toLocaleString('en-US');
    rows.push(
      row(
        shown,
        median(answers).toFixed(0),
        Math.max(...answers).toFixed(0),
        median(works).toFixed(0),
        quantile(waits, 1).toFixed(0),
      ),
    );
    if (count === 100_000) {
      found.push({
        what: 'start of 100,000 ids answers, durable',
        value: median(answers),
        limit: 500,
        unit: 'ms',
      });
      found.push({
        what: 'start of 100,000 ids: longest own work',
        value: median(works),
        limit: 20,
        unit: 'ms',
      });
    }
    if (count === 1_000_000)
      found.push({
        what: 'start of 1,000,000 ids: longest own work',
        value: median(works),
        limit: 100,
        unit: 'ms',
      });
  }
  table(
    `POST /batch/start with many ids (${rounds} rounds; 2xx means durable), and GET /health beside it`,
    ['ids', 'answer ms', 'slowest', 'longest own work ms', 'slowest GET /health ms'],
    rows,
  );
  goals(found);
}

await inTemporaryFolder(bench);
