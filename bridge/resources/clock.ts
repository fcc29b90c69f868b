/** The one real clock. Wall time is for people and files; order and deadlines use the monotonic one. */
import type { Clock } from '../batch/ports.ts';

export const systemClock: Clock = {
  iso: () => new Date().toISOString(),
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
