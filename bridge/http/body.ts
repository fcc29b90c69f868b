/** Reads a JSON body from the stream within a limit. It knows no schema; `parse.ts` does. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Context } from 'hono';
import { BridgeError, toError } from '../errors.ts';
import { checkValues, createShapeCheck } from './json-scan.ts';
import type { AppEnv } from './services.ts';

/** `setting` is named in the refusal. */
export type BodyLimit = { bytes: number; setting: string };

const MEGABYTE = 1024 * 1024;
/** A body above this is worked through in several turns of the event loop, so that others are answered in between. */
const LARGE = MEGABYTE;

export function toBodyLimit(megabytes: number, setting: string): BodyLimit {
  return { bytes: Math.floor(megabytes * MEGABYTE), setting };
}

/**
 * The parsed body, or undefined when there is none. Throws BridgeError `body_too_large` (as soon as the limit is
 * passed, the rest is not read), `unsupported_media_type` or `bad_request`.
 */
export async function readJsonBody(c: Context<AppEnv>, limit: BodyLimit): Promise<unknown> {
  const bytes = await readWhole(c, limit, createShapeCheck());
  if (bytes.length === 0) return undefined;
  if (!isJsonType(c.req.header('content-type'))) throw wrongType(c.req.header('content-type'));
  const value = parseJson(bytes);
  if (bytes.length > LARGE) await nextTurn();
  checkValues(value);
  return value;
}

/** A body that is no JSON, as it came. Throws BridgeError `body_too_large` or `bad_request`. */
export function readPlainBody(c: Context<AppEnv>, limit: BodyLimit): Promise<Uint8Array> {
  return readWhole(c, limit, () => undefined);
}

async function readWhole(
  c: Context<AppEnv>,
  limit: BodyLimit,
  check: (chunk: Uint8Array) => void,
): Promise<Uint8Array> {
  const declared = Number(c.req.header('content-length') ?? 0);
  if (declared > limit.bytes) throw tooLarge(limit);
  return readBytes(c.req.raw.body, limit, check).catch((thrown: unknown) => {
    throw thrown instanceof BridgeError ? thrown : new BridgeError('bad_request', 'the body broke off');
  });
}

async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  limit: BodyLimit,
  check: (chunk: Uint8Array) => void,
): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > limit.bytes) {
      reader.releaseLock();
      throw tooLarge(limit);
    }
    check(part.value);
    chunks.push(part.value);
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (thrown) {
    throw new BridgeError('bad_request', `the body is not valid JSON in UTF-8: ${toError(thrown).message}`);
  }
}

/** `application/json`, with no charset or `utf-8`. */
export function isJsonType(contentType: string | undefined): boolean {
  return (
    contentType !== undefined &&
    /^\s*application\/json\s*(;\s*charset="?utf-8"?\s*)?;?\s*$/i.test(contentType)
  );
}

export function wrongType(contentType: string | undefined): BridgeError {
  const given =
    contentType === undefined ? 'it has no Content-Type' : `it says "${contentType.slice(0, 80)}"`;
  return new BridgeError(
    'unsupported_media_type',
    `a body must be JSON sent with the header "Content-Type: application/json"; ${given}`,
  );
}

function tooLarge({ bytes, setting }: BodyLimit): BridgeError {
  const megabytes = Number((bytes / MEGABYTE).toFixed(3));
  return new BridgeError('body_too_large', `the body is larger than ${megabytes} MB (setting ${setting})`);
}
