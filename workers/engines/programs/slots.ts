/**
 * How many developing programs may run at a time, over all render threads: each takes a gigabyte or more. A slot holds the
 * process id of the supervisor that has it, so that a slot of a dead one is free again.
 */
import { totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const FREE = 0;
const POLL_MS = 200;
/** darktable 4.2 took 0.6 GB for 12 megapixels and grows with them. */
const PROGRAM_BYTES = 2e9;

/** Shared by all threads of a render host: half of the memory is for the programs. */
export function createSlots(threads: number): Int32Array {
  const memory = process.constrainedMemory() || totalmem();
  const count = Math.max(1, Math.min(threads, Math.floor(Math.min(memory, totalmem()) / 2 / PROGRAM_BYTES)));
  return new Int32Array(new SharedArrayBuffer(4 * count));
}

/** Resolves when a slot is taken, to what frees it. */
export async function takeSlot(
  slots: Int32Array,
  pid: number,
  onWait: (seconds: number) => void,
): Promise<() => void> {
  const began = performance.now();
  for (;;) {
    for (let slot = 0; slot < slots.length; slot++) {
      const holder = Atomics.load(slots, slot);
      if (holder !== FREE && isAlive(holder)) continue;
      if (Atomics.compareExchange(slots, slot, holder, pid) !== holder) continue;
      return () => void Atomics.compareExchange(slots, slot, pid, FREE);
    }
    onWait((performance.now() - began) / 1000);
    await sleep(POLL_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
