/**
 * One post from start to end: read, plan, edit, verify, put back. Safe to run again after a crash at any point: it looks
 * at the server first. Two runs for one post at the same time are the caller's to prevent.
 */
import type { PostGroup } from './caption.ts';
import { captionsOf, findDifferences, findWrongCaptions, isBetween, isSameCaption } from './compare-post.ts';
import type { CaptionError, CaptionResult, PostOutcome } from './outcome.ts';
import { toCaptionError, toPostOutcome } from './outcome.ts';
import { type PostPlan, planPost } from './plan-post.ts';
import { freezePost, type PostState, readPost } from './post-state.ts';
import { withRetries } from './retry.ts';
import { type Target, type Written, writeCaptions, writeOriginal } from './write-captions.ts';

export type PublishOptions = {
  verifyDelayMs: number;
  /** Put the post back when its captions cannot be verified. */
  rollback: boolean;
  /** Looks, and says what would be done. */
  dryRun: boolean;
  /** What an earlier, interrupted run saved; the post is put back to this, if that run can have made it what it is now. */
  original?: PostState;
  /**
   * To make the original durable, with the captions wanted by media id: awaited before the first write, so that a later run
   * can put it back.
   */
  saveOriginal?: (original: PostState, wanted: ReadonlyMap<string, string>) => Promise<void>;
};

type Work = { group: PostGroup; target: Target; options: PublishOptions };
type Edited = Work & { original: PostState; plan: PostPlan; written: Written };

/** Never rejects for a fault of the post or the server. */
export async function publishPost(
  group: PostGroup,
  target: Target,
  options: PublishOptions,
): Promise<PostOutcome> {
  const work = { group, target, options };
  try {
    return await publish(work);
  } catch (thrown) {
    if (target.signal?.aborted) return toPostOutcome(group, () => ({ status: 'stopped' }));
    return toFailed(work, toCaptionError(thrown, group.post_id));
  }
}

async function publish(work: Work): Promise<PostOutcome> {
  const { group, target, options } = work;
  if (target.instance.unable !== null) {
    return toFailed(work, { code: 'unsupported_server', message: target.instance.unable, retryable: false });
  }
  const post = await readAgain(work, target.signal);
  const plan = planPost(group, { post, instance: target.instance, now: target.pace.now() });
  if (plan.problems.size > 0) {
    return toPostOutcome(group, ({ image_id }) => ({
      status: 'failed',
      error: plan.problems.get(image_id) ?? null,
      ...mediaOf(plan, image_id),
    }));
  }
  if (plan.changes.length === 0) return toSettled(work, plan, { edits: 0, published: 'unchanged' });
  if (options.dryRun) return toSettled(work, plan, { edits: 0, published: 'planned' });
  const before = options.original;
  const isHalfDone = before !== undefined && isBetween(post, { original: before, wanted: plan.wanted });
  const original = freezePost(isHalfDone ? before : post);
  await options.saveOriginal?.(original, plan.wanted);
  target.signal?.throwIfAborted();
  const captions = new Map([...plan.wanted].filter(([id]) => plan.changes.includes(id)));
  const written = await writeCaptions(target, { post, captions });
  return conclude({ ...work, original, plan, written });
}

/** What was written is looked at; what is not as it should be is put back. */
async function conclude(edited: Edited): Promise<PostOutcome> {
  const { group, target, options, plan, written, original } = edited;
  const fault = written.fault === null ? null : toCaptionError(written.fault, group.post_id);
  if (target.signal?.aborted) return toStopped(edited);
  if (fault !== null && written.touched.length === 0) return toFailed(edited, fault);
  const seen = await verify(edited);
  if (target.signal?.aborted) return toStopped(edited);
  if ('post' in seen && seen.wrong.length === 0) {
    return toSettled(edited, plan, { edits: Math.max(1, written.edits), published: 'published' });
  }
  if (fault !== null && 'post' in seen && findDifferences(seen.post, original).length === 0) {
    return toFailed(edited, fault);
  }
  const why = 'post' in seen ? (fault ?? describeWrong(edited, seen.wrong)) : seen.fault;
  if (!options.rollback) return leaveInPlace(edited, why, 'post' in seen ? seen.wrong : plan.changes);
  return putBack(edited, why);
}

type Seen = { post: PostState; wrong: readonly string[] } | { fault: CaptionError };

/** Reads the post again after the delay and compares every caption, also those that were not to change. */
async function verify({ group, target, options, plan, original }: Edited): Promise<Seen> {
  try {
    await target.pace.delay(options.verifyDelayMs, target.signal);
    const post = await readAgain({ group, target, options }, target.signal);
    const expected = new Map([
      ...original.media.map(({ id, description }) => [id, description] as const),
      ...plan.wanted,
    ]);
    return { post, wrong: findWrongCaptions(post, expected) };
  } catch (thrown) {
    return { fault: toCaptionError(thrown, group.post_id) };
  }
}

