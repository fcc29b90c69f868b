/** The start body: its shape, the seed's exact words, and what this version cannot do yet. */
import { type StartBody, startBodySchema } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import { parseWith } from './parse.ts';

/** Parts of the contract that are known but not served. */
const notYetKeys = ['template', 'items', 'file', 'webhook'] as const;
const photoSchema = startBodySchema.shape.photos.unwrap().element;
const sources = ['photo_ids', 'photos', 'select'] as const;

/**
 * `undefined`: there was no body. Throws `bad_request`; `not_implemented` for what this version lacks; `unprocessable`
 * for more than `maxPhotos` (setting `limits.photos_per_batch`).
 */
export function parseStartBody(body: unknown, maxPhotos: number): StartBody {
  const value = body === undefined ? {} : body;
  if (isObject(value)) {
    checkAvailable(value);
    checkCount(value, maxPhotos);
    if ('photo_ids' in value) checkPhotoIds(value.photo_ids);
  }
  const parsed = parseStart(value);
  const given = sources.filter((source) => parsed[source] !== undefined);
  if (given.length === 0)
    throw new BridgeError('bad_request', 'photo_ids is required', { field: 'photo_ids' });
  if (given.length > 1) {
    throw new BridgeError(
      'bad_request',
      `give only one of ${sources.join(', ')}; got ${given.join(' and ')}`,
      {
        field: given[1] ?? '',
      },
    );
  }
  return parsed;
}

/**
 * The ids are checked by then, and the schema would take a tenth of a second for a million of them: it sees the first. Of photos
 * it sees none behind the first wrong one: it would collect what is wrong with a million of them.
 */
function parseStart(value: unknown): StartBody {
  if (!isObject(value)) return parseWith(startBodySchema, value);
  if (Array.isArray(value.photos)) {
    const wrong = value.photos.findIndex((photo) => !photoSchema.safeParse(photo).success);
    const seen = wrong === -1 ? value.photos : value.photos.slice(0, wrong + 1);
    return parseWith(startBodySchema, { ...value, photos: seen });
  }
  if (!('photo_ids' in value)) return parseWith(startBodySchema, value);
  const ids = value.photo_ids as number[];
  return { ...parseWith(startBodySchema, { ...value, photo_ids: ids.slice(0, 1) }), photo_ids: ids };
}

function checkAvailable(body: Record<string, unknown>): void {
  const { operation } = body;
  if (operation === 'captions' || operation === 'listings' || operation === 'content') {
    throw notYet(`operation "${operation}" is not available in this version; "develop" is`, 'operation');
  }
  for (const key of notYetKeys) {
    if (key in body) throw notYet(`${key} is not available in this version of the daemon`, key);
  }
}

function checkCount(body: Record<string, unknown>, maxPhotos: number): void {
  for (const field of ['photo_ids', 'photos']) {
    const list = body[field];
    if (!Array.isArray(list) || list.length <= maxPhotos) continue;
    const sentence = `${field} has ${list.length} photos; a batch may have ${maxPhotos} (setting limits.photos_per_batch)`;
    throw new BridgeError('unprocessable', sentence, { field });
  }
}

function notYet(sentence: string, field: string): BridgeError {
  return new BridgeError('not_implemented', sentence, { field });
}

/** Before the schema: it would collect an issue for each of a million wrong ids. */
function checkPhotoIds(ids: unknown): void {
  if (!Array.isArray(ids) || ids.length === 0) {
    throw new BridgeError('bad_request', 'photo_ids must be a non-empty list', { field: 'photo_ids' });
  }
  const wrong = ids.findIndex((id) => !Number.isSafeInteger(id));
  if (wrong === -1) return;
  const field = `photo_ids[${wrong}]`;
  const shown = JSON.stringify(ids[wrong])?.slice(0, 80);
  throw new BridgeError('bad_request', `${field} must be a whole number; got ${shown}`, { field });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
