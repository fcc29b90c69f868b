/** Captions for the posts of a server, and a clock that never really waits. */
import type { Caption } from '../../../../bridge/operations/captions/caption.ts';
import { createCaptionServer } from '../../../../bridge/operations/captions/caption-server.ts';
import { parseConnection } from '../../../../bridge/operations/captions/connection.ts';
import { probeInstance } from '../../../../bridge/operations/captions/instance.ts';
import type { PostOutcome } from '../../../../bridge/operations/captions/outcome.ts';
import { groupByPost } from '../../../../bridge/operations/captions/parse-captions.ts';
import { type PublishOptions, publishPost } from '../../../../bridge/operations/captions/publish-post.ts';
import type { Pace } from '../../../../bridge/operations/captions/retry.ts';
import type { MastodonServer } from '../../../helpers/mastodon/server.ts';
import type { StoredPost } from '../../../helpers/mastodon/state.ts';

export type TestPace = Pace & { readonly delays: number[]; onDelay: (ms: number) => void };

/** Delays are written down and the clock set forward. */
export function createTestPace(): TestPace {
  let time = Date.parse('2026-05-01T12:00:00Z');
  return {
    delays: [],
    onDelay: () => undefined,
    async delay(ms, signal) {
      this.delays.push(ms);
      time += ms;
      this.onDelay(ms);
      signal?.throwIfAborted();
    },
    random: () => 0.5,
    now: () => time,
  };
}

export function captionsFor(post: StoredPost, texts: (string | undefined)[] = []): Caption[] {
  return post.media.map((_, index) => ({
    image_id: `${post.id}/${index}`,
    post_id: post.id,
    target: { attachment_index: index },
    text: texts[index] ?? `New caption ${index} of ${post.id}`,
    updated_at: null,
  }));
}

/** One post, as the batch engine runs it. */
export async function publishOne(
  server: MastodonServer,
  captions: readonly Caption[],
  {
    pace = createTestPace(),
    signal,
    ...options
  }: Partial<PublishOptions> & { pace?: TestPace; signal?: AbortSignal } = {},
): Promise<PostOutcome> {
  const api = createCaptionServer(parseConnection({ server: server.url, token: server.token }), {
    readOnly: options.dryRun ?? false,
    now: pace.now,
  });
  const instance = await probeInstance(api, { pace });
  const [group] = groupByPost(captions);
  return publishPost(
    group!,
    { server: api, instance, pace, signal },
    { verifyDelayMs: 2000, rollback: true, dryRun: false, ...options },
  );
}
