/** A program that wants its machine awake until it is killed. `PATH` holds the inhibitor. */
import { createLog } from '../../../bridge/log.ts';
import { createSleepInhibitor } from '../../../bridge/resources/sleep-inhibitor.ts';

createSleepInhibitor({ isAllowed: true, log: createLog('silent') }).setWanted(true);
setInterval(() => undefined, 60_000);
