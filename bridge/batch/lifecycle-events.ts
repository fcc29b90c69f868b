/** Which event tells of which step. */
import type { BatchAction, BatchLifecycleType } from '../contract/index.ts';

export const lifecycleEvents: Record<BatchAction, BatchLifecycleType> = {
  start: 'batch_started',
  pause: 'batch_paused',
  resume: 'batch_resumed',
  cancel: 'batch_cancelled',
  complete: 'batch_completed',
  fail: 'batch_failed',
  retry: 'batch_resumed',
  recover: 'batch_recovered',
};
