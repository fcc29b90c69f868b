/** One thread of the bare script: develops what it is told, one photo after the other. */
import { parentPort } from 'node:worker_threads';
import { compileLook } from '../../bridge/presets/compile-look.ts';
import { develop } from '../../workers/pipeline/develop.ts';
import { developTask } from '../helpers/tasks.ts';
import { whiteLayerRecipe } from './photo-variants.ts';

export type BareJob = { path: string; folder: string; name: string; item: number };

const look = compileLook(whiteLayerRecipe());
const context = { look, onSize: () => undefined, mayWrite: () => true };

parentPort?.on('message', async ({ path, folder, name, item }: BareJob) => {
  const outcome = await develop(developTask({ path, folder, name, item, blend: 60 }), context);
  if (!outcome.ok) throw new Error(`${path}: ${outcome.failure.message}`);
  parentPort?.postMessage('done');
});
parentPort?.postMessage('done');
