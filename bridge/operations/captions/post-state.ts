/** A post as the server has it, complete enough to put it back exactly. Reads only. */
import type { CaptionServer, StatusAnswer, StatusUpdate } from './caption-server.ts';
import type { Instance } from './instance.ts';

export type PostPoll = {
  options: string[];
  multiple: boolean;
  hide_totals: boolean;
  expires_at: string | null;
};
export type PostMedia = { id: string; description: string | null };

/** JSON all through, so that it can be kept beside a batch; it holds nothing of the connection. */
export type PostState = {
  id: string;
  /** The text as it was written; null where the server edits captions alone (wire `media`). */
  source: { text: string; spoiler_text: string } | null;
  sensitive: boolean;
  language: string | null;
  poll: PostPoll | null;
  quote_policy: 'public' | 'followers' | 'nobody' | null;
  /** In the order of the post. */
  media: PostMedia[];
};

/** Rejects with ServerFault. */
export async function readPost(
  server: CaptionServer,
  { id, wire, signal }: { id: string; wire: Instance['wire']; signal: AbortSignal | undefined },
): Promise<PostState> {
  const status = await server.fetchStatus(id, signal);
  const source = wire === 'status' ? await server.fetchSource(id, signal) : null;
  return {
    id,
    source: source && { text: source.text, spoiler_text: source.spoilerText },
    sensitive: status.sensitive,
    language: status.language ?? null,
    poll: toPoll(status),
    quote_policy: toQuotePolicy(status),
    media: status.mediaAttachments.map((media) => ({ id: media.id, description: media.description ?? null })),
  };
}

/** A copy that nobody can change any more. */
export function freezePost(post: PostState): PostState {
  const copy = structuredClone(post);
  freeze(copy);
  return copy;
}

/** The post with other captions, as the one edit that changes nothing else. `now`: wall clock, milliseconds. */
export function toUpdate(
  post: PostState,
  {
    captions,
    now,
    instance,
  }: { captions: ReadonlyMap<string, string | null>; now: number; instance: Instance },
): StatusUpdate {
  return {
    status: post.source?.text ?? '',
    spoilerText: post.source?.spoiler_text ?? '',
    sensitive: post.sensitive,
    ...(post.language !== null && { language: post.language }),
    ...(post.poll !== null && { poll: toPollUpdate(post.poll, now, instance) }),
    ...(post.quote_policy !== null && { quoteApprovalPolicy: post.quote_policy }),
    // An edit without media_ids takes all images off the post.
    mediaIds: post.media.map(({ id }) => id),
    mediaAttributes: post.media.map(({ id, description }) => ({
      id,
      description: captions.get(id) ?? description,
    })),
  };
}

/** Why this post cannot be edited without harm; null when it can. A poll is set anew by an edit, and lost without it. */
export function pollAtRisk(post: PostState, now: number, instance: Instance): string | null {
  if (post.poll === null || post.poll.expires_at === null) return null;
  const left = (Date.parse(post.poll.expires_at) - now) / 1000;
  if (left > instance.poll_min_expiration + 60) return null;
  return left <= 0
    ? `the poll of post ${post.id} has ended: an edit would open it again or remove it`
    : `the poll of post ${post.id} ends soon: an edit would prolong it`;
}

function toPollUpdate(poll: PostPoll, now: number, instance: Instance): NonNullable<StatusUpdate['poll']> {
  const left = poll.expires_at === null ? Number.NaN : Math.ceil((Date.parse(poll.expires_at) - now) / 1000);
  return {
    options: [...poll.options],
    expiresIn: Number.isNaN(left)
      ? instance.poll_min_expiration
      : Math.max(left, instance.poll_min_expiration),
    multiple: poll.multiple,
    hideTotals: poll.hide_totals,
  };
}

/** Counts are hidden from everybody while the poll is open: that is how a server tells of `hide_totals`. */
function toPoll({ poll }: StatusAnswer): PostPoll | null {
  if (poll === null || poll === undefined) return null;
  const hidden = poll.options.length > 0 && poll.options.every(({ votesCount }) => votesCount == null);
  return {
    options: poll.options.map(({ title }) => title),
    multiple: poll.multiple,
    hide_totals: !poll.expired && hidden,
    expires_at: poll.expiresAt ?? null,
  };
}

function toQuotePolicy({ quoteApproval }: StatusAnswer): PostState['quote_policy'] {
  if (quoteApproval === undefined || quoteApproval.manual.length > 0) return null;
  const [policy, ...more] = quoteApproval.automatic;
  if (policy === undefined) return 'nobody';
  return more.length === 0 && (policy === 'public' || policy === 'followers') ? policy : null;
}

function freeze(value: object): void {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) freeze(member);
  Object.freeze(value);
}
