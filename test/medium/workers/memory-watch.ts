/** Develops photos one after the other and tells how much memory the last held: for a process whose large blocks are mapped one by one. */
import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compileLook } from '../../../bridge/presets/compile-look.ts';
import { develop } from '../../../workers/pipeline/develop.ts';
import { brightRecipe, developTask } from '../../helpers/tasks.ts';

export type Held = { atKernel: number; atWrite: number; after: number; source: number; encoded: number };

const WARM = 3;
setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const [path = '', folder = ''] = process.argv.slice(2);
const look = compileLook(brightRecipe);
const held: Held = { atKernel: 0, atWrite: 0, after: 0, source: (await stat(path)).size, encoded: 0 };
const task = developTask({ path, folder, output: { on_conflict: 'overwrite' } });

for (let photo = 0; photo <= WARM; photo++) {
  collect();
  // Blocks that native code made are given back a turn later.
  await setImmediate();
  const before = process.memoryUsage.rss();
  const now = () => process.memoryUsage.rss() - before;
  // The kernel reads its table when it has got the pixels.
  const watched = {
    ...look,
    hash: `photo ${photo}`,
    get lut() {
      held.atKernel = now();
      return look.lut;
    },
  };
  const mayWrite = () => {
    held.atWrite = now();
    return true;
  };
  const outcome = await develop(task, { look: watched, onSize: () => undefined, mayWrite });
  if (!outcome.ok) throw new Error(outcome.failure.message);
  // Nothing is collected here: what is gone was given back.
  await setImmediate();
  held.after = now();
  held.encoded = outcome.output?.bytes ?? 0;
}
process.stdout.write(JSON.stringify(held));
