/** Sends captions to a post: one edit, or one update per image where servers want it so. Judges nothing afterwards. */
import type { CaptionServer } from './caption-server.ts';
import { captionsOf, findWrongCaptions, isSameCaption } from './compare-post.ts';
import type { Instance } from './instance.ts';
import { type PostState, readPost, toUpdate } from './post-state.ts';
import { type Pace, type RetryPolicy, withRetries } from './retry.ts';
import { isAmbiguous } from './server-fault.ts';

export type Target = {
  server: CaptionServer;
  instance: Instance;
  pace: Pace;
  policy?: RetryPolicy;
  signal?: AbortSignal | undefined;
};

/**
 * `edits`: writing requests the server has carried out as far as we know. `touched`: media that may have changed.
 * `fault`: why not all was written; null when it was.
 */
export type Written = { edits: number; touched: string[]; fault: unknown };

/** `post` is what the edit sends besides `captions`, which are by media id. Never rejects. */
export async function writeCaptions(
  target: Target,
  { post, captions }: { post: PostState; captions: ReadonlyMap<string, string | null> },
): Promise<Written> {
  return target.instance.wire === 'status'
    ? editStatus(target, { post, captions })
    : updateMedia(target, { post, captions });
}

/** The captions of `original` again, and with an edit also everything else of the post. */
export async function writeOriginal(
  target: Target,
  { original, touched }: { original: PostState; touched: readonly string[] },
): Promise<Written> {
  const before = captionsOf(original);
  const captions =
    target.instance.wire === 'status'
      ? before
      : new Map(touched.flatMap((id) => (before.has(id) ? [[id, before.get(id) ?? null] as const] : [])));
  return writeCaptions(target, { post: original, captions });
}

async function editStatus(
  target: Target,
  { post, captions }: { post: PostState; captions: ReadonlyMap<string, string | null> },
): Promise<Written> {
  const { server, instance, pace, signal } = target;
  const done: Written = { edits: 0, touched: [], fault: null };
  const all = new Map([...captionsOf(post), ...captions]);
  await attempt(target, done, {
    ids: [...captions.keys()],
    write: () =>
      server.updateStatus(post.id, toUpdate(post, { captions, now: pace.now(), instance }), signal),
    isThere: async () => findWrongCaptions(await read(target, post.id), all).length === 0,
  });
  return done;
}

async function updateMedia(
  target: Target,
  { post, captions }: { post: PostState; captions: ReadonlyMap<string, string | null> },
): Promise<Written> {
  const { server, signal } = target;
  const done: Written = { edits: 0, touched: [], fault: null };
  for (const [id, text] of captions) {
    await attempt(target, done, {
      ids: [id],
      write: () => server.updateMedia(id, text ?? '', signal),
      isThere: async () =>
        isSameCaption(
          (await read(target, post.id)).media.find((media) => media.id === id)?.description,
          text,
        ),
    });
    if (done.fault !== null) break;
  }
  return done;
}

/** One writing request with its repetitions. Before it is repeated we look whether it was carried out after all. */
async function attempt(
  target: Target,
  done: Written,
  {
    ids,
    write,
    isThere,
  }: { ids: readonly string[]; write: () => Promise<void>; isThere: () => Promise<boolean> },
): Promise<void> {
  let isInDoubt = false;
  try {
    await withRetries(async () => {
      if (isInDoubt && (await isThere())) return;
      try {
        await write();
      } catch (thrown) {
        isInDoubt ||= target.signal?.aborted === true || isAmbiguous(thrown);
        throw thrown;
      }
    }, target);
    done.edits += 1;
    done.touched.push(...ids);
  } catch (thrown) {
    if (isInDoubt) done.touched.push(...ids);
    done.fault = thrown;
  }
}

function read({ server, instance, signal }: Target, id: string): Promise<PostState> {
  return readPost(server, { id, wire: instance.wire, signal });
}
