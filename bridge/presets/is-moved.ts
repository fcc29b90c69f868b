/** Tells whether any slider in a part of a preset stands away from its neutral 0. */

/** Looks into nested groups; absent is neutral. */
export function isMoved(part: unknown): boolean {
  if (typeof part === 'number') return part !== 0;
  if (typeof part !== 'object' || part === null) return false;
  return Object.values(part).some(isMoved);
}
