/** A band: some rows of the picture as planes of floats, with the rows around them that steps look at. Types and conversion only. */
import type { Pixels } from '../pipeline/pixels.ts';
import type { PlaneSize } from './box-mean.ts';
import type { Scratch } from './guided-filter.ts';
import { type Arena, loopsOver } from './loops.ts';

/**
 * Encoded values 0..1. Brightness and colour are apart: steps of detail move `luma` alone, so that grey stays grey and hues stay.
 */
export type Band = PlaneSize & {
  /** The picture's row that is the band's first; a multiple of BAND_ALIGNMENT. */
  top: number;
  luma: Float32Array;
  /** Red and blue minus luma; null unless a step works on colour. */
  colour: { red: Float32Array; blue: Float32Array } | null;
  /** Factor on red, green and blue minus luma; null unless a step sets it. */
  gain: Float32Array | null;
};
export type BandStep = {
  /** Rows above and below that a row's result depends on. */
  halo: number;
  needs: 'luma' | 'colour' | 'gain';
  run(band: Band, room: Room): void;
};
/** `arena`: for what a step keeps from band to band. */
export type Room = { scratch: Scratch; arena: Arena };
/** What radii and patterns depend on besides the step. */
export type Frame = PlaneSize & {
  /** Pixels of this picture to one of the full-size photo, each way. */
  scale: number;
  /** Of the grain: whole number, the same for the same photo. */
  seed: number;
};
/** Steps that work on cells of pixels find the same cells in every band. */
export const BAND_ALIGNMENT = 4;

/** Rec. 709 weights on encoded values, written so that a grey is itself, to the last bit. */
export const RED_SHARE = 0.2126;
export const BLUE_SHARE = 0.0722;
export const GREEN_SHARE = 1 - RED_SHARE - BLUE_SHARE;

/** Fills the band's planes from encoded pixels, `bytes` beginning at the band's first row. */
export function fillBand(band: Band, bytes: Pixels['data'], channels: 3 | 4): void {
  const { luma, colour } = band;
  const job = { bytes, channels, count: band.width * band.height };
  fillLuma(luma, job);
  if (colour !== null) fillColour(colour, job);
}

type Fill = { bytes: Pixels['data']; channels: 3 | 4; count: number };

function fillLuma(luma: Float32Array, { bytes, channels, count }: Fill): void {
  const unit = bytes instanceof Uint16Array ? 1 / 65535 : 1 / 255;
  const loops = bytes instanceof Uint8Array && channels === 3 ? loopsOver(luma, bytes) : null;
  if (loops !== null) {
    loops.luma8(bytes.byteOffset, luma.byteOffset, count, RED_SHARE, BLUE_SHARE, unit);
    return;
  }
  for (let i = 0, at = 0; i < count; i++, at += channels) {
    const green = bytes[at + 1] ?? 0;
    const red = (bytes[at] ?? 0) - green;
    const blue = (bytes[at + 2] ?? 0) - green;
    luma[i] = (green + RED_SHARE * red + BLUE_SHARE * blue) * unit;
  }
}

function fillColour(
  colour: { red: Float32Array; blue: Float32Array },
  { bytes, channels, count }: Fill,
): void {
  const unit = bytes instanceof Uint16Array ? 1 / 65535 : 1 / 255;
  for (let i = 0, at = 0; i < count; i++, at += channels) {
    const green = bytes[at + 1] ?? 0;
    const red = (bytes[at] ?? 0) - green;
    const blue = (bytes[at + 2] ?? 0) - green;
    const above = RED_SHARE * red + BLUE_SHARE * blue;
    colour.red[i] = (red - above) * unit;
    colour.blue[i] = (blue - above) * unit;
  }
}
