/** Counts a run from the engine's results of its items. */
import type { ItemResult, Ref } from '../contract/index.ts';
import type { Caption } from '../operations/captions/caption.ts';
import type { CaptionsConfig } from '../operations/captions/config.ts';
import {
  type CaptionError,
  type CaptionResult,
  type CaptionStats,
  type CaptionStatus,
  captionErrorCodes,
  toStats,
} from '../operations/captions/outcome.ts';

/** What of an item's result tells of its caption. */
export type Settled = Pick<ItemResult, 'status' | 'details' | 'failure'> & { ref?: Ref | null | undefined };

export class Counted {
  readonly #captions: ReadonlyMap<string, Caption>;
  readonly #oneByOne: boolean;
  readonly #results: CaptionResult[] = [];
  /** Posts put back; captions, where each has an edit of its own. */
  readonly #putBack = new Set<string>();

  constructor({ captions, config }: { captions: readonly Caption[]; config: CaptionsConfig }) {
    this.#captions = new Map(captions.map((caption) => [caption.image_id, caption]));
    this.#oneByOne = config.one_by_one;
  }

  /** Throws an Error for an item that is none of the captions. */
  toResult({ ref, status, details = {}, failure }: Settled): CaptionResult {
    const caption = this.#captions.get(String(ref));
    if (caption === undefined) throw new Error(`there is no caption for the image ${String(ref)}`);
    const { image_id, post_id, target } = caption;
    const given = 'media_id' in target ? target.media_id : null;
    return {
      image_id,
      post_id,
      media_id: typeof details.media_id === 'string' ? details.media_id : given,
      status: toStatus(status, details.outcome),
      verified: details.verified === true,
      error: failure === undefined ? null : toError(failure, details.reason_code),
    };
  }

  add(item: Settled): void {
    const result = this.toResult(item);
    this.#results.push(result);
    if (item.details?.rolled_back === true)
      this.#putBack.add(this.#oneByOne ? result.image_id : result.post_id);
  }

  stats(): CaptionStats {
    return toStats(this.#results, this.#putBack.size);
  }
}

const outcomes: Record<string, CaptionStatus | undefined> = {
  published: 'published',
  unchanged: 'unchanged',
  planned: 'planned',
  rolled_back: 'rolled_back',
  failed: 'failed',
};

function toStatus(status: Settled['status'], outcome: unknown): CaptionStatus {
  if (status === 'pending' || status === 'in_flight') return 'stopped';
  return outcomes[String(outcome)] ?? (status === 'failed' ? 'failed' : 'published');
}

function toError({ message, retryable }: NonNullable<Settled['failure']>, reason: unknown): CaptionError {
  return { code: captionErrorCodes.find((code) => code === reason) ?? 'internal', message, retryable };
}
