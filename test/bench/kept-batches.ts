/** Fills a data folder with batches of the past, by the real engine and store. */
import { openTestEngine, startBody } from '../helpers/engine.ts';
import { createUnitOperation } from '../helpers/unit-operation.ts';

const AT_ONCE = 64;
const PHOTOS = 5;

/** `count` completed batches of five photos each. */
export async function writeKeptBatches(dataDir: string, count: number): Promise<void> {
  const operation = createUnitOperation({ slots: AT_ONCE * PHOTOS }, { record: false });
  const engine = await openTestEngine(operation, { dataDir, keepEvents: false });
  let begun = 0;
  const one = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      let id = '';
      const ended = engine.event((event) => event.type === 'batch_completed' && event.batch_id === id);
      const body = startBody(PHOTOS, { config: { preset: 'WhiteLayer_v4', blend: 60 } });
      id = (await engine.api.start(body, {})).batch_id;
      if (engine.api.status(id).status !== 'completed') await ended;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  await engine.end();
}
