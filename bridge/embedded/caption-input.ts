/** The captions of a call: from a file, a text or rows; and back to rows, as the engine keeps them. */
import type { Caption } from '../operations/captions/caption.ts';
import {
  type ParsedCaptions,
  type ParseOptions,
  parseCaptionList,
  parseCaptions,
} from '../operations/captions/parse-captions.ts';
import { guessFormat } from '../operations/captions/read-rows.ts';
import { checkSize, decodeText, parseCaptionFile } from '../operations/captions/select-captions.ts';

/** `file`: absolute, JSON or CSV by its name or its look. `rows`: objects with the fields of a caption. */
export type CaptionInput =
  | { file: string }
  | { text: string; format?: 'json' | 'csv' }
  | { bytes: Uint8Array }
  | { rows: readonly unknown[] };

/** Throws BridgeError when a file cannot be read, or there is too much of it. */
export async function parseCaptionInput(input: CaptionInput, options: ParseOptions): Promise<ParsedCaptions> {
  if ('rows' in input) return parseCaptionList(input.rows, options);
  if ('file' in input) return parseCaptionFile(input.file, { ...options, paths: anyPath });
  if ('bytes' in input) return parseCaptionInput({ text: decodeText(input.bytes) }, options);
  checkSize(Buffer.byteLength(input.text));
  return parseCaptions(input.text, input.format ?? guessFormat('', input.text), options);
}

/** Who calls a library reads with the rights of the own process. */
export const anyPath = { source: async () => null };

export function toRow({ image_id, post_id, target, text, updated_at }: Caption): Record<string, unknown> {
  return { image_id, post_id, ...target, caption: text, status: 'approved', updated_at };
}
