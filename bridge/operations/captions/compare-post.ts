/** Holds a post as it is against what it should be. Pure. */
import type { PostState } from './post-state.ts';

/** Servers trim captions, and an absent one is the same as an empty one. */
export function isSameCaption(one: string | null | undefined, other: string | null | undefined): boolean {
  return toComparable(one) === toComparable(other);
}

function toComparable(text: string | null | undefined): string {
  return (text ?? '').replace(/\r\n?/g, '\n').trim();
}

/** Media whose caption is not as wanted, or which are gone from the post. */
export function findWrongCaptions(post: PostState, wanted: ReadonlyMap<string, string | null>): string[] {
  const now = new Map(post.media.map(({ id, description }) => [id, description]));
  return [...wanted]
    .filter(([id, text]) => !now.has(id) || !isSameCaption(now.get(id), text))
    .map(([id]) => id);
}

export function captionsOf(post: PostState): Map<string, string | null> {
  return new Map(post.media.map(({ id, description }) => [id, description]));
}

/** Nothing but captions differs from the original, and each of those is as wanted: an attempt that was cut off can have left it so. */
export function isBetween(
  post: PostState,
  { original, wanted }: { original: PostState; wanted: ReadonlyMap<string, string> },
): boolean {
  if (findDifferences(post, original).some((what) => what !== 'captions')) return false;
  const changed = findWrongCaptions(post, captionsOf(original));
  const now = captionsOf(post);
  return changed.every((id) => wanted.has(id) && isSameCaption(now.get(id), wanted.get(id)));
}

/** What of a post is not as it was; empty when it is restored. The poll's end may move by the second an edit takes. */
export function findDifferences(post: PostState, original: PostState): string[] {
  const differs: [string, boolean][] = [
    ['text', post.source?.text !== original.source?.text],
    ['content warning', post.source?.spoiler_text !== original.source?.spoiler_text],
    ['sensitivity', post.sensitive !== original.sensitive],
    // A server gives a post without a language one with the first edit, whatever is sent.
    ['language', original.language !== null && post.language !== original.language],
    ['poll', !isSamePoll(post.poll, original.poll)],
    ['images', post.media.map(({ id }) => id).join() !== original.media.map(({ id }) => id).join()],
    ['captions', findWrongCaptions(post, captionsOf(original)).length > 0],
  ];
  return differs.filter(([, isDifferent]) => isDifferent).map(([what]) => what);
}

function isSamePoll(one: PostState['poll'], other: PostState['poll']): boolean {
  if (one === null || other === null) return one === other;
  return one.multiple === other.multiple && JSON.stringify(one.options) === JSON.stringify(other.options);
}
