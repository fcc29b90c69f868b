/** How large an inventory may be, and how a refusal of one reads. */
import { BridgeError } from '../../errors.ts';

const MB = 1024 * 1024;
/** Bytes of the file, CSV or packed XLSX. */
export const FILE_LIMIT = 50 * MB;
/** Bytes of all parts of a workbook together. */
export const UNPACKED_LIMIT = 200 * MB;
/** Unpacked bytes to one packed byte, of the whole workbook and of each part that is opened. */
export const RATIO_LIMIT = 100;
/** Small parts may pack better than that. */
export const RATIO_FLOOR = MB;
export const PARTS_LIMIT = 10_000;

export function toUnreadable(reason: string): BridgeError {
  return new BridgeError('unprocessable', `The inventory cannot be read: ${reason}`);
}
