/** The start body: its shape and the seed's exact words. */
import { z } from 'zod';
import {
  type StartBody,
  startBodySchema,
  startRequestSchema,
  templateNameSchema,
} from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { TemplateApi } from '../templates/api.ts';
import { applyTemplate } from '../templates/apply-template.ts';
import { parseWith } from './parse.ts';

const photoSchema = startBodySchema.shape.photos.unwrap().element;
/** Where the items of a batch come from: photos for `develop`, anything else for the other operations. */
const photoSources = ['photo_ids', 'photos', 'select'] as const;
const itemSources = ['items', 'file'] as const;

export type StartBodyOptions = {
  /** Setting `limits.photos_per_batch`. */
  maxPhotos: number;
  templates: Pick<TemplateApi, 'resolve'>;
};

/**
 * `undefined`: there was no body. Throws `bad_request`; `unknown_template`; `unprocessable` for more than
 * `maxPhotos`.
 */
export function parseStartBody(body: unknown, { maxPhotos, templates }: StartBodyOptions): StartBody {
  const value = withTemplate(body === undefined ? {} : body, templates);
  if (isObject(value)) {
    checkCount(value, maxPhotos);
    if ('photo_ids' in value) checkPhotoIds(value.photo_ids);
  }
  const parsed = parseStart(value);
  checkSources(parsed);
  return parsed;
}

function checkSources(body: StartBody): void {
  const isDevelop = body.operation === 'develop';
  const [wanted, others] = isDevelop ? [photoSources, itemSources] : [itemSources, photoSources];
  const refuse = (sentence: string, field = ''): BridgeError =>
    new BridgeError('bad_request', sentence, { field });
  const given = wanted.filter((source) => body[source] !== undefined);
  const wrong = others.find((source) => body[source] !== undefined);
  if (wrong !== undefined) {
    const remedy = `operation "${body.operation}" takes one of ${wanted.join(', ')}`;
    throw refuse(`${wrong} does not fit: ${remedy}`, wrong);
  }
  if (given.length === 0 && isDevelop) throw refuse('photo_ids is required', 'photo_ids');
  if (given.length === 0) throw refuse(`one of ${wanted.join(', ')} is required`, 'items');
  if (given.length === 1) return;
  throw refuse(`give only one of ${wanted.join(', ')}; got ${given.join(' and ')}`, given[1]);
}

const namedSchema = z.object({ template: templateNameSchema });

/** Before anything is checked or filled in: what a template says counts as said by the body. */
function withTemplate(body: unknown, templates: Pick<TemplateApi, 'resolve'>): unknown {
  if (!isObject(body) || !('template' in body)) return body;
  const { template } = parseWith(namedSchema, { template: body.template });
  return applyTemplate(body, templates.resolve(template).start);
}

/**
 * The ids are checked by then, and the schema would take a tenth of a second for a million of them: it sees the first. Of photos
 * it sees none behind the first wrong one: it would collect what is wrong with a million of them.
 */
function parseStart(value: unknown): StartBody {
  if (!isObject(value)) return parseWith(startRequestSchema, value);
  if (Array.isArray(value.photos)) {
    const wrong = value.photos.findIndex((photo) => !photoSchema.safeParse(photo).success);
    const seen = wrong === -1 ? value.photos : value.photos.slice(0, wrong + 1);
    return parseWith(startRequestSchema, { ...value, photos: seen });
  }
  if (!('photo_ids' in value)) return parseWith(startRequestSchema, value);
  const ids = value.photo_ids as number[];
  return { ...parseWith(startRequestSchema, { ...value, photo_ids: ids.slice(0, 1) }), photo_ids: ids };
}

function checkCount(body: Record<string, unknown>, maxPhotos: number): void {
  for (const field of ['photo_ids', 'photos', 'items']) {
    const list = body[field];
    if (!Array.isArray(list) || list.length <= maxPhotos) continue;
    const sentence = `${field} has ${list.length} elements; a batch may have ${maxPhotos} (setting limits.photos_per_batch)`;
    throw new BridgeError('unprocessable', sentence, { field });
  }
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
