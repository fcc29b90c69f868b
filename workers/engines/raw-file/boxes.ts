/** Walks ISO base media boxes by place, without copies; 64-bit sizes included. ISO/IEC 14496-12, 4.2. */

/** `start`..`end`: the payload. */
export type Box = { type: string; start: number; end: number };

const MAX_BOXES = 1000;

/** The boxes one after the other in `start`..`end`; `isWhole`: the last one ends where it should. */
export function readBoxesWithin(
  file: Buffer,
  start: number,
  end: number,
): { boxes: Box[]; isWhole: boolean } {
  const boxes: Box[] = [];
  let at = start;
  while (at + 8 <= end && boxes.length < MAX_BOXES) {
    const short = file.readUInt32BE(at);
    const isLong = short === 1;
    if (isLong && at + 16 > end) return { boxes, isWhole: false };
    const size = isLong ? Number(file.readBigUInt64BE(at + 8)) : short === 0 ? end - at : short;
    const head = isLong ? 16 : 8;
    if (size < head || at + size > end) return { boxes, isWhole: false };
    boxes.push({ type: file.toString('latin1', at + 4, at + 8), start: at + head, end: at + size });
    at += size;
  }
  return { boxes, isWhole: at === end };
}

/** The first box down that path of types; none when a step is missing. */
export function findBoxes(file: Buffer, from: Box, path: readonly string[]): Box[] {
  let box: Box | undefined = from;
  for (const step of path) {
    box = readBoxesWithin(file, box.start, box.end).boxes.find(({ type }) => type === step);
    if (box === undefined) return [];
  }
  return [box];
}
