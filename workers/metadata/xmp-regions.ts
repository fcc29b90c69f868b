/**
 * Turns the regions that an XMP packet marks in a photo (faces, focus) as the photo itself is turned: they are stored
 * against the pixels as they lie in the file, and the output's lie upright. Regions in normalised units follow a resize
 * by themselves. Metadata Working Group, Guidelines 2.0, 5.9; Microsoft's people tagging.
 */
import { elements, prefixesOf } from './xmp-text.ts';

/** Centre and size, each a share of the picture's width or height. */
export type Region = { x: number; y: number; w: number; h: number };

/** `orientation`: 1 to 8, Exif 2.32, 4.6.4. */
export function turnRegion({ x, y, w, h }: Region, orientation: number): Region {
  const onSide = { w: h, h: w };
  switch (orientation) {
    case 2:
      return { x: 1 - x, y, w, h };
    case 3:
      return { x: 1 - x, y: 1 - y, w, h };
    case 4:
      return { x, y: 1 - y, w, h };
    case 5:
      return { x: y, y: x, ...onSide };
    case 6:
      return { x: 1 - y, y: x, ...onSide };
    case 7:
      return { x: 1 - y, y: 1 - x, ...onSide };
    case 8:
      return { x: y, y: 1 - x, ...onSide };
    default:
      return { x, y, w, h };
  }
}

type Placing = { orientation: number; width: number; height: number };
const areaKeys = ['x', 'y', 'w', 'h'] as const;
/** A photo of a stadium has some hundreds. */
const MAX_REGIONS = 2000;

/** `width` and `height`: of the output, for the packet's note of what size its regions are about. */
export function placeRegions(text: string, { orientation, width, height }: Placing): string {
  const turn = (region: Region) => turnRegion(region, orientation);
  let result = text;
  for (const prefix of prefixesOf(text, 'regions')) {
    result = replaceElements(result, `${prefix}:AppliedToDimensions`, (own) =>
      prefixesOf(text, 'dimensions').reduce(
        (size, name) => setNumbers(size, name, { w: String(width), h: String(height) }),
        own,
      ),
    );
    if (orientation > 1) {
      result = replaceElements(result, `${prefix}:Area`, (own) =>
        prefixesOf(text, 'area').reduce((area, name) => turnArea(area, name, turn), own),
      );
    }
  }
  if (orientation <= 1) return result;
  return prefixesOf(text, 'people').reduce((all, prefix) => turnRectangles(all, prefix, turn), result);
}

function replaceElements(text: string, name: string, change: (element: string) => string): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end } of elements(text, name)) {
    if (parts.length > 2 * MAX_REGIONS) break;
    parts.push(text.slice(from, start), change(text.slice(start, end)));
    from = end;
  }
  return parts.join('') + text.slice(from);
}

/** As attribute or as element. */
function numberPattern(name: string): RegExp {
  return new RegExp(`([\\s<]${name}(?:\\s{0,8}=\\s{0,8}["']|>))\\s{0,8}(-?[\\d.]{1,30})`);
}

function setNumbers(element: string, prefix: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce(
    (text, [key, value]) =>
      text.replace(numberPattern(`${prefix}:${key}`), (_match, head: string) => head + value),
    element,
  );
}

function turnArea(element: string, prefix: string, turn: (region: Region) => Region): string {
  if (element.includes('pixel')) return element;
  const read = (key: string) => Number(numberPattern(`${prefix}:${key}`).exec(element)?.[2] ?? Number.NaN);
  const [x, y, w, h] = areaKeys.map(read) as [number, number, number, number];
  if (Number.isNaN(x + y)) return element;
  // A point has no size.
  const turned = turn({ x, y, w, h });
  const values = areaKeys
    .filter((key) => !Number.isNaN(turned[key]))
    .map((key) => [key, toText(turned[key])]);
  return setNumbers(element, prefix, Object.fromEntries(values));
}

/** Microsoft's: the corner at the top left, then the size. */
function turnRectangles(text: string, prefix: string, turn: (region: Region) => Region): string {
  const number = '\\s{0,4}(-?[\\d.]{1,30})\\s{0,4}';
  const pattern = new RegExp(
    `(${prefix}:Rectangle(?:\\s{0,8}=\\s{0,8}["']|>))${number},${number},${number},${number}(?=["'<])`,
    'g',
  );
  return text.replace(pattern, (_match, head: string, ...groups: unknown[]) => {
    const [left = 0, top = 0, w = 0, h = 0] = groups.slice(0, 4).map(Number);
    const turned = turn({ x: left + w / 2, y: top + h / 2, w, h });
    const corner = [turned.x - turned.w / 2, turned.y - turned.h / 2, turned.w, turned.h];
    return head + corner.map(toText).join(', ');
  });
}

/** Six decimals are finer than a pixel of any photo. */
function toText(value: number): string {
  return String(Number(value.toFixed(6)));
}
