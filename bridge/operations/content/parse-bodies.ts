/** Checks of the three requests: the exact messages in their exact order (operations.md, "Content operations"). Pure. */
import { type ContentChange, DEFAULT_REMOVAL_REASON } from './change.ts';
import { checkUpdates } from './metadata.ts';
import { type ContentId, contentIdSchema, toKey } from './record.ts';

export const BATCH_LIMIT = 100;
const REASON_LIMIT = 1000;
const CREATOR_LIMIT = 256;

export type ContentRequest = ContentChange & { contentIds: ContentId[]; creator: string };
export type BadRequest = { ok: false; status: 400; body: { message: string } & Record<string, unknown> };
export type ParsedRequest = { ok: true; value: ContentRequest } | BadRequest;

type Body = Readonly<Record<string, unknown>>;
type ParsedChange = { ok: true; change: ContentChange } | BadRequest;

export function parsePriceBody(given: unknown): ParsedRequest {
  return parseBody(given, ({ newPrice }) =>
    typeof newPrice === 'number' && Number.isFinite(newPrice) && newPrice >= 0
      ? toChange({ operationType: 'update-price', updatePayload: { newPrice } })
      : toBadRequest('Valid newPrice is required'),
  );
}

export function parseRemoveBody(given: unknown): ParsedRequest {
  return parseBody(given, ({ removalReason = null }) => {
    const isText = typeof removalReason === 'string' && removalReason.length <= REASON_LIMIT;
    if (removalReason !== null && !isText)
      return toBadRequest(`removalReason must be a text of at most ${REASON_LIMIT} characters`);
    const reason = removalReason?.trim() || DEFAULT_REMOVAL_REASON;
    return toChange({ operationType: 'remove', updatePayload: { removalReason: reason } });
  });
}

export function parseMetadataBody(given: unknown): ParsedRequest {
  return parseBody(given, ({ updates }) => {
    const checked = checkUpdates(updates);
    return checked.ok
      ? toChange({ operationType: 'update-metadata', updatePayload: checked.updates })
      : { ok: false, status: 400, body: checked.body };
  });
}

function parseBody(given: unknown, parseChange: (body: Body) => ParsedChange): ParsedRequest {
  const body: Body = typeof given === 'object' && given !== null ? { ...given } : {};
  const { contentIds, creator } = body;
  if (!Array.isArray(contentIds) || contentIds.length === 0)
    return toBadRequest('contentIds must be a non-empty array');
  if (contentIds.length > BATCH_LIMIT) return toBadRequest(`Batch size limited to ${BATCH_LIMIT} items`);
  const ids = toIds(contentIds);
  if (ids === null) return toBadRequest('contentIds must be texts or numbers');
  const parsed = parseChange(body);
  if (!parsed.ok) return parsed;
  const address = typeof creator === 'string' ? creator.trim() : '';
  if (address === '' || address.length > CREATOR_LIMIT) return toBadRequest('Creator address is required');
  return { ok: true, value: { ...parsed.change, contentIds: ids, creator: address } };
}

/** Each once, in the order given; null when one can be no id. */
function toIds(given: readonly unknown[]): ContentId[] | null {
  const ids = new Map<string, ContentId>();
  for (const entry of given) {
    const parsed = contentIdSchema.safeParse(entry);
    if (!parsed.success) return null;
    const key = toKey(parsed.data);
    if (!ids.has(key)) ids.set(key, parsed.data);
  }
  return [...ids.values()];
}

function toChange(change: ContentChange): ParsedChange {
  return { ok: true, change };
}

export function toBadRequest(message: string): BadRequest {
  return { ok: false, status: 400, body: { message } };
}
