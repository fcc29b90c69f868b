/** Brings a band's row back to encoded pixels: colour joined to luma, steps that need no neighbours, blend, rounding. */
import type { Pixels } from '../pipeline/pixels.ts';
import { type Band, BLUE_SHARE, GREEN_SHARE, RED_SHARE } from './band.ts';
import { type Arena, loopsOver } from './loops.ts';
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
  row: FinishedRow;
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
  mixRow(row, target, { channels: job.channels, blend });
}

/** Red, green and blue lie behind each other, equally far apart; `mixed` is for the last loop. */
export function createRow(width: number, arena: Arena): FinishedRow {
  const [red, green, blue] = [arena.floats(width), arena.floats(width), arena.floats(width)];
  return { red, green, blue, mixed: arena.bytes(3 * width) };
}
export type FinishedRow = Row & { mixed: Uint8Array };

function mixRow(
  row: FinishedRow,
  target: Pixels['data'],
  { channels, blend }: { channels: 3 | 4; blend: number },
): void {
  const { red, green, blue, mixed } = row;
  const rest = 1 - blend;
  const loops = target instanceof Uint8Array && channels === 3 ? loopsOver(red, green, blue, mixed) : null;
  if (loops !== null) {
    mixed.set(target);
    const stride = green.byteOffset - red.byteOffset;
    loops.mix8(red.byteOffset, stride, mixed.byteOffset, red.length, blend, rest);
    target.set(mixed);
    return;
  }
  const top = target instanceof Uint16Array ? 65535 : 255;
  const whole = blend * top;
  for (let x = 0, at = 0; x < red.length; x++, at += channels) {
    target[at] = rest * (target[at] ?? 0) + whole * hold(red[x] ?? 0) + 0.5;
    target[at + 1] = rest * (target[at + 1] ?? 0) + whole * hold(green[x] ?? 0) + 0.5;
    target[at + 2] = rest * (target[at + 2] ?? 0) + whole * hold(blue[x] ?? 0) + 0.5;
  }
}

function hold(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function fillRow(row: Row, job: RowJob): void {
  const { band, y, bytes, channels } = job;
  const { width, luma, colour, gain } = band;
  const isPlain = colour === null && bytes instanceof Uint8Array && channels === 3;
  const loops = isPlain ? loopsOver(luma, bytes, row.red, row.green, row.blue) : null;
  if (loops === null) {
    if (colour === null) joinBytes(row, job);
    else joinColour(row, { ...band, colour }, y);
    return;
  }
  const at = y * width;
  const gains = gain === null ? 0 : gain.byteOffset + 4 * at;
  const [from, to] = [bytes.byteOffset + 3 * at, luma.byteOffset + 4 * at];
  const stride = row.green.byteOffset - row.red.byteOffset;
  loops.join8(from, to, gains, row.red.byteOffset, stride, width, RED_SHARE, BLUE_SHARE, 1 / 255);
}

function joinBytes(row: Row, { band: { width, luma, gain }, y, bytes, channels }: RowJob): void {
  const unit = bytes instanceof Uint16Array ? 1 / 65535 : 1 / 255;
  for (let x = 0, i = y * width, at = i * channels; x < width; x++, i++, at += channels) {
    const value = luma[i] ?? 0;
    const by = gain === null ? unit : unit * (gain[i] ?? 1);
    const base = bytes[at + 1] ?? 0;
    const red = (bytes[at] ?? 0) - base;
    const blue = (bytes[at + 2] ?? 0) - base;
    const green = RED_SHARE * red + BLUE_SHARE * blue;
    row.red[x] = value + by * (red - green);
    row.green[x] = value - by * green;
    row.blue[x] = value + by * (blue - green);
  }
}

type ColourBand = Band & { colour: { red: Float32Array; blue: Float32Array } };

function joinColour(row: Row, { width, luma, colour, gain }: ColourBand, y: number): void {
  for (let x = 0, i = y * width; x < width; x++, i++) {
    const value = luma[i] ?? 0;
    const by = gain === null ? 1 : (gain[i] ?? 1);
    const red = colour.red[i] ?? 0;
    const blue = colour.blue[i] ?? 0;
    row.red[x] = value + by * red;
    row.green[x] = value - (by * (RED_SHARE * red + BLUE_SHARE * blue)) / GREEN_SHARE;
    row.blue[x] = value + by * blue;
  }
}
