/** Tone curves: parametric, points, and points per channel. */
import { refuse } from './refuse.ts';
import { type CrsValue, textOf } from './settings.ts';
import type { SettingsReader } from './settings-reader.ts';

type Point = [input: number, output: number];

const MAX_POINTS = 32;
/** Camera Raw's own named curves; files that name one usually list its points too. */
const namedCurves: Readonly<Record<string, readonly Point[]>> = {
  'medium contrast': [
    [0, 0],
    [32, 22],
    [64, 56],
    [128, 128],
    [192, 196],
    [255, 255],
  ],
  'strong contrast': [
    [0, 0],
    [32, 16],
    [64, 50],
    [128, 128],
    [192, 202],
    [255, 255],
  ],
};
const channels = ['Red', 'Green', 'Blue'] as const;
const regions = ['Shadows', 'Darks', 'Lights', 'Highlights'] as const;
const splits = [
  ['ParametricShadowSplit', 'shadow_split', [10, 70], 25],
  ['ParametricMidtoneSplit', 'midtone_split', [20, 80], 50],
  ['ParametricHighlightSplit', 'highlight_split', [30, 90], 75],
] as const;

export function readCurves(reader: SettingsReader, isOld: boolean): void {
  reader.panel(['EnableToneCurve'], () => readAllCurves(reader, isOld));
}

function readAllCurves(reader: SettingsReader, isOld: boolean): void {
  readParametric(reader);
  const suffix = isOld ? '' : 'PV2012';
  readPointCurve(reader, `ToneCurve${suffix}`, isOld);
  for (const channel of channels) {
    readChannelCurve(reader, `ToneCurve${suffix}${channel}`, channel.toLowerCase());
  }
}

function readParametric(reader: SettingsReader): void {
  const moves = regions.map((region) =>
    reader.take([`Parametric${region}`], ['tone_curve', 'parametric', region.toLowerCase()], [-100, 100]),
  );
  const isActive = moves.some((move) => move !== 0);
  for (const [setting, member, range, usual] of splits) {
    const split = reader.number([setting], range);
    if (isActive && split !== null && split.value !== usual) {
      reader.put(setting, ['tone_curve', 'parametric', member], split.value);
    }
  }
}

function readPointCurve(reader: SettingsReader, setting: string, isOld: boolean): void {
  const nameSetting = isOld ? 'ToneCurveName' : 'ToneCurveName2012';
  const isNamed = reader.value([nameSetting]) !== null;
  const name = isNamed ? (textOf(reader.settings, nameSetting) ?? '').toLowerCase() : '';
  const points = readPoints(reader, setting);
  // "Medium contrast" was what RAW files got in the old versions: the look of a camera's JPEG, so nothing for a developed photo.
  if (isOld && name === 'medium contrast') return;
  const curve = points ?? namedCurves[name];
  if (curve === undefined || isStraight(curve)) return;
  reader.put(points === null ? nameSetting : setting, ['tone_curve', 'points'], curve);
}

function readChannelCurve(reader: SettingsReader, setting: string, channel: string): void {
  const points = readPoints(reader, setting);
  if (points !== null && !isStraight(points)) reader.put(setting, ['tone_curve', channel], points);
}

/** Null when the curve is absent or has fewer points than a curve needs. */
function readPoints(reader: SettingsReader, setting: string): Point[] | null {
  const found = reader.value([setting]);
  if (found === null) return null;
  const numbers = toNumbers(found.value, setting);
  const held = numbers.map((value) => Math.min(255, Math.max(0, value)));
  if (held.some((value, index) => value !== numbers[index])) {
    reader.notes.push(`${setting} has points outside 0 to 255; they were moved to the border`);
  }
  const points: Point[] = [];
  for (let at = 0; at + 1 < held.length; at += 2) {
    const [input = 0, output = 0] = held.slice(at, at + 2);
    const before = points.at(-1);
    if (before === undefined || input > before[0]) points.push([input, output]);
    else reader.notes.push(`${setting}: a point that does not lie right of the one before was left out`);
  }
  if (points.length > MAX_POINTS)
    throw refuse(`${setting} has ${points.length} points; at most ${MAX_POINTS}`);
  return points.length < 2 ? null : points;
}

/** XMP lists "input, output" texts, Lua tables the bare numbers one after the other. */
function toNumbers(value: CrsValue, setting: string): number[] {
  const items = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
  return items.flatMap((item: CrsValue) => {
    if (typeof item !== 'string') throw refuse(`${setting} must be a list of points`);
    return item
      .split(/[\s,]+/)
      .filter((part) => part !== '')
      .map((part) => {
        const number = Number(part);
        if (!Number.isFinite(number))
          throw refuse(`${setting} must be a list of points; got "${item.slice(0, 40)}"`);
        return number;
      });
  });
}

function isStraight(points: readonly Point[]): boolean {
  return points[0]?.[0] === 0 && points.at(-1)?.[0] === 255 && points.every(([x, y]) => x === y);
}
