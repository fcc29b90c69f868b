/** What became of captions: values for results and counts. Pure. */
import type { Caption, PostGroup } from './caption.ts';
import { isRetryable, ServerFault } from './server-fault.ts';

export const captionErrorCodes = [
  'caption_too_long',
  'media_not_found',
  'conflicting_captions',
  'held_back',
  'poll_at_risk',
  'unsupported_server',
  'unauthorized',
  'forbidden',
  'post_not_found',
  'rejected',
  'rate_limited',
  'unreachable',
  'server_error',
  'not_verified',
  'not_restored',
  'internal',
] as const;
export type CaptionErrorCode = (typeof captionErrorCodes)[number];

export type CaptionError = { code: CaptionErrorCode; message: string; retryable: boolean };

/**
 * `published`: this run put it there. `unchanged`: it was there already. `planned`: a dry run would publish it.
 * `rolled_back`: the post is as it was before. `stopped`: cut off; running again goes on where it was. `failed`: the rest.
 */
export type CaptionStatus = 'published' | 'unchanged' | 'planned' | 'rolled_back' | 'failed' | 'stopped';

export type CaptionResult = {
  image_id: string;
  post_id: string;
  /** Null when it was not found in the post. */
  media_id: string | null;
  status: CaptionStatus;
  /** A re-read showed this caption on the server. */
  verified: boolean;
  error: CaptionError | null;
};

export type PostOutcome = {
  post_id: string;
  /** Writing requests that changed captions, without those that put the post back. */
  edits: number;
  /** The post was put back and found to be as before. */
  rolled_back: boolean;
  results: CaptionResult[];
};

export type CaptionStats = {
  processed: number;
  successful: number;
  failed: number;
  verified: number;
  /** Posts put back. */
  rollbacks: number;
  errors: string[];
  results: CaptionResult[];
  /** Why nothing was done, when that was by intent. */
  reason?: string;
};

/** `rollbacks`: posts put back. */
export function toStats(results: readonly CaptionResult[], rollbacks: number): CaptionStats {
  const count = (test: (result: CaptionResult) => boolean) => results.filter(test).length;
  return {
    processed: count(({ status }) => status !== 'stopped'),
    successful: count(({ status }) => status === 'published' || status === 'unchanged'),
    failed: count(({ status }) => status === 'failed' || status === 'rolled_back'),
    verified: count(({ verified }) => verified),
    rollbacks,
    errors: results.flatMap(({ error, image_id }) =>
      error === null ? [] : [`${image_id}: ${error.message}`],
    ),
    results: [...results],
  };
}

/** The same end for every caption of a post. */
export function toPostOutcome(
  group: PostGroup,
  toResult: (caption: Caption) => Pick<CaptionResult, 'status'> & Partial<CaptionResult>,
  more: Partial<Pick<PostOutcome, 'edits' | 'rolled_back'>> = {},
): PostOutcome {
  return {
    post_id: group.post_id,
    edits: 0,
    rolled_back: false,
    ...more,
    results: group.captions.map((caption) => ({
      image_id: caption.image_id,
      post_id: caption.post_id,
      media_id: 'media_id' in caption.target ? caption.target.media_id : null,
      verified: false,
      error: null,
      ...toResult(caption),
    })),
  };
}

/** A caught fault as an error with what to do about it. */
export function toCaptionError(thrown: unknown, post_id: string): CaptionError {
  if (!(thrown instanceof ServerFault)) {
    return { code: 'internal', message: `post ${post_id}: unexpected: ${String(thrown)}`, retryable: false };
  }
  const [code, remedy] = explain(thrown);
  return { code, message: `post ${post_id}: ${thrown.message}${remedy}`, retryable: isRetryable(thrown) };
}

function explain({ kind, status }: ServerFault): [CaptionErrorCode, string] {
  if (kind === 'connection' || kind === 'timeout') return ['unreachable', ''];
  if (kind !== 'http') return ['server_error', ''];
  if (status === 401) return ['unauthorized', ' (the access token is not valid: make a new one)'];
  if (status === 403)
    return ['forbidden', ' (the token needs the scopes read:statuses, write:statuses and write:media)'];
  if (status === 404 || status === 410)
    return ['post_not_found', ' (it is gone, or belongs to another account)'];
  if (status === 429) return ['rate_limited', ''];
  return [status >= 500 || status === 408 ? 'server_error' : 'rejected', ''];
}
