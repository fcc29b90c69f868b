/** What passes between the host and its threads. Types and the commit gate; looks go by reference in shared memory. */
import type { Task } from '../bridge/contract/host-messages.ts';
import type { Look } from '../bridge/presets/look.ts';
import type { PhotoProxy } from './pipeline/photo-proxy.ts';

export type ThreadJob = {
  task_id: number;
  task: Task;
  /** Compiled from the task's recipe; null for export only. Its arrays lie in shared memory. */
  look: Look | null;
  gate: Int32Array;
  /** Bytes of pixels it may have without asking. */
  memoryShare: number;
  /** Turns of the programs that develop raw photos; the same for all threads. */
  slots: Int32Array;
  /** The photo of a proof, when it was decoded before. */
  proxy: PhotoProxy | null;
};

/**
 * Thread to host, beside the answers: it can take tasks; a task's photo was found to be this large (`waits_for`: it waits
 * until its pixels may take so many bytes); it was decoded.
 */
export type ThreadNote =
  | { type: 'loaded' }
  | { type: 'size'; task_id: number; megapixels: number; extra_s: number; waits_for?: number }
  | { type: 'proxy'; task_id: number; proxy: PhotoProxy };

/**
 * Decides once who wins: the thread that wants to write its output or the host that wants to stop it. After the host
 * won, nothing is written; after the thread won, it is left to finish.
 */
const OPEN = 0;
const COMMITTED = 1;
const STOPPED = 2;
/** Where in the gate it stands who writes, and whether there is room for the pixels. */
const WRITE = 0;
const ROOM = 1;

export function createGate(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}
/** Thread side. False: the host has stopped the task. */
export function enterGate(gate: Int32Array): boolean {
  return Atomics.compareExchange(gate, WRITE, OPEN, COMMITTED) === OPEN;
}
/** Host side. False: the thread is already writing. */
export function closeGate(gate: Int32Array): boolean {
  return Atomics.compareExchange(gate, WRITE, OPEN, STOPPED) === OPEN;
}

/** Thread side: blocks until `giveRoom`. */
export function waitForRoom(gate: Int32Array): void {
  Atomics.wait(gate, ROOM, 0);
}
/** Host side. */
export function giveRoom(gate: Int32Array): void {
  Atomics.store(gate, ROOM, 1);
  Atomics.notify(gate, ROOM);
}
