/** What a batch is over: photos by their ids, or items that are no photos. */
import type { Ref } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { Core } from './core.ts';

export type Selection = {
  ids: Float64Array;
  refs: (Ref | null)[] | null;
  /** Of items that are no photos: what each is, in order. */
  inputs?: readonly unknown[];
  units?: readonly number[] | undefined;
  warnings?: readonly string[] | undefined;
};

export function checkCount(core: Core, count: number, noun: 'photos' | 'items' = 'photos'): void {
  if (count <= core.maxPhotos) return;
  const text = `${count} ${noun} are more than one batch may have: ${core.maxPhotos} (setting limits.photos_per_batch)`;
  throw new BridgeError('unprocessable', text);
}