/** Once begun this is finished, also when the batch is being stopped: half a post is worse than a late end. */
async function putBack(edited: Edited, why: CaptionError): Promise<PostOutcome> {
  const { group, plan, original, written } = edited;
  const target = { ...edited.target, signal: undefined };
  const changed = findChanged(edited);
  // What an attempt that was cut off has published goes too: a post is published whole or not at all.
  const earlier = [...changed].filter((id) => !plan.changes.includes(id));
  const { fault } = await writeOriginal(target, { original, touched: [...written.touched, ...earlier] });
  const left = await findLeft({ ...edited, target }, fault);
  if (left !== null) {
    const message = `${why.message}; putting it back failed too: ${left}: look at the post`;
    return toFailed(edited, { code: 'not_restored', message, retryable: true }, written.edits);
  }
  const error = { ...why, message: `${why.message}; the post was put back as it was` };
  return toPostOutcome(
    group,
    ({ image_id }) => {
      const media = mediaOf(plan, image_id);
      return changed.has(media.media_id ?? '')
        ? { status: 'rolled_back', error, ...media }
        : { status: 'unchanged', verified: true, ...media };
    },
    { edits: written.edits, rolled_back: true },
  );
}

/** Images whose wanted caption is another than before. */
function findChanged({ plan, original }: Edited): Set<string> {
  const before = captionsOf(original);
  const changed = [...plan.wanted].filter(([id, text]) => !isSameCaption(text, before.get(id)));
  return new Set(changed.map(([id]) => id));
}

/** What of the post is still not as it was; null when all is. A refused request counts only by what is left. */
async function findLeft(edited: Edited, fault: unknown): Promise<string | null> {
  try {
    await edited.target.pace.delay(edited.options.verifyDelayMs);
    const differences = findDifferences(await readAgain(edited, undefined), edited.original);
    if (differences.length === 0) return null;
    const said = fault === null ? '' : ` (${toCaptionError(fault, edited.group.post_id).message})`;
    return `its ${differences.join(', ')} differ from before${said}`;
  } catch (thrown) {
    return toCaptionError(thrown, edited.group.post_id).message;
  }
}

function leaveInPlace(edited: Edited, why: CaptionError, wrong: readonly string[]): PostOutcome {
  const { group, plan, written } = edited;
  const landed = plan.changes.filter((id) => !wrong.includes(id)).length;
  const message = `${why.message}; not put back: ${landed} of ${plan.changes.length} captions of the post have landed`;
  return toPostOutcome(
    group,
    ({ image_id }) => {
      const media = mediaOf(plan, image_id);
      if (!wrong.includes(media.media_id ?? '')) {
        const status = plan.changes.includes(media.media_id ?? '') ? 'published' : 'unchanged';
        return { status, verified: true, ...media };
      }
      return { status: 'failed', error: { ...why, message }, ...media };
    },
    { edits: written.edits },
  );
}

function describeWrong({ group, plan }: Edited, wrong: readonly string[]): CaptionError {
  const images = [...plan.media].filter(([, id]) => wrong.includes(id)).map(([image]) => image);
  const which = images.length > 0 ? `the caption of ${images.join(', ')}` : 'another caption of the post';
  const message = `post ${group.post_id}: ${which} is not on the server as sent, though it took the edit`;
  return { code: 'not_verified', message, retryable: true };
}

function toSettled(
  { group }: Work,
  plan: PostPlan,
  { edits, published }: { edits: number; published: 'published' | 'unchanged' | 'planned' },
): PostOutcome {
  return toPostOutcome(
    group,
    ({ image_id }): Pick<CaptionResult, 'status' | 'verified' | 'media_id'> => {
      const { media_id } = mediaOf(plan, image_id);
      const status = plan.changes.includes(media_id ?? '') ? published : 'unchanged';
      return { status, verified: status !== 'planned', media_id };
    },
    { edits },
  );
}

function toFailed({ group }: Work, error: CaptionError, edits = 0): PostOutcome {
  return toPostOutcome(group, () => ({ status: 'failed', error }), { edits });
}

function toStopped({ group, written }: Edited): PostOutcome {
  return toPostOutcome(group, () => ({ status: 'stopped' }), { edits: written.edits });
}

function mediaOf(plan: PostPlan, image_id: string): { media_id: string | null } {
  return { media_id: plan.media.get(image_id) ?? null };
}

function readAgain({ group, target }: Work, signal: AbortSignal | undefined): Promise<PostState> {
  const read = () => readPost(target.server, { id: group.post_id, wire: target.instance.wire, signal });
  return withRetries(read, { ...target, signal });
}
