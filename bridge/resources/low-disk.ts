/** While the volume of the data folder is nearly full, no photo is handed out: what must be recorded needs the rest. */
import type { Log } from '../log.ts';
import { createPolledGate, type PolledGate } from './polled-gate.ts';

const BUSY_MS = 1000;
/** The first task of a batch is a reason to look besides. */
const IDLE_MS = 10_000;

export type LowDiskGateParts = {
  /** Null while there is room, else what is wrong and how it is mended. */
  findLow: () => Promise<string | null>;
  /** Batches run or would. */
  isBusy: () => boolean;
  clock: { iso(): string };
  log: Log;
};

export function createLowDiskGate({ findLow, isBusy, clock, log }: LowDiskGateParts): PolledGate {
  return createPolledGate({
    look: async () => {
      const reason = await findLow();
      return reason === null
        ? null
        : { owner: 'storage', reason: `${reason}; batches then go on by themselves.` };
    },
    waitMs: () => (isBusy() ? BUSY_MS : IDLE_MS),
    iso: clock.iso,
    log,
  });
}
