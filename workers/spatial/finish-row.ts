/** Brings a band's row back to encoded pixels: colour joined to luma, steps that need no neighbours, blend, rounding. */
import type { Pixels } from '../pipeline/pixels.ts';
import { type Band, BLUE_SHARE, GREEN_SHARE, RED_SHARE } from './band.ts';
import type { Row, RowStep } from './vignette.ts';

type RowJob = {
  band: Band;
  /** Row within the band. */
  y: number;
  /** What the band was filled from, beginning at its first row. */
  bytes: Pixels['data'];
  channels: 3 | 4;
};
type Finish = RowJob & {
  row: Row;
  steps: readonly RowStep[];
  /** Source pixels of this row, still untouched: replaced by the mix. Alpha stays. */
  target: Pixels['data'];
  /** 0..1. */
  blend: number;
};

/** `target` becomes `source + blend * (developed - source)`, `developed` held within 0..1, rounded once. */
export function finishRow({ row, steps, target, blend, ...job }: Finish): void {
  fillRow(row, job);
  for (const step of steps) step(row, job.band.top + job.y);
  const { channels } = job;
  const top = target instanceof Uint16Array ? 65535 : 255;
  const rest = 1 - blend;
  for (let x = 0, at = 0; x < job.band.width; x++, at += channels) {
    const red = Math.min(1, Math.max(0, row.red[x] ?? 0)) * top;
    const green = Math.min(1, Math.max(0, row.green[x] ?? 0)) * top;
    const blue = Math.min(1, Math.max(0, row.blue[x] ?? 0)) * top;
    target[at] = rest * (target[at] ?? 0) + blend * red + 0.5;
    target[at + 1] = rest * (target[at + 1] ?? 0) + blend * green + 0.5;
    target[at + 2] = rest * (target[at + 2] ?? 0) + blend * blue + 0.5;
  }
}

export function createRow(width: number): Row {
  return { red: new Float32Array(width), green: new Float32Array(width), blue: new Float32Array(width) };
}

function fillRow(row: Row, { band, y, bytes, channels }: RowJob): void {
  const { width, luma, colour, gain } = band;
  const unit = bytes instanceof Uint16Array ? 1 / 65535 : 1 / 255;
  for (let x = 0, i = y * width, at = i * channels; x < width; x++, i++, at += channels) {
    const value = luma[i] ?? 0;
    const by = gain === null ? 1 : (gain[i] ?? 1);
    let red = 0;
    let green = 0;
    let blue = 0;
    if (colour === null) {
      green = bytes[at + 1] ?? 0;
      red = (bytes[at] ?? 0) - green;
      blue = (bytes[at + 2] ?? 0) - green;
      green = -(RED_SHARE * red + BLUE_SHARE * blue);
      red = (red + green) * unit;
      blue = (blue + green) * unit;
      green *= unit;
    } else {
      red = colour.red[i] ?? 0;
      blue = colour.blue[i] ?? 0;
      green = -(RED_SHARE * red + BLUE_SHARE * blue) / GREEN_SHARE;
    }
    row.red[x] = value + by * red;
    row.green[x] = value + by * green;
    row.blue[x] = value + by * blue;
  }
}
