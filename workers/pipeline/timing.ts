/** When a task began and how long it took: wall clock for people, monotonic for the duration. */

export type Timing = { started_at: string; duration_ms: number };

export function startTiming(): () => Timing {
  const started_at = new Date().toISOString();
  const began = performance.now();
  return () => ({ started_at, duration_ms: Math.round(performance.now() - began) });
}
