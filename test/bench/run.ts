/**
 * Runs the benchmarks one after the other and gathers their tables in `results/`: `latest.md`, a chart, and JSON.
 * `npm run bench -- [--quick] [--only name,name] [--list] [--readme]`. Each part is a program of its own and can be run alone.
 * `--only` renews these parts and keeps the others' results; `--readme` runs nothing and puts the kept ones into README.md.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { collectFacts, isoDate, type MachineFacts } from './machine-facts.ts';
import type { Report } from './report.ts';
import { toVerdict } from './results.ts';
import { loadResults, mergeResults, saveReadme, saveResults } from './save-results.ts';

type Part = {
  name: string;
  file: string;
  /** Arguments of the full and of the quick form; null: not in that form. */
  full: string[] | null;
  quick: string[] | null;
  node?: string[];
};
export type PartResult = {
  name: string;
  /** Absent: that of the run. */
  date?: string;
  reports: Report[];
  seconds: number;
  /** Load average at its start. */
  load: number;
  failed: boolean;
};
export type Results = { form: 'full' | 'quick'; machine: MachineFacts; parts: PartResult[] };

const parts: Part[] = [
  { name: 'kernel', file: 'kernel.ts', full: [], quick: ['--quick'] },
  { name: 'spatial', file: 'spatial.ts', full: [], quick: ['--quick'] },
  { name: 'photo', file: 'photo.ts', full: ['7'], quick: ['5', '--quick'] },
  { name: 'peers', file: 'peers.ts', full: ['5'], quick: ['3', '--quick'] },
  { name: 'preview', file: 'preview.ts', full: [], quick: ['--quick'] },
  { name: 'throughput', file: 'throughput.ts', full: ['5'], quick: null },
  { name: 'long-run', file: 'long-run.ts', full: [], quick: ['60'] },
  { name: 'daemon-path', file: 'daemon-path.ts', full: [], quick: ['--quick'] },
  {
    name: 'bookkeeping',
    file: 'bookkeeping.ts',
    node: ['--expose-gc'],
    full: [],
    quick: ['100', '10000', '100000'],
  },
  { name: 'status-latency', file: 'status-latency.ts', full: [], quick: ['--quick'] },
  { name: 'control-plane', file: 'control-plane.ts', full: [], quick: ['--quick'] },
  { name: 'journal', file: 'journal.ts', full: [], quick: ['--quick'] },
  { name: 'websocket', file: 'websocket.ts', full: [], quick: ['--quick'] },
  { name: 'recovery', file: 'recovery.ts', full: [], quick: ['--quick'] },
  { name: 'start-up', file: 'start-up.ts', full: [], quick: ['--quick'] },
  { name: 'idle', file: 'idle.ts', full: [], quick: ['--quick'] },
  { name: 'pause', file: 'pause.ts', full: [], quick: ['--quick'] },
  { name: 'neighbour', file: 'neighbour.ts', full: [], quick: ['--quick'] },
];

const here = fileURLToPath(new URL('.', import.meta.url));
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    readme: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  if (values.list) {
    process.stdout.write(`${parts.map(({ name }) => name).join('\n')}\n`);
    return;
  }
  if (values.readme) {
    const kept = loadResults('full');
    if (kept === null) throw new Error('there are no results yet: run `npm run bench` first');
    saveResults(kept);
    saveReadme(kept);
    return;
  }
  const form = values.quick ? 'quick' : 'full';
  const results: Results = { form, machine: collectFacts(), parts: [] };
  for (const part of chooseParts()) {
    const args = part[form];
    if (args !== null) results.parts.push(await runPart(part, args));
  }
  const order = parts.map(({ name }) => name);
  saveResults(values.only === undefined ? results : mergeResults(loadResults(form), results, order));
  process.stdout.write(`\n${toVerdict(results).join('\n')}\n`);
  if (results.parts.some(({ failed }) => failed)) process.exitCode = 1;
}

function chooseParts(): Part[] {
  const wanted = values.only?.split(',').map((name) => name.trim());
  const unknown = wanted?.find((name) => !parts.some((part) => part.name === name));
  if (unknown !== undefined)
    throw new Error(`no benchmark "${unknown}"; there is: ${parts.map(({ name }) => name).join(', ')}`);
  return parts.filter(({ name, file }) => (wanted?.includes(name) ?? true) && existsSync(join(here, file)));
}

async function runPart(part: Part, args: readonly string[]): Promise<PartResult> {
  const folder = mkdtempSync(join(tmpdir(), 'photo-bridge-results-'));
  const path = join(folder, 'reports.jsonl');
  const [load = 0] = loadavg();
  process.stdout.write(`\n=== ${part.name} (load average ${load.toFixed(1)})\n`);
  const began = performance.now();
  const child = spawn(process.execPath, [...(part.node ?? []), join(here, part.file), ...args], {
    stdio: 'inherit',
    env: { ...process.env, PB_BENCH_RESULTS: path },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  const seconds = (performance.now() - began) / 1000;
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  rmSync(folder, { recursive: true });
  const reports = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Report);
  return { name: part.name, date: isoDate(), reports, seconds, load, failed: code !== 0 };
}

await main();
