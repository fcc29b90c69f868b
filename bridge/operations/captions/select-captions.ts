/** The captions of a start: from its body or from a file, chosen, checked, grouped by post. Writes nothing. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { ItemSelection, ItemSource, PathPolicy } from '../../batch/ports.ts';
import { BridgeError, toError } from '../../errors.ts';
import type { Caption } from './caption.ts';
import type { InputProblem } from './input-problem.ts';
import type { CaptionInput } from './item-input.ts';
import {
  groupByPost,
  type ParsedCaptions,
  type ParseOptions,
  parseCaptionList,
  parseCaptions,
} from './parse-captions.ts';
import { guessFormat } from './read-rows.ts';

const MAX_FILE_BYTES = 64 * 2 ** 20;
const MOST_PROBLEMS = 100;
const MOST_PROBLEMS_IN_WORDS = 5;
/** A pipe is opened without waiting for its writer, and then refused. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export type SelectOptions = ParseOptions & {
  paths: Pick<PathPolicy, 'source'>;
  /** Each caption is a unit of its own. */
  oneByOne: boolean;
};

/** Throws BridgeError: `bad_request` with every fault of the input, `unprocessable` when there is nothing to publish. */
export async function selectCaptions(source: ItemSource, options: SelectOptions): Promise<ItemSelection> {
  const parsed =
    'file' in source ? await parseCaptionFile(source.file, options) : parseCaptionList(source.items, options);
  if (!parsed.ok) throw toRefusal(parsed.problems);
  if (parsed.captions.length === 0) {
    const message = `no approved caption: none of ${parsed.left_out} rows has the status "approved"`;
    throw new BridgeError('unprocessable', message, { left_out: parsed.left_out });
  }
  const groups = options.oneByOne
    ? parsed.captions.map((caption) => [caption])
    : groupByPost(parsed.captions).map(({ captions }) => captions);
  return { items: groups.flatMap((group) => group.map(toItem)), units: groups.map(({ length }) => length) };
}

function toItem(caption: Caption, place: number): ItemSelection['items'][number] {
  return { ref: caption.image_id, input: { caption, place } satisfies CaptionInput };
}

export function toRefusal(problems: readonly InputProblem[]): BridgeError {
  const shown = problems.slice(0, MOST_PROBLEMS_IN_WORDS).map(({ message }) => message);
  const more = problems.length - shown.length;
  const words = [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
  return new BridgeError('bad_request', words, { errors: problems.slice(0, MOST_PROBLEMS) });
}

/** Throws BridgeError when the file cannot be read. */
export async function parseCaptionFile(
  path: string,
  options: ParseOptions & { paths: Pick<PathPolicy, 'source'> },
): Promise<ParsedCaptions> {
  if (!isAbsolute(path)) throw new BridgeError('invalid_path', `file: "${path}" is no absolute path`);
  const reason = await options.paths.source(path);
  if (reason !== null) throw new BridgeError('forbidden_path', `file: ${path}: ${reason}`);
  const text = await readBounded(path);
  return parseCaptions(text, guessFormat(path.slice(path.lastIndexOf('.') + 1), text), options);
}

async function readBounded(path: string): Promise<string> {
  try {
    const handle = await open(path, READ_FLAGS);
    try {
      const info = await handle.stat();
      if (!info.isFile()) throw new BridgeError('invalid_path', `file: ${path} is not a regular file`);
      checkSize(info.size);
      const bytes = Buffer.alloc(info.size);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      return decodeText(bytes.subarray(0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    if (thrown instanceof BridgeError) throw thrown;
    throw new BridgeError('invalid_path', `file: ${path} cannot be read: ${toError(thrown).message}`);
  }
}

/** Throws BridgeError `unprocessable` for more than a list of captions ever has. */
export function checkSize(bytes: number): void {
  if (bytes <= MAX_FILE_BYTES) return;
  throw new BridgeError(
    'unprocessable',
    `captions: more than ${MAX_FILE_BYTES / 2 ** 20} MB: give it in parts`,
  );
}

/** Throws BridgeError `bad_request`. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BridgeError('bad_request', 'captions: this is no UTF-8 text: save it as UTF-8');
  }
}
