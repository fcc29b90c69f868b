/** How many records are settled between two saves of the inventory. */
import { BridgeError } from '../../errors.ts';

export type SaveEvery = { kind: 'percent'; percent: number } | { kind: 'records'; records: number };

export const defaultSaveEvery: SaveEvery = { kind: 'percent', percent: 10 };

/** `10%`, or a number of records. Throws BridgeError `unprocessable`. */
export function parseSaveEvery(text: string): SaveEvery {
  const match = /^(\d{1,7}(?:\.\d{1,3})?)\s*(%?)$/.exec(text.trim());
  const value = Number(match?.[1] ?? 0);
  if (value > 0 && value <= 100 && match?.[2] === '%') return { kind: 'percent', percent: value };
  if (value >= 1 && Number.isInteger(value) && match?.[2] === '') return { kind: 'records', records: value };
  throw new BridgeError('unprocessable', 'save-every must be a percentage up to 100% or a number of records');
}

/** In records, at least 1. */
export function toSaveInterval(total: number, every: SaveEvery): number {
  return every.kind === 'records' ? every.records : Math.max(1, Math.floor((total * every.percent) / 100));
}
