/**
 * A lookup table as a Look: its shaper and its domain go into the curves in front, its nodes stay what they are. Only a grid larger
 * than a kernel runs is made anew. Pure.
 */
import type { Rgb } from '../colour/rgb.ts';
import { CURVE_ENTRIES, type Look } from '../look.ts';
import { evaluateCube, evaluateShaper, type LutCube, type LutTable, rangeOf, toPlace } from './lut-table.ts';

/** Largest grid that runs as it is, and the one that larger ones are resampled to. */
const MAX_NODES = 129;

/** `hash`: of the table's content. */
export function compileLut(table: LutTable, hash: string): Look {
  const { shaper } = table;
  const cube = table.cube === null ? null : fitted(table.cube);
  if (cube === null) {
    if (shaper === null) throw new RangeError('a table has a shaper or a cube');
    const { low, high } = rangeOf(shaper);
    const span = Math.max(high - low, 1e-6);
    const box = { min: [low, low, low] as Rgb, max: [low + span, low + span, low + span] as Rgb };
    const curves = tabulate((rgb) => toPlace(box, evaluateShaper(shaper, rgb)));
    return { hash, curves, size: 2, lut: cornersOf(low, low + span) };
  }
  const isPlain = shaper === null && isUnit(cube);
  const curves = isPlain
    ? null
    : tabulate((rgb) => toPlace(cube, shaper === null ? rgb : evaluateShaper(shaper, rgb)));
  return { hash, curves, size: cube.size, lut: cube.values };
}

/** Every node of the new grid is exact; between them it errs by what the table bends inside one of its cells. */
function fitted(cube: LutCube): LutCube {
  if (cube.size <= MAX_NODES) return cube;
  const size = MAX_NODES;
  const unit: LutCube = { ...cube, min: [0, 0, 0], max: [1, 1, 1] };
  const values = new Float32Array(3 * size ** 3);
  let at = 0;
  for (let blue = 0; blue < size; blue += 1) {
    for (let green = 0; green < size; green += 1) {
      for (let red = 0; red < size; red += 1) {
        const last = size - 1;
        values.set(evaluateCube(unit, [red / last, green / last, blue / last]), at);
        at += 3;
      }
    }
  }
  return { ...cube, size, values };
}

function isUnit({ min, max }: LutCube): boolean {
  return min.every((value) => value === 0) && max.every((value) => value === 1);
}

/** Curves from a function that treats each channel by itself. */
function tabulate(place: (rgb: Rgb) => Rgb): Float32Array {
  const curves = new Float32Array(3 * CURVE_ENTRIES);
  for (let entry = 0; entry < CURVE_ENTRIES; entry += 1) {
    const value = entry / (CURVE_ENTRIES - 1);
    for (const [channel, at] of place([value, value, value]).entries())
      curves[channel * CURVE_ENTRIES + entry] = at;
  }
  return curves;
}

/** The two nodes an axis of the table that takes 0..1 to `low`..`high`. */
function cornersOf(low: number, high: number): Float32Array {
  const lut = new Float32Array(24);
  for (let node = 0; node < 8; node += 1) {
    lut.set([node & 1 ? high : low, node & 2 ? high : low, node & 4 ? high : low], 3 * node);
  }
  return lut;
}
