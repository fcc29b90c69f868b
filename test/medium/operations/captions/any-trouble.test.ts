import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaptionResult } from '../../../../bridge/operations/captions/outcome.ts';
import { type MastodonServer, startMastodon } from '../../../helpers/mastodon/server.ts';
import type { StoredPost } from '../../../helpers/mastodon/state.ts';
import { captionsFor } from '../../../unit/operations/captions/fixture.ts';
import { openPublisher } from './fixture.ts';

const newPost = fc.record({
  captions: fc.array(fc.constantFrom('old', 'older', 'New'), { minLength: 1, maxLength: 4 }),
  spoiler_text: fc.constantFrom('', 'warning'),
  language: fc.constantFrom('en', 'de'),
  ignored: fc.constantFrom<number[]>([], [], [], [0], [1]),
});
/** `applied`: it was carried out all the same, which a refusal (4xx) never is. */
const trouble = fc.oneof(
  fc.record({ status: fc.constantFrom(400, 401, 404, 422, 429), applied: fc.constant(false) }),
  fc.record({ status: fc.constantFrom(408, 500, 502, 503, 504, 522), applied: fc.boolean() }),
  fc.record({ drop: fc.constant(true), applied: fc.boolean() }),
);
const troubles = fc.array(
  fc.record({
    on: fc.constantFrom('PUT', 'PUT', 'GET /api/v1/statuses'),
    times: fc.integer({ min: 1, max: 4 }),
    trouble,
  }),
  { maxLength: 5 },
);

describe('whatever a server does', () => {
  it('what is reported is what is there, nothing but captions changes, and the next run finishes the work', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('mastodon' as const, 'mastodon' as const, 'pixelfed' as const),
        fc.array(newPost, { minLength: 1, maxLength: 3 }),
        troubles,
        async (flavour, given, list) => {
          const server = await startMastodon({ flavour });
          const posts = given.map(({ ignored: _, ...post }) =>
            server.addPost({ ...post, sensitive: post.spoiler_text !== '' }),
          );
          const captions = posts.flatMap((post) =>
            captionsFor(
              post,
              post.media.map(() => 'New'),
            ),
          );
          const ignored = posts.flatMap((post, index) =>
            (given[index]?.ignored ?? []).flatMap((place) => post.media[place]?.id ?? []),
          );
          server.ignore(...ignored);
          for (const { on, times, trouble: what } of list) server.trouble({ on, times, ...what });
          const first = await (await openPublisher(server, captions)).publisher.batchUpdateCaptions();
          expect(first.processed).toBe(captions.length);
          expect(first.successful + first.failed).toBe(captions.length);
          for (const post of posts) check(server, post, first.results);
          server.calm();
          const second = await (await openPublisher(server, captions)).publisher.batchUpdateCaptions();
          for (const post of posts) {
            const isWhole = !post.media.some(({ id }) => ignored.includes(id));
            const mine = second.results.filter(({ post_id }) => post_id === post.id);
            if (isWhole) expect(mine.every(({ verified }) => verified)).toBe(true);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

function check(server: MastodonServer, before: StoredPost, results: readonly CaptionResult[]): void {
  const { media, edits, ...rest } = server.post(before.id);
  const { media: mediaBefore, edits: _, ...restBefore } = before;
  expect(rest).toEqual(restBefore);
  const mine = results.filter(({ post_id }) => post_id === before.id);
  const isPutBack = mine.some(({ status }) => status === 'rolled_back');
  if (isPutBack) expect(mine.some(({ status }) => status === 'published')).toBe(false);
  mine.forEach(({ status, error }, place) => {
    const now = media[place]?.description;
    if (status === 'published' || status === 'unchanged') expect(now).toBe('New');
    else if (error?.code !== 'not_restored') expect(now).toBe(mediaBefore[place]?.description);
  });
  if (!isPutBack && server.writes().every(({ status }) => status === 200)) {
    expect(edits).toBeLessThanOrEqual(before.media.length);
  }
}
