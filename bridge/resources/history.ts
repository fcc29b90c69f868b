/** The newest readings with what was decided on them, for people who ask why. Keeps a bounded number. */
import type { ResourcePoint } from '../contract/index.ts';

/** Ten minutes at a point every two seconds. */
const KEPT = 300;
const SPACING_MS = 2000;

export type History = {
  /** `atMs`: monotonic. Points closer than two seconds to the one before are left out, unless the limit or the load changed. */
  add(point: ResourcePoint, atMs: number): void;
  /** Oldest first. */
  points(): readonly ResourcePoint[];
};

export function createHistory(): History {
  const points: ResourcePoint[] = [];
  let addedMs = Number.NEGATIVE_INFINITY;
  return {
    add(point, atMs) {
      const last = points.at(-1);
      const isNews = last?.limit !== point.limit || last.state !== point.state;
      if (!isNews && atMs - addedMs < SPACING_MS) return;
      addedMs = atMs;
      points.push(point);
      if (points.length > KEPT) points.shift();
    },
    points: () => points,
  };
}
