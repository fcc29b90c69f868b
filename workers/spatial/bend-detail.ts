/** Raises or lowers what a smoothed picture leaves out: the common end of texture and noise reduction. */
import type { Coefficients } from './guided-filter.ts';
import { loopsOver } from './loops.ts';

type Bend = Coefficients & {
  luma: Float32Array;
  count: number;
  /** Of the detail, added; negative smooths. */
  strength: number;
  /** Square of a size of detail of which half is left alone; above 0. */
  noise: number;
  /** One over the size that detail is held below; 0: any. */
  softness: number;
};

/** `Y + strength * d * d^2 / (d^2 + noise) / (1 + |d| * softness)`, d = Y - (a Y + b), in place. */
export function bendDetail({ luma, a, b, count, strength, noise, softness }: Bend): void {
  const loops = loopsOver(luma, a, b);
  if (loops !== null) {
    loops.bendDetail(luma.byteOffset, a.byteOffset, b.byteOffset, count, strength, noise, softness);
    return;
  }
  for (let i = 0; i < count; i++) {
    const value = luma[i] ?? 0;
    const detail = value - ((a[i] ?? 0) * value + (b[i] ?? 0));
    const square = detail * detail;
    const kept = square / (square + noise);
    luma[i] = value + (strength * detail * kept) / (1 + Math.abs(detail) * softness);
  }
}
