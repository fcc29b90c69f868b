/** The pace of running batches over the last ten minutes, as their status objects told it. */
import type { BatchMap } from './batch-map.ts';

export type RatePoint = { at: number; value: number };
export type RateLine = { batchId: string; points: readonly RatePoint[] };

export const KEPT_MS = 600_000;

/** `at`: milliseconds since 1970. Lines of which nothing is left are dropped. */
export function addRates(
  { batches, rates }: { batches: BatchMap; rates: readonly RateLine[] },
  at: number,
): readonly RateLine[] {
  const running = [...batches.values()].filter(({ status }) => status === 'running');
  if (running.length === 0 && rates.length === 0) return rates;
  const lines = new Map(rates.map(({ batchId, points }) => [batchId, points]));
  for (const { batch_id, photos_per_minute } of running) {
    if (photos_per_minute === null) continue;
    lines.set(batch_id, [...(lines.get(batch_id) ?? []), { at, value: photos_per_minute }]);
  }
  return [...lines]
    .map(([batchId, points]) => ({ batchId, points: points.filter((point) => point.at > at - KEPT_MS) }))
    .filter(({ points }) => points.length > 0);
}
