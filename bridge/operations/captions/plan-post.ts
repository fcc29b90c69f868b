/** Finds the image each caption is for and whether the post can be edited, before anything is written. Pure. */
import type { Caption, PostGroup } from './caption.ts';
import { isSameCaption } from './compare-post.ts';
import type { Instance } from './instance.ts';
import type { CaptionError, CaptionErrorCode } from './outcome.ts';
import { type PostState, pollAtRisk } from './post-state.ts';

export type PostPlan = {
  /** By image id; media of captions whose image was found. */
  media: ReadonlyMap<string, string>;
  /** Caption by media id. */
  wanted: ReadonlyMap<string, string>;
  /** By image id. Not empty: nothing of the post is written. */
  problems: ReadonlyMap<string, CaptionError>;
  /** Media whose caption has to be changed. */
  changes: readonly string[];
};

export function planPost(
  group: PostGroup,
  { post, instance, now }: { post: PostState; instance: Instance; now: number },
): PostPlan {
  const media = new Map<string, string>();
  const wanted = new Map<string, string>();
  const problems = new Map<string, CaptionError>();
  const refuse = (caption: Caption, code: CaptionErrorCode, message: string) =>
    problems.set(caption.image_id, { code, message: `post ${group.post_id}: ${message}`, retryable: false });
  for (const caption of group.captions) {
    const id = findMedia(caption, post);
    if (id === undefined) {
      refuse(caption, 'media_not_found', describeMissing(caption, post));
      continue;
    }
    media.set(caption.image_id, id);
    const length = [...caption.text].length;
    const other = wanted.get(id);
    if (instance.description_limit !== null && length > instance.description_limit) {
      refuse(
        caption,
        'caption_too_long',
        `the caption has ${length} characters, the server takes ${instance.description_limit}: shorten it`,
      );
    } else if (other !== undefined && !isSameCaption(other, caption.text)) {
      refuse(
        caption,
        'conflicting_captions',
        `another caption is for the same image ${id}: keep one of them`,
      );
    } else wanted.set(id, caption.text);
  }
  const changes = [...wanted]
    .filter(([id, text]) => !isSameCaption(text, captionOf(post, id)))
    .map(([id]) => id);
  const risk = changes.length > 0 && instance.wire === 'status' ? pollAtRisk(post, now, instance) : null;
  if (risk !== null) for (const caption of group.captions) refuse(caption, 'poll_at_risk', risk);
  holdBack(group, problems);
  return { media, wanted, problems, changes };
}

/** The images of a post go together: one caption that cannot be published keeps the others back, so that one edit does. */
function holdBack(group: PostGroup, problems: Map<string, CaptionError>): void {
  const [first] = problems.keys();
  if (first === undefined) return;
  for (const { image_id } of group.captions) {
    if (problems.has(image_id)) continue;
    const message = `post ${group.post_id}: held back, nothing was written: ${first} of the same post cannot be published`;
    problems.set(image_id, { code: 'held_back', message, retryable: false });
  }
}

function findMedia({ target }: Caption, post: PostState): string | undefined {
  if ('attachment_index' in target) return post.media[target.attachment_index]?.id;
  return post.media.find(({ id }) => id === target.media_id)?.id;
}

function describeMissing({ target }: Caption, post: PostState): string {
  const which =
    'media_id' in target
      ? `with media_id ${target.media_id}`
      : `at attachment_index ${target.attachment_index}`;
  return `it has no image ${which}, but ${post.media.length}: ${post.media.map(({ id }) => id).join(', ')}`;
}

function captionOf(post: PostState, id: string): string | null {
  return post.media.find((media) => media.id === id)?.description ?? null;
}
