/** What a status object says, in sentences. Pure; every number is one of the object's own. */
import type {
  BatchStatus,
  BatchStatusObject,
  FailureCode,
  Hold,
  ItemStatus,
  OperationName,
} from '../../../client/index.ts';
import { toCount } from './operation.ts';
import { toMoment } from './time.ts';

export const statusWords: Readonly<Record<BatchStatus, string>> = {
  pending: 'Waiting to start',
  running: 'Running',
  paused: 'Paused',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export const itemStatusWords: Readonly<Record<ItemStatus, string>> = {
  pending: 'waiting',
  in_flight: 'in work',
  processed: 'done',
  failed: 'failed',
  skipped: 'skipped',
};

const failureWords: Readonly<Record<FailureCode, string>> = {
  source_missing: 'The file is missing',
  source_unreadable: 'The file cannot be read',
  source_changed: 'The file changed meanwhile',
  source_too_large: 'The photo is too large',
  not_an_image: 'Not an image',
  unsupported_format: 'A format that is not supported',
  damaged_image: 'The image is damaged',
  decoder_crash: 'The decoder crashed',
  timeout: 'It took too long',
  out_of_memory: 'Not enough memory',
  preset_invalid: 'The preset is not valid',
  output_exists: 'The output exists already',
  output_not_writable: 'The output folder cannot be written',
  output_full: 'The disk is full',
  cancelled: 'Cancelled',
  internal: 'An internal error',
  invalid_item: 'The item itself cannot be used',
  not_found: 'What it names is not there',
  rejected: 'The other side refused it',
  unreachable: 'The other side could not be reached',
  not_verified: 'It was done, but could not be seen afterwards',
  unconfirmed: 'Cut off: nobody can tell whether it was done',
};

export function toFailureTitle(code: string): string {
  return code in failureWords ? failureWords[code as FailureCode] : code.replaceAll('_', ' ');
}

const ownerWords: Readonly<Record<string, string>> = {
  user: 'On hold',
  cpu: 'Waits for the processor',
  memory: 'Waits for memory',
  storage: 'Waits for the disk',
  battery: 'Waits for mains power',
  schedule: 'Waits for its time',
  dependency: 'Waits for another batch',
  safe_mode: 'Safe mode',
  executor: 'Waits for the render host',
};

/** `Waits for mains power: on battery at 12 % …` */
export function toHoldSentence({ owner, reason, until }: Hold, operation: OperationName = 'develop'): string {
  const who = toOwner(owner, operation);
  const why = reason === '' ? '' : `: ${withMoments(reason)}`;
  const isTold = until === undefined || reason.includes(until);
  return `${who}${why}${isTold ? '' : ` (until ${toMoment(until)})`}`;
}

/** What other operations keep their results in is a file or a server, which the reason names. */
function toOwner(owner: string, operation: OperationName): string {
  if (owner.startsWith('client:')) return `Held by ${owner.slice('client:'.length)}`;
  if (owner === 'storage' && operation !== 'develop') return 'Waits';
  return ownerWords[owner] ?? owner;
}

/** Times as the daemon writes them, as the reader has them. */
function withMoments(sentence: string): string {
  return sentence.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (iso) => toMoment(iso));
}

export type LimitFacts = { limit: number; capacity: number; reason: string | null };

/** `Slowed to 1 of 8: other programs use 91 % of the CPU`; null when it is not slowed. */
export function toLimitSentence({ limit, capacity, reason }: LimitFacts): string | null {
  if (reason === null) return null;
  if (limit === 0) return `Standing still: ${reason.replace(/^waits: /, '')}`;
  return `Slowed to ${limit} of ${capacity}: ${reason}`;
}

/** Why a batch is slower than it could be, one sentence a reason. A hold that also is the limit's reason is told once. */
export function toReasons({
  status,
  operation,
  holds,
  backoff,
  error,
  webhook,
}: BatchStatusObject): string[] {
  const held = holds.map((hold) => toHoldSentence(hold, operation));
  const isTold = backoff !== null && holds.some(({ reason }) => reason === backoff.reason);
  const limit = status === 'running' && backoff !== null && !isTold ? toLimitSentence(backoff) : null;
  const unsent =
    webhook?.state === 'given_up' ? `Its webhook was given up: ${webhook.reason ?? 'no reason told'}` : null;
  return [error ?? null, ...held, limit, unsent].filter((sentence) => sentence !== null);
}

/** `120 photos`, `1 photo`; for other operations their own word. */
export function toTitle({ operation, total_photos }: BatchStatusObject): string {
  return toCount(total_photos, operation);
}
