import { describe, expect, it } from 'vitest';
import { type MastodonServer, startMastodon } from '../../../helpers/mastodon/server.ts';
import type { Flavour, StoredPost } from '../../../helpers/mastodon/state.ts';
import { captionsFor } from '../../../unit/operations/captions/fixture.ts';
import { openCaptions, toBody } from './engine.ts';

const wanted = ['new 0', 'new 1'];
const old = ['old 0', 'old 1'];
const statuses = (results: { status: string }[]) => results.map(({ status }) => status);
const captionsNow = (server: MastodonServer, { id }: StoredPost) =>
  server.post(id).media.map(({ description }) => description);

/** A crash right before the first edit arrives: the note is on disk, the claims are open. The server is then as `left` says. */
async function crash(
  { captions: left, ...fields }: { captions: (string | null)[]; text?: string },
  { flavour, config = {} }: { flavour?: Flavour; config?: Record<string, unknown> } = {},
) {
  const server = await startMastodon(flavour && { flavour });
  const post = server.addPost({ captions: old });
  const body = toBody(captionsFor(post, wanted), config);
  const engine = await openCaptions(server);
  let copy = Promise.resolve('');
  server.trouble({
    on: 'PUT',
    async before() {
      copy = engine.crashCopy();
      await copy;
    },
  });
  const { batch_id } = await engine.startOrGoOn(body);
  await engine.finish(batch_id);
  await engine.close();
  server.change(post.id, { captions: left, edits: 0, ...fields });
  server.log.length = 0;
  return { server, post, body, dataDir: await copy, batchId: batch_id };
}

