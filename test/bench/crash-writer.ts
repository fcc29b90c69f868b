/**
 * Runs one large batch of unit items until it is killed: what is left is the data folder of a crash in full work.
 * `node crash-writer.ts DATA_DIR ITEMS`; says how many items have settled, again and again.
 */
import { openTestEngine, startBody } from '../helpers/engine.ts';
import { createUnitOperation } from '../helpers/unit-operation.ts';

const [dataDir = '', items = '1000'] = process.argv.slice(2);
const operation = createUnitOperation({ slots: 64 }, { record: false });
const engine = await openTestEngine(operation, { dataDir, keepEvents: false });
const body = startBody(Number(items), { config: { preset: 'WhiteLayer_v4', blend: 60 } });
const { batch_id } = await engine.api.start(body, {});
setInterval(() => process.send?.(engine.api.status(batch_id).processed_count), 50);
