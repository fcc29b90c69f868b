/**
 * The library's way to publish captions without a daemon: batches of posts, so many at a time, counted in the end. It
 * keeps nothing; what was published before shows on the server.
 */
import type { Caption, PostGroup } from './caption.ts';
import { createCaptionServer } from './caption-server.ts';
import { type CaptionSettings, usualSettings } from './caption-settings.ts';
import type { Connection } from './connection.ts';
import { type Instance, probeInstance } from './instance.ts';
import { type CaptionStats, type PostOutcome, toCaptionError, toPostOutcome, toStats } from './outcome.ts';
import { groupByPost, type ParsedCaptions } from './parse-captions.ts';
import { publishPost } from './publish-post.ts';
import { type Pace, type RetryPolicy, systemPace } from './retry.ts';

export type PublisherParts = {
  connection: Connection;
  settings?: Partial<CaptionSettings>;
  /** Where the captions come from, chosen already (`parseCaptions`); asked anew by each call, with its limit. */
  captions: (limit: number | undefined) => ParsedCaptions | Promise<ParsedCaptions>;
  pace?: Pace;
  policy?: RetryPolicy;
};

export type PublishCall = { limit?: number; dryRun?: boolean; signal?: AbortSignal };

export interface CaptionPublisher {
  /** Rejects only when the captions cannot be read at all (what `captions` throws). */
  batchUpdateCaptions(call?: PublishCall): Promise<CaptionStats>;
  /** The posting service: batches when they are enabled, else one caption after the other, each with an edit of its own. */
  postApprovedCaptions(call?: PublishCall): Promise<CaptionStats>;
}

export function createCaptionPublisher(parts: PublisherParts): CaptionPublisher {
  const settings = { ...usualSettings, ...parts.settings };
  const batchUpdateCaptions = async (call: PublishCall = {}): Promise<CaptionStats> => {
    if (settings.enabled) return publishAll(parts, { settings, call });
    return { ...toStats([]), reason: 'Batch updates are disabled (BATCH_UPDATE_ENABLED=false)' };
  };
  return {
    batchUpdateCaptions,
    postApprovedCaptions: (call = {}) =>
      settings.enabled
        ? batchUpdateCaptions(call)
        : publishAll(parts, { settings: { ...settings, maxConcurrent: 1 }, call, oneByOne: true }),
  };
}

type Run = { settings: CaptionSettings; call: PublishCall; oneByOne?: boolean };

async function publishAll(parts: PublisherParts, run: Run): Promise<CaptionStats> {
  const parsed = await parts.captions(run.call.limit);
  if (!parsed.ok) return { ...toStats([]), errors: parsed.problems.map(({ message }) => message) };
  const groups = run.oneByOne ? parsed.captions.map(toSingle) : groupByPost(parsed.captions);
  if (groups.length === 0) return toStats([]);
  const readOnly = run.call.dryRun ?? run.settings.dryRun;
  const pace = parts.pace ?? systemPace;
  const server = createCaptionServer(parts.connection, { readOnly, now: pace.now });
  const at = { pace, ...(parts.policy && { policy: parts.policy }), signal: run.call.signal };
  let instance: Instance;
  try {
    instance = await probeInstance(server, at);
  } catch (thrown) {
    return toStats(groups.map((group) => toUnreached(group, thrown, run.call.signal)));
  }
  return toStats(
    await publishBatches(groups, { run, target: { server, instance, ...at }, dryRun: readOnly }),
  );
}

/** Batches are taken in order by `maxConcurrent` workers; the posts of a batch go one after the other. */
async function publishBatches(
  groups: readonly PostGroup[],
  of: { run: Run; target: Parameters<typeof publishPost>[1]; dryRun: boolean },
): Promise<PostOutcome[]> {
  const { batchSize, maxConcurrent, verifyDelayMs, rollback } = of.run.settings;
  const outcomes: PostOutcome[][] = [];
  const batches = Array.from({ length: Math.ceil(groups.length / batchSize) }, (_, index) => ({
    index,
    posts: groups.slice(index * batchSize, (index + 1) * batchSize),
  })).values();
  const work = async (): Promise<void> => {
    for (const { index, posts } of batches) {
      const ended: PostOutcome[] = [];
      outcomes[index] = ended;
      for (const post of posts) {
        ended.push(await publishPost(post, of.target, { verifyDelayMs, rollback, dryRun: of.dryRun }));
      }
    }
  };
  await Promise.all(Array.from({ length: maxConcurrent }, work));
  return outcomes.flat();
}

function toSingle(caption: Caption): PostGroup {
  return { post_id: caption.post_id, captions: [caption] };
}

function toUnreached(group: PostGroup, thrown: unknown, signal: AbortSignal | undefined): PostOutcome {
  if (signal?.aborted) return toPostOutcome(group, () => ({ status: 'stopped' }));
  const error = toCaptionError(thrown, group.post_id);
  return toPostOutcome(group, () => ({ status: 'failed', error }));
}
