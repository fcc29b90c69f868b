/** Replaces ranges of bytes and leaves every other byte as it is. */

/** `start` = `end` inserts. */
export type BytePatch = { start: number; end: number; bytes: Buffer };

/** Patches ascending, not overlapping. */
export function applyPatches(bytes: Buffer, patches: readonly BytePatch[]): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { start, end, bytes: replacement } of patches) {
    pieces.push(bytes.subarray(at, start), replacement);
    at = end;
  }
  pieces.push(bytes.subarray(at));
  return Buffer.concat(pieces);
}
