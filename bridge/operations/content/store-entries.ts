/** What the log of the content store holds, and its form on disk. */
import { contentOperationTypes } from '../../contract/index.ts';
import type { ContentChange } from './change.ts';
import type { ContentId, ContentRecord } from './record.ts';

/** A change that has still to reach the mirror. `token`: names this change for ever, `{batch}:{item}`. */
export type MirrorJob = ContentChange & { token: string; contentId: ContentId; creator: string };

export type StoreEntry =
  | { kind: 'record'; record: ContentRecord }
  /** The record after the change; `job` null when there is no mirror. One entry, so that neither is ever without the other. */
  | { kind: 'change'; record: ContentRecord; token: string; job: MirrorJob | null }
  | { kind: 'mirrored'; token: string }
  /** Only in a rewritten log: what earlier changes have left behind. */
  | { kind: 'applied'; token: string }
  | { kind: 'job'; job: MirrorJob };

/** Null for what is none; kinds of a newer version are passed over. */
export function parseEntry(payload: unknown): StoreEntry | null {
  if (typeof payload !== 'object' || payload === null || !('kind' in payload)) return null;
  const { kind, record, token, job } = payload as Record<string, unknown>;
  const hasToken = typeof token === 'string';
  switch (kind) {
    case 'record':
      return isRecord(record) ? { kind, record } : null;
    case 'change':
      return isRecord(record) && hasToken ? { kind, record, token, job: isJob(job) ? job : null } : null;
    case 'mirrored':
    case 'applied':
      return hasToken ? { kind, token } : null;
    case 'job':
      return isJob(job) ? { kind, job } : null;
    default:
      return null;
  }
}

/** The log is checked by its own sums, and what went in was checked: this only tells our kinds from others. */
function isRecord(given: unknown): given is ContentRecord {
  if (typeof given !== 'object' || given === null) return false;
  const { id, creator } = given as Record<string, unknown>;
  return (typeof id === 'string' || typeof id === 'number') && typeof creator === 'string';
}

function isJob(given: unknown): given is MirrorJob {
  if (typeof given !== 'object' || given === null) return false;
  const { token, operationType } = given as Record<string, unknown>;
  return typeof token === 'string' && (contentOperationTypes as readonly unknown[]).includes(operationType);
}
