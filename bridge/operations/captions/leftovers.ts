/**
 * Posts whose attempt was cut off, by a crash or on request: looks at how each was left, and puts back what is neither as
 * wanted nor as it was before. Of everything but captions it leaves alone what it finds.
 */
import { captionsOf, findWrongCaptions } from './compare-post.ts';
import { type PostState, pollAtRisk, readPost } from './post-state.ts';
import { withRetries } from './retry.ts';
import type { Look, UnitMemory } from './unit-memory.ts';
import { type Target, writeCaptions } from './write-captions.ts';

/** Rejects with ServerFault when it cannot be looked at. */
export async function lookAtPost(target: Target, memory: UnitMemory): Promise<Look> {
  const post = await readAgain(target, memory.post_id);
  const { note } = memory;
  if (note === null) return { state: 'original', post };
  const wanted = new Map(Object.entries(note.wanted));
  if (findWrongCaptions(post, wanted).length === 0) return { state: 'landed', post };
  const before = captionsBefore(note.original, new Set(wanted.keys()));
  return { state: findWrongCaptions(post, before).length === 0 ? 'original' : 'mixed', post };
}

export type PutBack = {
  post: PostState;
  original: PostState;
  /** Of which images. */
  media: ReadonlySet<string>;
  verifyDelayMs: number;
};

/** Rejects when the captions are not seen to be as they were. */
export async function putBackCaptions(
  target: Target,
  { post, original, media, verifyDelayMs }: PutBack,
): Promise<void> {
  const captions = captionsBefore(original, media);
  const wrong = new Set(findWrongCaptions(post, captions));
  const isThere = (id: string) => post.media.some((one) => one.id === id);
  const changes = new Map([...captions].filter(([id]) => wrong.has(id) && isThere(id)));
  if (changes.size === 0) return;
  const risk =
    target.instance.wire === 'status' ? pollAtRisk(post, target.pace.now(), target.instance) : null;
  if (risk !== null) throw new Error(risk);
  const base = post.media.map((one) =>
    changes.has(one.id) ? { ...one, description: changes.get(one.id) ?? null } : one,
  );
  const { fault } = await writeCaptions(target, { post: { ...post, media: base }, captions: changes });
  await target.pace.delay(verifyDelayMs);
  const left = findWrongCaptions(await readAgain(target, post.id), changes);
  if (left.length > 0) throw new Error(`captions of post ${post.id} could not be put back`, { cause: fault });
}

function captionsBefore(original: PostState, media: ReadonlySet<string>): Map<string, string | null> {
  return new Map([...captionsOf(original)].filter(([id]) => media.has(id)));
}

function readAgain(target: Target, id: string): Promise<PostState> {
  const { server, instance } = target;
  return withRetries(() => readPost(server, { id, wire: instance.wire, signal: undefined }), target);
}
