import { describe, expect, it } from 'vitest';
import type { PostState } from '../../../../bridge/operations/captions/post-state.ts';
import { startMastodon } from '../../../helpers/mastodon/server.ts';
import { captionsFor, createTestPace, publishOne } from './fixture.ts';

const statuses = (outcome: { results: { status: string }[] }) => outcome.results.map(({ status }) => status);

describe('publishing the captions of a post', () => {
  it('sends one edit with everything of the post, so that nothing but captions changes', async () => {
    const pace = createTestPace();
    const server = await startMastodon({ pollWithMedia: true, now: pace.now });
    const post = server.addPost({
      text: 'Spring in the *park*\n\n#photo',
      spoiler_text: 'flowers',
      sensitive: true,
      language: 'de',
      captions: [null, 'old', 'keep me'],
      poll: {
        options: ['a', 'b'],
        multiple: true,
        hide_totals: true,
        expires_at: pace.now() + 86_400_000,
        votes: [3, 4],
      },
    });
    const outcome = await publishOne(server, captionsFor(post).slice(0, 2), { pace });
    expect(statuses(outcome)).toEqual(['published', 'published']);
    expect(outcome).toMatchObject({ edits: 1, rolled_back: false });
    const [first, second] = captionsFor(post);
    expect(server.post(post.id)).toEqual({
      ...post,
      edits: 1,
      media: [
        { id: post.media[0]?.id, description: first?.text },
        { id: post.media[1]?.id, description: second?.text },
        { id: post.media[2]?.id, description: 'keep me' },
      ],
    });
    expect(server.writes()).toHaveLength(1);
    expect(server.writes()[0]).toMatchObject({
      method: 'PUT',
      path: `/api/v1/statuses/${post.id}`,
      status: 200,
    });
    expect(pace.delays).toEqual([2000]);
  });

  it('a server that silently ignores an update: verification fails, the post is its exact original, nothing published', async () => {
    const pace = createTestPace();
    const server = await startMastodon({ pollWithMedia: true, now: pace.now });
    const post = server.addPost({
      text: 'As it was',
      spoiler_text: '',
      sensitive: true,
      language: 'fr',
      captions: ['one', null, 'three'],
      poll: {
        options: ['x', 'y'],
        multiple: false,
        hide_totals: false,
        expires_at: pace.now() + 7_200_000,
        votes: [1, 2],
      },
    });
    server.ignore(post.media[1]!.id);
    const outcome = await publishOne(server, captionsFor(post), { pace });
    expect(statuses(outcome)).toEqual(['rolled_back', 'rolled_back', 'rolled_back']);
    expect(outcome.rolled_back).toBe(true);
    expect(outcome.results.every(({ verified }) => !verified)).toBe(true);
    expect(outcome.results[0]?.error).toMatchObject({ code: 'not_verified' });
    expect(outcome.results[0]?.error?.message).toContain(`${post.id}/1`);
    expect({ ...server.post(post.id), edits: 0 }).toEqual(post);
    expect(server.writes()).toHaveLength(2);
  });

  it('rolls back to the saved original, not to what the edit sent', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: ['old one', 'old two'] });
    server.ignore(post.media[0]!.id);
    await publishOne(server, captionsFor(post));
    const restored = server.writes()[1]?.body as { media_attributes: unknown };
    expect(restored.media_attributes).toEqual(post.media);
  });

  it('verifies the roll-back too: a post that cannot be put back is failed, and says so', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: [null, null] });
    server.ignore(post.media[0]!.id);
    const pace = createTestPace();
    // The edit lands; from then on the other caption can no longer be changed either.
    pace.onDelay = () => server.ignore(post.media[1]!.id);
    const outcome = await publishOne(server, captionsFor(post), { pace });
    expect(statuses(outcome)).toEqual(['failed', 'failed']);
    expect(outcome.rolled_back).toBe(false);
    expect(outcome.results[0]?.error).toMatchObject({ code: 'not_restored', retryable: true });
    expect(outcome.results[0]?.error?.message).toContain('its captions differ from before');
  });

  it('--no-rollback leaves what landed and says so', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: [null, null, null] });
    server.ignore(post.media[2]!.id);
    const outcome = await publishOne(server, captionsFor(post), { rollback: false });
    expect(statuses(outcome)).toEqual(['published', 'published', 'failed']);
    expect(outcome.results[2]?.error?.message).toContain(
      'not put back: 2 of 3 captions of the post have landed',
    );
    expect(server.post(post.id).media.map(({ description }) => description)).toEqual([
      `New caption 0 of ${post.id}`,
      `New caption 1 of ${post.id}`,
      null,
    ]);
    expect(server.writes()).toHaveLength(1);
  });

  it('counts a caption that is there already as verified, without an edit', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: ['same', ' two\nlines '] });
    const outcome = await publishOne(server, captionsFor(post, ['same', 'two\nlines']));
    expect(statuses(outcome)).toEqual(['unchanged', 'unchanged']);
    expect(outcome.results.every(({ verified }) => verified)).toBe(true);
    expect(server.writes()).toEqual([]);
  });

  it('a crash after an edit does not edit again: the re-read shows it is already there', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: [null, 'old'] });
    const pace = createTestPace();
    const crash = new AbortController();
    pace.onDelay = () => crash.abort(new Error('crash'));
    const cut = await publishOne(server, captionsFor(post), { pace, signal: crash.signal });
    expect(statuses(cut)).toEqual(['stopped', 'stopped']);
    const again = await publishOne(server, captionsFor(post));
    expect(statuses(again)).toEqual(['unchanged', 'unchanged']);
    expect(server.writes()).toHaveLength(1);
    expect(server.post(post.id).edits).toBe(1);
  });

  it('a run after a crash puts the post back to the original saved before the first write', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: ['first', 'second'] });
    server.ignore(post.media[1]!.id);
    const crash = new AbortController();
    const pace = createTestPace();
    pace.onDelay = () => crash.abort(new Error('crash'));
    let saved: PostState | undefined;
    const cut = await publishOne(server, captionsFor(post), {
      pace,
      signal: crash.signal,
      saveOriginal: async (original) => {
        expect(server.writes()).toEqual([]);
        saved = JSON.parse(JSON.stringify(original));
      },
    });
    expect(cut.edits).toBe(1);
    expect(server.post(post.id).media[0]?.description).not.toBe('first');
    const again = await publishOne(server, captionsFor(post), { original: saved! });
    expect(again.rolled_back).toBe(true);
    expect({ ...server.post(post.id), edits: 0 }).toEqual(post);
  });

  it('finishes putting a post back though it is being stopped', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: ['old', 'old'] });
    server.ignore(post.media[0]!.id);
    const stop = new AbortController();
    server.trouble({ on: 'PUT', times: 1 });
    server.trouble({ on: 'PUT', status: 503, before: () => stop.abort(new Error('stop')) });
    const outcome = await publishOne(server, captionsFor(post), { signal: stop.signal });
    expect(stop.signal.aborted).toBe(true);
    expect(outcome.rolled_back).toBe(true);
    expect({ ...server.post(post.id), edits: 0 }).toEqual(post);
  });

  it('writes nothing when it is stopped before the edit', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: [null] });
    const stop = new AbortController();
    const outcome = await publishOne(server, captionsFor(post), {
      signal: stop.signal,
      saveOriginal: async () => stop.abort(),
    });
    expect(statuses(outcome)).toEqual(['stopped']);
    expect(server.writes()).toEqual([]);
  });

  it('a caption over the limit fails before any write, and holds back the others of its post', async () => {
    const server = await startMastodon({ descriptionLimit: 20 });
    const post = server.addPost({ captions: [null, null] });
    const outcome = await publishOne(server, captionsFor(post, ['short', 'x'.repeat(21)]));
    expect(outcome.results.map(({ error }) => error?.code)).toEqual(['held_back', 'caption_too_long']);
    expect(outcome.results[1]?.error?.message).toContain('21 characters, the server takes 20');
    expect(server.writes()).toEqual([]);
  });

  it('counts characters, not code units: emoji up to the limit go through', async () => {
    const server = await startMastodon({ descriptionLimit: 20 });
    const post = server.addPost({ captions: [null] });
    expect(statuses(await publishOne(server, captionsFor(post, ['🌷'.repeat(20)])))).toEqual(['published']);
  });

  it.each([
    [
      'an image that is not in the post',
      { media_id: '999' },
      'media_not_found',
      'no image with media_id 999',
    ],
    ['a place beyond the last', { attachment_index: 7 }, 'media_not_found', 'no image at attachment_index 7'],
  ])('fails before any write for %s', async (_title, target, code, message) => {
    const server = await startMastodon();
    const post = server.addPost({ captions: [null] });
    const outcome = await publishOne(server, [{ ...captionsFor(post)[0]!, target }]);
    expect(outcome.results[0]?.error?.code).toBe(code);
    expect(outcome.results[0]?.error?.message).toContain(message);
    expect(server.writes()).toEqual([]);
  });

  it('fails before any write when two captions are for one image', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: [null] });
    const [caption] = captionsFor(post);
    const other = {
      ...caption!,
      image_id: 'other',
      text: 'Different',
      target: { media_id: post.media[0]!.id },
    };
    const outcome = await publishOne(server, [caption!, other]);
    expect(outcome.results.map(({ error }) => error?.code)).toEqual(['held_back', 'conflicting_captions']);
    expect(server.writes()).toEqual([]);
  });

  it.each([
    ['has ended', -1000],
    ['ends soon', 200_000],
  ])('leaves a post alone whose poll %s, as an edit would change it', async (message, left) => {
    const pace = createTestPace();
    const server = await startMastodon({ pollWithMedia: true, now: pace.now });
    const post = server.addPost({
      poll: {
        options: ['a', 'b'],
        multiple: false,
        hide_totals: false,
        expires_at: pace.now() + left,
        votes: [1, 1],
      },
    });
    const outcome = await publishOne(server, captionsFor(post), { pace });
    expect(outcome.results[0]?.error).toMatchObject({ code: 'poll_at_risk' });
    expect(outcome.results[0]?.error?.message).toContain(message);
    expect(server.writes()).toEqual([]);
  });

  it('does not try with a Mastodon too old to change captions', async () => {
    const server = await startMastodon({ version: '4.0.2' });
    const outcome = await publishOne(server, captionsFor(server.addPost()));
    expect(outcome.results[0]?.error?.message).toContain('needs 4.1');
    expect(server.writes()).toEqual([]);
  });

  it('--dry-run sends no writing request at all', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: [null, 'there'] });
    const outcome = await publishOne(server, captionsFor(post, ['new', 'there']), { dryRun: true });
    expect(statuses(outcome)).toEqual(['planned', 'unchanged']);
    expect(server.writes()).toEqual([]);
    expect(server.post(post.id)).toEqual(post);
  });
});