describe('a crash between edit and record', () => {
  it('no second edit: a re-read shows that all captions of the post are there', async () => {
    const { server, body, dataDir, batchId } = await crash({ captions: wanted });
    const engine = await openCaptions(server, { dataDir });
    expect(engine.api.status(batchId)).toMatchObject({ status: 'paused', processed_count: 2 });
    expect(await engine.startOrGoOn(body)).toEqual({ batch_id: batchId, isResumed: true });
    const results = await engine.finish(batchId);
    expect(statuses(results)).toEqual(['processed', 'processed']);
    expect(results[0]?.details).toMatchObject({ outcome: 'published', verified: true, rolled_back: false });
    expect(server.writes()).toEqual([]);
  });

  it('an edit that never arrived is made, once', async () => {
    const { server, post, body, dataDir, batchId } = await crash({ captions: old });
    const engine = await openCaptions(server, { dataDir });
    expect(server.writes()).toEqual([]);
    await engine.startOrGoOn(body);
    expect(statuses(await engine.finish(batchId))).toEqual(['processed', 'processed']);
    expect(server.writes()).toHaveLength(1);
    expect(captionsNow(server, post)).toEqual(wanted);
  });

  it.each<[string, Flavour, (string | null)[]]>([
    ['half of it', 'mastodon', ['new 0', 'old 1']],
    ['something else', 'mastodon', ['cut o', 'old 1']],
    ['the first of two', 'pixelfed', ['new 0', 'old 1']],
    ['the second of two', 'pleroma', ['old 0', 'new 1']],
  ])(
    '%s on the server (%s): the post is put back exactly, verified, and then done',
    async (_title, flavour, left) => {
      const { server, post, body, dataDir, batchId } = await crash({ captions: left }, { flavour });
      const engine = await openCaptions(server, { dataDir });
      expect({ ...server.post(post.id), edits: 0 }).toEqual(post);
      expect(server.writes()).toHaveLength(1);
      expect(server.log.at(-1)?.method).toBe('GET');
      await engine.startOrGoOn(body);
      expect(statuses(await engine.finish(batchId))).toEqual(['processed', 'processed']);
      expect(captionsNow(server, post)).toEqual(wanted);
    },
  );

  it('with rollback off what landed stays, and only the rest is sent', async () => {
    const { server, post, body, dataDir, batchId } = await crash(
      { captions: ['new 0', 'old 1'] },
      { config: { rollback: false } },
    );
    const engine = await openCaptions(server, { dataDir });
    expect(server.writes()).toEqual([]);
    await engine.startOrGoOn(body);
    const results = await engine.finish(batchId);
    expect(results.map(({ details }) => details?.outcome)).toEqual(['unchanged', 'published']);
    expect(server.writes()).toHaveLength(1);
    expect(captionsNow(server, post)).toEqual(wanted);
  });

  it('what a person wrote since then stays: only captions are put back', async () => {
    const { server, post, dataDir } = await crash({ captions: ['new 0', 'old 1'], text: 'Corrected' });
    await openCaptions(server, { dataDir });
    expect({ ...server.post(post.id), edits: 0 }).toEqual({ ...post, text: 'Corrected' });
  });

  it.each(['mastodon', 'pixelfed'] as const)(
    'a server out of reach (%s) does not hold up the start; the post is still put back to the saved original',
    async (flavour) => {
      const { server, post, body, dataDir, batchId } = await crash(
        { captions: ['new 0', 'old 1'] },
        { flavour },
      );
      server.ignore(post.media[1]!.id);
      server.trouble({ on: 'GET /api/v1/statuses', times: 1, status: 503 });
      const engine = await openCaptions(server, { dataDir });
      expect(engine.pace.delays).toEqual([]);
      expect(server.log.filter(({ path }) => path.includes('/statuses/'))).toHaveLength(1);
      expect(engine.api.status(batchId)).toMatchObject({ status: 'paused', pending_count: 2 });
      await engine.startOrGoOn(body);
      const results = await engine.finish(batchId);
      expect(statuses(results)).toEqual(['failed', 'failed']);
      expect(results[0]?.details).toMatchObject({ outcome: 'rolled_back', rolled_back: true });
      expect({ ...server.post(post.id), edits: 0 }).toEqual(post);
    },
  );

  it('a batch that is cancelled instead leaves its posts as they were', async () => {
    const { server, post, dataDir, batchId } = await crash({ captions: ['new 0', 'old 1'] });
    const engine = await openCaptions(server, { dataDir });
    await engine.api.cancel(batchId);
    expect({ ...server.post(post.id), edits: 0 }).toEqual(post);
  });

  it('before anything was written asks the server nothing at the next start', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: old });
    const engine = await openCaptions(server);
    let copy = Promise.resolve('');
    server.trouble({
      on: 'GET /api/v1/statuses',
      async before() {
        copy = engine.crashCopy();
        await copy;
      },
    });
    const { batch_id } = await engine.startOrGoOn(toBody(captionsFor(post, wanted)));
    await engine.finish(batch_id);
    await engine.close();
    server.log.length = 0;
    const next = await openCaptions(server, { dataDir: await copy });
    expect(next.api.status(batch_id)).toMatchObject({ status: 'paused', pending_count: 2 });
    expect(server.log).toEqual([]);
  });

  it('an original that was saved for an attempt on record is not used for the next one', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: old });
    server.ignore(post.media[0]!.id);
    const engine = await openCaptions(server);
    const { batch_id } = await engine.startOrGoOn(toBody(captionsFor(post, wanted)));
    expect(statuses(await engine.finish(batch_id))).toEqual(['failed', 'failed']);
    server.change(post.id, { captions: ['by hand', 'too'], text: 'Newer' });
    const before = server.post(post.id);
    await engine.api.retryFailed(batch_id, {});
    expect(statuses(await engine.finish(batch_id))).toEqual(['failed', 'failed']);
    expect(server.post(post.id)).toEqual({ ...before, edits: before.edits + 2 });
  });
});

describe('a post that is stopped on request', () => {
  it('is put back when half of it is there, and done when the batch goes on', async () => {
    const server = await startMastodon({ flavour: 'pixelfed' });
    const post = server.addPost({ captions: old });
    const engine = await openCaptions(server);
    const stopped = Promise.withResolvers<void>();
    server.trouble({ on: 'PUT', times: 1 });
    server.trouble({ on: 'PUT', drop: true, before: () => stop().then(stopped.resolve) });
    const { batch_id } = await engine.startOrGoOn(toBody(captionsFor(post, wanted)));
    const stop = async () => void (await engine.api.pause(batch_id, { mode: 'hard' }));
    await stopped.promise;
    for (let status = engine.api.status(batch_id); status.in_flight_count > 0; )
      status = await engine.api.waitForChange(batch_id, status.seq, 1000);
    expect({ ...server.post(post.id), edits: 0 }).toEqual(post);
    await engine.api.resume(batch_id);
    expect(statuses(await engine.finish(batch_id))).toEqual(['processed', 'processed']);
    expect(captionsNow(server, post)).toEqual(wanted);
  });
});
