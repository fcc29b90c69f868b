/** A real daemon with photos, presets and batches of every kind in it, in which nothing moves by itself; and a look at all of that. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { makePhotos } from '../e2e/support.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { isRunning } from '../helpers/processes.ts';
import type { Known } from './arbitrary-json.ts';

export type Stage = {
  daemon: TestDaemon;
  root: string;
  batchIds: readonly string[];
  known: Known;
  /** What a refused request must leave as it is. */
  look(): Promise<string>;
  /** Ends it; answers what was wrong with it. */
  close(): Promise<string[]>;
};

const PHOTOS = 4;

export async function openStage(env: Record<string, string> = {}): Promise<Stage> {
  const root = await mkdtemp(join(tmpdir(), 'photo-bridge-fuzz-'));
  const daemon = await spawnDaemon({
    dataDir: join(root, 'data'),
    env,
    entry: fileURLToPath(new URL('./watched-daemon.ts', import.meta.url)),
    // Batches wait for an hour that is far away.
    settings: { schedule: { run_window: { ...farHour(), time_zone: 'UTC' } } },
  });
  const paths = await makePhotos(root, PHOTOS, { width: 48, height: 32 });
  const { photos } = await daemon.client.photos.add({ paths });
  const ids = photos.map(({ photo_id }) => photo_id);
  const batchIds = await startBatches(daemon, ids);
  return {
    daemon,
    root,
    batchIds,
    known: toKnown({ ids, paths, batchIds, root }),
    look: () => look(daemon),
    async close() {
      const problems = isRunning(daemon.pid) ? [] : ['the daemon died'];
      await daemon.stop();
      if (!daemon.stderr.includes('prototypes: intact')) problems.push(daemon.stderr.slice(-2000));
      if (problems.length === 0) await rm(root, { recursive: true, force: true, maxRetries: 3 });
      return problems;
    },
  };
}

function farHour(): { from: string; to: string } {
  const hour = (ahead: number) => String((new Date().getUTCHours() + ahead) % 24).padStart(2, '0');
  return { from: `${hour(10)}:00`, to: `${hour(11)}:00` };
}

async function startBatches({ client }: TestDaemon, photo_ids: number[]): Promise<string[]> {
  const start = async () => (await client.batches.start({ photo_ids })).batch_id;
  const [running, paused, cancelled] = [await start(), await start(), await start()];
  await client.batches.pause(paused);
  await client.batches.cancel(cancelled);
  return [running, paused, cancelled];
}

type Values = { ids: readonly number[]; paths: readonly string[]; batchIds: readonly string[]; root: string };

/** Times are such that nothing happens by itself while the test looks. */
function toKnown({ ids, paths, batchIds, root }: Values): Known {
  const id = fc.constantFrom(...ids, 99);
  const path = fc.constantFrom(...paths, join(root, 'missing.jpg'), '/dev/zero', 'relative.jpg', root);
  const batch = fc.constantFrom(...batchIds, 'batch_000000000000');
  const far = fc.constantFrom('2099-01-01T00:00:00Z', '2098-12-31T23:59:59.5+05:30');
  return {
    photo_ids: fc.array(id, { minLength: 1, maxLength: 5 }),
    path,
    paths: fc.array(path, { minLength: 1, maxLength: 3 }),
    folder: fc.constantFrom(root, join(root, 'none'), '/dev', ''),
    batch_ids: fc.uniqueArray(batch, { minLength: 2, maxLength: 3 }),
    depends_on: fc.array(batch, { maxLength: 2 }),
    batch_id: batch,
    preset: fc.constantFrom('WhiteLayer_v4', 'none such', '__proto__', '../x'),
    until: far,
    start_at: far,
    lease_s: fc.constantFrom(5000, 86_400),
    wait_s: fc.constantFrom('0', '0.05'),
    timeout_s: fc.constantFrom('0', '0.05'),
    operation: fc.constantFrom('develop', 'captions'),
  };
}

type Told = { type: string; seq: number; batch_id?: string };

/**
 * Batches, photos, presets, templates, settings, and what was told of them; without what follows from the moment alone, and without
 * content operations: their work goes on by itself, whatever the hour.
 */
async function look(daemon: TestDaemon): Promise<string> {
  const read = async (path: string): Promise<unknown> => (await fetch(`${daemon.url}${path}`)).json();
  const [list, told, ...others] = await Promise.all([
    read('/batch/list?limit=1000'),
    read('/events?since=0&timeout_s=0'),
    ...['/photos?limit=1000', '/presets', '/templates', '/settings'].map(read),
  ]);
  const { batches } = list as { batches: { batch_id: string; operation: string }[] };
  const ofContent = new Set(
    batches.filter(({ operation }) => operation === 'content').map(({ batch_id }) => batch_id),
  );
  const { events } = told as { events: Told[] };
  const changes = events.filter(
    ({ type, batch_id = '' }) =>
      /^(batch_(?!progress)|hold_|photos_settled|preset_)/.test(type) && !ofContent.has(batch_id),
  );
  const still = batches.filter(({ batch_id }) => !ofContent.has(batch_id));
  const shown = JSON.stringify(still, (key, value: unknown) =>
    ['seq', 'eta_seconds', 'photos_per_minute'].includes(key) ? undefined : value,
  );
  return JSON.stringify([shown, changes.at(-1)?.seq ?? 0, ...others]);
}