describe.each(['pixelfed', 'pleroma'] as const)('a %s server', (flavour) => {
  const empty = flavour === 'pleroma' ? '' : null;

  it('takes captions one by one, for the images that need it', async () => {
    const server = await startMastodon({ flavour });
    const post = server.addPost({ captions: [empty, 'there', empty] });
    const outcome = await publishOne(server, captionsFor(post, ['a', 'there', 'c']));
    expect(statuses(outcome)).toEqual(['published', 'unchanged', 'published']);
    expect(server.writes().map(({ path, body }) => ({ path, body }))).toEqual([
      { path: `/api/v1/media/${post.media[0]?.id}`, body: { description: 'a' } },
      { path: `/api/v1/media/${post.media[2]?.id}`, body: { description: 'c' } },
    ]);
  });

  it('a group of 3 of which one fails to verify rolls back all that were changed; none is published', async () => {
    const server = await startMastodon({ flavour });
    const post = server.addPost({ captions: ['one', empty, 'three'] });
    server.ignore(post.media[1]!.id);
    const outcome = await publishOne(server, captionsFor(post));
    expect(statuses(outcome)).toEqual(['rolled_back', 'rolled_back', 'rolled_back']);
    expect(server.post(post.id).media).toEqual(post.media);
  });

  it('puts back the images changed before one was refused', async () => {
    const server = await startMastodon({ flavour });
    const post = server.addPost({ captions: ['one', 'two', 'three'] });
    server.trouble({ on: `PUT /api/v1/media/${post.media[1]?.id}`, status: 422, body: '{"error":"no"}' });
    const outcome = await publishOne(server, captionsFor(post));
    expect(statuses(outcome)).toEqual(['rolled_back', 'rolled_back', 'rolled_back']);
    expect(outcome.results[0]?.error).toMatchObject({ code: 'rejected' });
    expect(server.post(post.id).media).toEqual(post.media);
    expect(server.writes().some(({ path }) => path.endsWith(post.media[2]!.id))).toBe(false);
  });
});
