/** Size of an output from the size of its source and the batch's wishes. Pure. */
import type { OutputConfig } from '../../bridge/contract/develop-config.ts';

export type Size = { width: number; height: number };
export type SizeWishes = Pick<OutputConfig, 'long_edge' | 'width' | 'height' | 'megapixels' | 'enlarge'>;

/**
 * The largest size of the same shape that meets every wish: `long_edge`, `width`, `height` are upper bounds in pixels,
 * `megapixels` one of the area. Never above the source unless `enlarge`. At least 1 x 1.
 */
export function targetSize(source: Size, wishes: SizeWishes): Size {
  const scales: number[] = [];
  if (wishes.long_edge !== undefined) scales.push(wishes.long_edge / Math.max(source.width, source.height));
  if (wishes.width !== undefined) scales.push(wishes.width / source.width);
  if (wishes.height !== undefined) scales.push(wishes.height / source.height);
  if (wishes.megapixels !== undefined) {
    scales.push(Math.sqrt((wishes.megapixels * 1e6) / (source.width * source.height)));
  }
  const wished = scales.length === 0 ? 1 : Math.min(...scales);
  const scale = wishes.enlarge ? wished : Math.min(wished, 1);
  return {
    width: Math.max(1, Math.round(source.width * scale)),
    height: Math.max(1, Math.round(source.height * scale)),
  };
}
