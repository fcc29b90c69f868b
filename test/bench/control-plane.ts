/**
 * Requests a second of the daemon with nothing to render, and its CPU for each: what a program asks again and again, and changes,
 * which are on disk before they are answered. How long clients wait while every core renders is told by `status-latency`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BenchDaemon, inTemporaryFolder, startDaemon } from './bench-daemon.ts';
import { createProbe, type Probe } from './http-probe.ts';
import { writeKeptBatches } from './kept-batches.ts';
import { cpuOf, hasProc } from './process-facts.ts';
import { goals, median, note, row, table } from './report.ts';

const isQuick = process.argv.includes('--quick');
const rounds = isQuick ? 3 : 7;
const roundMs = isQuick ? 700 : 2000;
const KEPT = 1000;
const clientCounts = [1, 16];

type Call = {
  name: string;
  send(probe: Probe, client: number): Promise<unknown>;
  /** What it leaves behind is still being written when it is answered. */
  trailMs?: number;
};
type Round = { perSecond: number; cpuMs: number };
type Row = { call: Call; clients: number; rounds: Round[] };

async function bench(folder: string): Promise<void> {
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  await writeKeptBatches(dataDir, KEPT);
  const daemon = await startDaemon({ dataDir, settings: { library: { folders: [] } } });
  const probes = Array.from({ length: Math.max(...clientCounts) }, () => createProbe(daemon.port));
  try {
    const rows = (await createCalls(daemon)).flatMap((call) =>
      clientCounts.map((clients): Row => ({ call, clients, rounds: [] })),
    );
    for (let round = -1; round < rounds; round += 1) {
      for (const one of rows) {
        const found = await measure(daemon, one.call, probes.slice(0, one.clients));
        // The first round warms up.
        if (round >= 0) one.rounds.push(found);
      }
    }
    report(rows);
  } finally {
    for (const probe of probes) probe.close();
    await daemon.kill('SIGTERM');
  }
}

/** Batches that wait for tomorrow are asked and changed, each client its own: changes of one batch wait for each other. */
async function createCalls(daemon: BenchDaemon): Promise<Call[]> {
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  const waiting = (count: number) => ({
    photo_ids: Array.from({ length: count }, (_, index) => 1_000_000 + index),
    on_unknown: 'fail_item' as const,
    start_at: tomorrow,
    config: { preset: 'WhiteLayer_v4', blend: 60 },
  });
  const ids: string[] = [];
  for (let client = 0; client < Math.max(...clientCounts); client += 1)
    ids.push((await daemon.client.batches.start(waiting(1000))).batch_id);
  const small = Buffer.from(JSON.stringify(waiting(10)));
  let priority = 0;
  return [
    { name: 'GET /health', send: (probe) => probe.get('/health') },
    { name: 'GET /batch/{id}/status', send: (probe, client) => probe.get(`/batch/${ids[client]}/status`) },
    { name: 'GET /batch/list (100 of 1,000)', send: (probe) => probe.get('/batch/list') },
    {
      name: 'POST /batch/{id}/priority, durable',
      send: (probe, client) => {
        priority = (priority % 10) + 1;
        return probe.post(`/batch/${ids[client]}/priority`, Buffer.from(JSON.stringify({ priority })));
      },
    },
    {
      name: 'POST /batch/start, 10 photos, durable',
      send: (probe) => probe.post('/batch/start', small),
      trailMs: 2500,
    },
  ];
}

async function measure(daemon: BenchDaemon, call: Call, probes: readonly Probe[]): Promise<Round> {
  const cpu = cpuOf(daemon.pid);
  const began = performance.now();
  let answered = 0;
  const client = async (probe: Probe, number: number): Promise<void> => {
    while (performance.now() - began < roundMs) {
      await call.send(probe, number);
      answered += 1;
    }
  };
  await Promise.all(probes.map(client));
  const seconds = (performance.now() - began) / 1000;
  await delay(call.trailMs ?? 0);
  return { perSecond: answered / seconds, cpuMs: (cpuOf(daemon.pid) - cpu) / answered };
}

function report(rows: readonly Row[]): void {
  const paceOf = (one: Row): number => median(one.rounds.map((round) => round.perSecond));
  const cpuOfRow = (one: Row): number => median(one.rounds.map((round) => round.cpuMs));
  table(
    `Requests a second, ${KEPT.toLocaleString('en-US')} batches kept, nothing to render (${rounds} rounds of ${roundMs / 1000} s in turns)`,
    ['', 'clients', 'answers/s', 'daemon CPU ms a request'],
    rows.map((one) => row(one.call.name, one.clients, Math.round(paceOf(one)), cpuOfRow(one).toFixed(2))),
  );
  const find = (name: string, clients: number): Row | undefined =>
    rows.find((one) => one.call.name.startsWith(name) && one.clients === clients);
  const [status, change] = [find('GET /batch/{id}/status', 16), find('POST /batch/{id}/priority', 16)];
  if (status === undefined || change === undefined) return;
  goals([
    { what: 'status, 16 clients: daemon CPU a request', value: cpuOfRow(status), limit: 1, unit: 'ms' },
    {
      what: 'changes acknowledged over HTTP, 16 clients',
      value: paceOf(change),
      limit: 500,
      unit: '/s',
      atLeast: true,
    },
  ]);
}

if (hasProc) await inTemporaryFolder(bench);
else note('skipped: this system has no /proc to read CPU times from');
