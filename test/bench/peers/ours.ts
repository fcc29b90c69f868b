/** The product's side of the comparison: the real render host with one thread, in a batch and started for one photo. */
import { settingsSchema } from '../../../bridge/contract/index.ts';
import { createLocalExecutor, type LocalExecutor } from '../../../bridge/executor/local-executor.ts';
import { createLog } from '../../../bridge/log.ts';
import { developTask } from '../../helpers/tasks.ts';
import { cpuOf } from '../process-facts.ts';
import { endedChildrenCpu } from './child-run.ts';
import { BLEND } from './lut-files.ts';
import type { PeerWork, Target } from './peer.ts';

/** Photos in a row for one figure: the system tells CPU time in hundredths of a second. */
const PHOTOS_A_TURN = 3;
/** The file's name is the last part of `path`. */
const inFolder = /^(.*)\/([^/]+)$/;

const { executor: settings } = settingsSchema.parse({
  // No host may be replaced or let go between two turns.
  executor: { threads: 1, nice: 0, idle_s: 36_000, recycle_photos: 1_000_000, recycle_mb: 4000 },
});

export function startOurs(): LocalExecutor {
  return createLocalExecutor({ settings, log: createLog('silent') });
}

/** `exact` writes a TIFF. Metadata, hashes and the durable write are part of it. */
export async function developOurs(executor: LocalExecutor, work: PeerWork, target: Target): Promise<void> {
  const [, folder = '', name = ''] = inFolder.exec(target.path) ?? [];
  const { photo: path, luts, longEdge } = work;
  const format = target.kind === 'jpeg' ? 'jpeg' : 'tiff';
  const size = longEdge === null ? {} : { long_edge: longEdge };
  const output = { on_conflict: 'overwrite', format, ...size } as const;
  const task = developTask({ path, folder, name, recipe: luts.recipe, blend: BLEND, output });
  const end = await executor.develop(task, {});
  if (end.kind !== 'outcome' || !end.outcome.ok) throw new Error(JSON.stringify(end));
}

/** Milliseconds of CPU a photo in a host that runs already. */
export async function measureSteady(
  executor: LocalExecutor,
  work: PeerWork,
  target: Target,
): Promise<number> {
  const pid = executor.pid();
  if (pid === null) throw new Error('the render host does not run');
  const before = cpuOf(pid);
  for (let photo = 0; photo < PHOTOS_A_TURN; photo += 1) await developOurs(executor, work, target);
  return (cpuOf(pid) - before) / PHOTOS_A_TURN;
}

/** Milliseconds of CPU for one photo with the start and the end of a host of its own. */
export async function measureCold(work: PeerWork, target: Target): Promise<number> {
  const before = endedChildrenCpu();
  const executor = startOurs();
  await developOurs(executor, work, target);
  await executor.close();
  return endedChildrenCpu() - before;
}
