/** Damaged photos through a real daemon and its real render host: each is developed or fails by itself, and nothing stays behind. */
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { failureCodes, type ItemResult } from '../../bridge/contract/index.ts';
import { waitForEnd } from '../e2e/support.ts';
import { createRandom } from '../faults/random.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { childrenOf, isRunning } from '../helpers/processes.ts';
import { count, type FuzzCampaign, type FuzzFigures, noFigures } from './campaign.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { makeSeedPhotos, type SeedPhoto } from './seed-photos.ts';

const BATCH = 250;
/** What the daemon may grow by over all batches, and what the host may ever have. */
const DAEMON_MORE_BYTES = 200e6;
const HOST_MOST_BYTES = 2e9;
const formats = ['jpeg', 'png', 'webp', 'tiff'] as const;
const known: ReadonlySet<string> = new Set(failureCodes.filter((code) => code !== 'internal'));

export const photos: FuzzCampaign = {
  name: 'photos',
  what: 'damaged photos of every kind, through a real daemon and its render host',
  missing: async () => (process.platform === 'linux' ? null : 'memory of other processes is read from /proc'),
  async run({ seed, goesOn }) {
    const figures = noFigures();
    const root = await mkdtemp(join(tmpdir(), 'photo-bridge-fuzz-photos-'));
    const seeds = await makeSeedPhotos();
    const daemon = await spawnDaemon({
      dataDir: join(root, 'data'),
      settings: { executor: { idle_s: 600 } },
    });
    const memory = createMemoryWatch(daemon);
    try {
      for (let round = 0; goesOn(figures.cases) && figures.problems.length === 0; round += 1) {
        const cases = makeCases(seeds, seed + figures.cases, (made) => goesOn(figures.cases + made));
        await runBatch({ daemon, cases, root: join(root, `round-${round}`), figures, memory });
      }
    } finally {
      if (!isRunning(daemon.pid)) figures.problems.push(`the daemon died: ${daemon.stderr.slice(-2000)}`);
      memory.stop();
      await daemon.stop();
    }
    memory.report(figures);
    if (figures.problems.length === 0) await rm(root, { recursive: true, force: true, maxRetries: 3 });
    else console.log(`kept for a look: ${root}`);
    return figures;
  },
};

type Case = { seed: number; name: string; bytes: Buffer };

function makeCases(seeds: readonly SeedPhoto[], from: number, wanted: (made: number) => boolean): Case[] {
  const cases: Case[] = [];
  while (cases.length < BATCH && (cases.length === 0 || wanted(cases.length))) {
    cases.push(makePhotoCase(seeds, from + cases.length));
  }
  return cases;
}

/** The name says all that brings the file back. */
export function makePhotoCase(seeds: readonly SeedPhoto[], seed: number): Case {
  const random = createRandom(seed);
  const pick = (): SeedPhoto => seeds[random.whole(0, seeds.length)] as SeedPhoto;
  const [photo, other] = [pick(), pick()];
  const name = `${seed}-${photo.name.replaceAll('/', '_')}`;
  return { seed, name, bytes: mutateBytes(photo.bytes, other.bytes, random) };
}

type Run = {
  daemon: TestDaemon;
  cases: readonly Case[];
  root: string;
  figures: FuzzFigures;
  memory: MemoryWatch;
};

async function runBatch({ daemon, cases, root, figures }: Run): Promise<void> {
  const sources = join(root, 'in');
  const out = join(root, 'out');
  await mkdir(sources, { recursive: true });
  await Promise.all(cases.map(({ name, bytes }) => writeFile(join(sources, name), bytes)));
  const { batch_id } = await daemon.client.batches.start({
    photos: cases.map(({ name }) => ({ path: join(sources, name), ref: name })),
    on_unknown: 'fail_item',
    config: {
      preset: 'WhiteLayer_v4',
      output: { folder: out, format: formats[(cases[0]?.seed ?? 0) % 4] ?? 'jpeg', long_edge: 200 },
    },
  });
  const status = await waitForEnd(daemon.client, batch_id);
  figures.cases += cases.length;
  const say = (problem: string) => figures.problems.push(problem);
  if (status.processed_count + status.failed_count !== cases.length)
    say(`${batch_id}: ${status.processed_count} + ${status.failed_count} of ${cases.length} photos counted`);
  const answer = await fetch(`${daemon.url}/batch/${batch_id}/results.json`);
  const { photos: results } = (await answer.json()) as { photos: ItemResult[] };
  for (const item of results) {
    const code = item.failure?.code ?? item.status;
    count(figures, code);
    if (item.status === 'failed' && !known.has(code))
      say(`${item.ref}: failed as "${code}": ${item.failure?.message}`);
    if (item.status !== 'failed' && item.status !== 'processed') say(`${item.ref}: ended ${item.status}`);
    if (item.output !== undefined) await checkOutput(item.output.path, String(item.ref), say);
  }
  const left = (await readdir(out).catch(() => [])).filter((name) => name.startsWith('.'));
  if (left.length > 0) say(`left behind in ${out}: ${left.join(', ')}`);
  if (figures.problems.length === 0) await rm(root, { recursive: true, force: true });
}

/** What is called done is a whole picture. */
async function checkOutput(path: string, name: string, say: (problem: string) => unknown): Promise<void> {
  try {
    await sharp(readFileSync(path), { failOn: 'warning' }).stats();
  } catch (error) {
    say(`${name}: its output is no whole picture: ${String(error)}`);
  }
}

type MemoryWatch = ReturnType<typeof createMemoryWatch>;

function createMemoryWatch({ pid }: TestDaemon) {
  const first = rssOf(pid);
  const most = { daemon: first, host: 0 };
  const hosts = new Set<number>();
  const look = async () => {
    most.daemon = Math.max(most.daemon, rssOf(pid));
    for (const host of await childrenOf(pid)) {
      hosts.add(host);
      most.host = Math.max(most.host, rssOf(host));
    }
  };
  const timer = setInterval(() => void look(), 50);
  return {
    stop: () => clearInterval(timer),
    report(figures: FuzzFigures): void {
      const megabytes = (bytes: number) => Math.round(bytes / 1e6);
      figures.notes.push(
        `daemon ${megabytes(first)} to ${megabytes(most.daemon)} MB, host at most ${megabytes(most.host)} MB, ${hosts.size} child processes`,
      );
      if (most.daemon - first > DAEMON_MORE_BYTES) figures.problems.push('the daemon grew too large');
      if (most.host > HOST_MOST_BYTES) figures.problems.push('the render host grew too large');
    },
  };
}

function rssOf(pid: number): number {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
