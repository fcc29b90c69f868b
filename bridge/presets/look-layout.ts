/**
 * The ways to split a preset between the curves in front of the table and the table's nodes. Each is exact at the nodes; they
 * differ in how well straight lines between nodes follow the mathematics.
 */
import type { ColourStage, ToneStage } from './colour/rgb.ts';
import { solveRising } from './colour/solve-rising.ts';
import { channelLights, colourStage, renderStage } from './develop-colour.ts';
import type { DevelopStages } from './develop-stages.ts';
import { CURVE_ENTRIES } from './look.ts';

type PerChannel = readonly [red: ToneStage, green: ToneStage, blue: ToneStage];

export type LookLayout = {
  /** Encoded value 0..1 to place on the axis 0..1. Null: they are the same. */
  front: PerChannel | null;
  /** Place on the axis to what `render` takes. */
  behind: PerChannel;
  render: ColourStage;
};

/** Shares of the points' bend that the curves may carry; the rest of their slope is even. */
const POINT_SHARES = [0.3, 0.6, 0.8];

/**
 * Without a tone stage the curves carry light and points in full, whatever their shape. With one its hue correction lies between the
 * two: then the curves carry the light, which leaves tone and points to the nodes, or a share of all three where that rises.
 */
export function findLayouts(stages: DevelopStages): LookLayout[] {
  const { tone, points, gains } = stages;
  const lights = channelLights(stages);
  const isPlain = gains.every((gain) => gain === 1);
  if (tone === null) {
    const render = colourStage(stages);
    if (points === null && isPlain) return [{ front: null, behind: [same, same, same], render }];
    return [{ ...stretch(points === null ? lights : chain(lights, points), [same, same, same]), render }];
  }
  const render = renderStage(stages);
  const even: LookLayout = isPlain
    ? { front: null, behind: [same, same, same], render }
    : { ...stretch(lights, [same, same, same]), render };
  if (points === null) return [even];
  const top = Math.max(...lights.map((light) => light(1)));
  const bent = chain([tone, tone, tone], points);
  const shaped = POINT_SHARES.map((share) => mixEven(bent, share, top)).filter((shape) =>
    shape.every((curve) => rises(curve, top)),
  );
  return [
    even,
    ...shaped.map((shape) => {
      const undo =
        (channel: 0 | 1 | 2): ToneStage =>
        (value) =>
          solveRising(shape[channel], value, [0, top]);
      return { ...stretch(chain(lights, shape), [undo(0), undo(1), undo(2)]), render };
    }),
  ];
}

const same: ToneStage = (value) => value;

/** `share` of the curve and the rest of the straight line between the curve's ends. */
function mixEven(shape: PerChannel, share: number, top: number): PerChannel {
  const mix = (channel: 0 | 1 | 2): ToneStage => {
    const curve = shape[channel];
    const start = curve(0);
    const slope = (curve(top) - start) / top;
    return (value) => share * curve(value) + (1 - share) * (start + slope * value);
  };
  return [mix(0), mix(1), mix(2)];
}

function chain(first: PerChannel, second: PerChannel): PerChannel {
  const both =
    (channel: 0 | 1 | 2): ToneStage =>
    (value) =>
      second[channel](first[channel](value));
  return [both(0), both(1), both(2)];
}

/**
 * Stretches what the three curves give over the whole axis. One scale for all three: then the planes of equal channels stay on the
 * diagonals of the grid, where tetrahedral interpolation has its own corners.
 */
function stretch(curves: PerChannel, undo: PerChannel): Pick<LookLayout, 'front' | 'behind'> {
  let low = Infinity;
  let high = -Infinity;
  for (const curve of curves) {
    for (let entry = 0; entry < CURVE_ENTRIES; entry++) {
      const value = curve(entry / (CURVE_ENTRIES - 1));
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  const span = Math.max(high - low, 1e-6);
  const toAxis =
    (channel: 0 | 1 | 2): ToneStage =>
    (value) =>
      (curves[channel](value) - low) / span;
  const fromAxis =
    (channel: 0 | 1 | 2): ToneStage =>
    (place) =>
      undo[channel](low + place * span);
  return { front: [toAxis(0), toAxis(1), toAxis(2)], behind: [fromAxis(0), fromAxis(1), fromAxis(2)] };
}

/** Never falls, so that it can be turned around; where it is level, what went in is lost, which the error estimate will tell. */
function rises(curve: ToneStage, top: number): boolean {
  const steps = 256;
  for (let step = 0; step < steps; step++) {
    if (curve(((step + 1) / steps) * top) < curve((step / steps) * top)) return false;
  }
  return true;
}
