import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { toCleanEnvironment } from '../../bridge/cli/spawn-daemon.ts';
import type { CaptionStats } from '../../bridge/embedded/captions.ts';
import { runHere } from '../helpers/cli.ts';
import { self, spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { type MastodonServer, startMastodon } from '../helpers/mastodon/server.ts';
import type { StoredPost } from '../helpers/mastodon/state.ts';
import { toRows } from '../medium/operations/captions/fixture.ts';
import { captionsFor } from '../unit/operations/captions/fixture.ts';

type End = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };

/** A folder with the captions of these posts, and a data folder beside it that is not there yet. */
async function prepare(server: MastodonServer, posts: readonly StoredPost[]) {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-captions-e2e-'));
  const file = join(folder, 'captions.json');
  await writeFile(file, JSON.stringify(toRows(posts.flatMap((post) => captionsFor(post)))));
  const env = {
    ACTIVITYPUB_INSTANCE_URL: server.url,
    ACTIVITYPUB_ACCESS_TOKEN: server.token as string,
    BATCH_UPDATE_VERIFICATION_DELAY: '0',
  };
  return { folder, file, env, dataDir: join(folder, 'data') };
}
type Prepared = Awaited<ReturnType<typeof prepare>>;

function spawnPublish({ file, env, dataDir }: Prepared, args: readonly string[] = []) {
  const all = [self.entry, 'captions', 'publish', ...args, file, '--data-dir', dataDir];
  const child: ChildProcessWithoutNullStreams = spawn(self.node, all, {
    env: { ...toCleanEnvironment(process.env), ...env },
  });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]).then(
    ([stdout, stderr, [code, signal]]): End => ({ stdout, stderr, code, signal }),
  );
  return { child, ended };
}

const runPublish = ({ file, env, dataDir, folder }: Prepared, args: readonly string[] = [], more = {}) =>
  runHere(['captions', 'publish', file, ...args], { env: { ...env, ...more }, dataDir, cwd: folder });

async function readAll(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'latin1')),
  );
  return texts.join('\n');
}

describe('photo-bridge captions publish', () => {
  it('2 posts with 2 images each and everything good: exactly one edit a post, right counts, exit 0; the token shows nowhere', async () => {
    const server = await startMastodon();
    const posts = [server.addPost({ captions: [null, 'old'] }), server.addPost({ captions: [null, null] })];
    const prepared = await prepare(server, posts);
    const { code, stdout, stderr } = await spawnPublish(prepared, ['--verbose']).ended;
    expect(stderr).toContain('post ended');
    expect(stdout.trim().split('\n').slice(-6)).toEqual([
      'Processed: 4',
      'Successful: 4',
      'Failed: 0',
      'Verified: 4',
      'Rollbacks: 0',
      'Errors: 0',
    ]);
    expect(stdout).toContain(`${posts[0]?.id}/0  post ${posts[0]?.id}  published`);
    expect(code).toBe(0);
    expect(server.writes()).toHaveLength(2);
    expect(posts.map(({ id }) => server.post(id).edits)).toEqual([1, 1]);
    const kept = await readAll(prepared.dataDir);
    expect(kept).toContain('"captions"');
    for (const shown of [stdout, stderr, kept]) expect(shown).not.toContain(server.token);
    expect(stdout + stderr).not.toContain('New caption');
  });

  it.each([
    ['its answer is on its way', 'PUT'],
    ['it is verified', 'GET /api/v1/statuses/[0-9]+$'],
  ])('a crash after an edit, while %s (kill -9): no second edit', async (_title, on) => {
    const server = await startMastodon();
    const post = server.addPost({ captions: [null, 'old'] });
    const prepared = await prepare(server, [post]);
    const { child, ended } = spawnPublish(prepared);
    const kill = (): void => void child.kill('SIGKILL');
    if (on === 'PUT') server.trouble({ on, after: kill });
    else {
      server.trouble({ on: new RegExp(on) });
      server.trouble({ on: new RegExp(on), before: kill });
    }
    expect((await ended).signal).toBe('SIGKILL');
    expect(server.writes()).toHaveLength(1);
    const again = await runPublish(prepared, ['--json']);
    expect(again.code).toBe(0);
    const report = JSON.parse(again.stdout) as CaptionStats;
    expect(report).toMatchObject({ processed: 2, successful: 2, failed: 0, verified: 2, rollbacks: 0 });
    expect(server.writes()).toHaveLength(1);
    expect(server.post(post.id).edits).toBe(1);
  });

  it('Ctrl-C: posts in hand finish, exit 130, and the same command goes on with the rest', async () => {
    const server = await startMastodon();
    const posts = [server.addPost(), server.addPost(), server.addPost()];
    const prepared = await prepare(server, posts);
    const { child, ended } = spawnPublish(prepared, ['--batch-size', '1', '--concurrent', '1']);
    server.trouble({
      on: 'PUT',
      async before() {
        child.kill('SIGINT');
        await once(child.stderr, 'data');
        // As npm delivers it: twice.
        child.kill('SIGINT');
      },
    });
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toMatchObject({ code: 130 });
    expect(stderr).toContain('2 captions not done: the same command again goes on.');
    expect(stdout).toContain('Successful: 1');
    expect(server.writes()).toHaveLength(1);
    const again = await runPublish(prepared, ['--batch-size', '1', '--concurrent', '1']);
    expect(again.stdout).toContain('Successful: 3');
    expect(again.code).toBe(0);
    expect(posts.map(({ id }) => server.post(id).edits)).toEqual([1, 1, 1]);
  });

  it('a server that silently ignores an update: verification fails, the post is its exact original, nothing counted published', async () => {
    const server = await startMastodon({ pollWithMedia: true });
    const poll = { options: ['a', 'b'], multiple: false, hide_totals: false, votes: [3, 4] };
    const post = server.addPost({
      text: 'As *it* was',
      spoiler_text: 'careful',
      sensitive: true,
      language: 'de',
      captions: ['one', null],
      poll: { ...poll, expires_at: Date.now() + 86_400_000 },
    });
    server.ignore(post.media[1]!.id);
    const { code, stdout, stderr } = await runPublish(await prepare(server, [post]));
    expect(stdout).toContain('Successful: 0\nFailed: 2\nVerified: 0\nRollbacks: 1\nErrors: 2');
    expect(stderr).toContain('the post was put back as it was');
    expect(code).toBe(7);
    expect({ ...server.post(post.id), edits: 0 }).toEqual(post);
  });

  it('--no-rollback leaves what landed and says so, with an exit code that tells', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: ['one', 'two'] });
    server.ignore(post.media[1]!.id);
    const { code, stderr } = await runPublish(await prepare(server, [post]), ['--no-rollback']);
    expect(stderr).toContain('not put back: 1 of 2 captions of the post have landed');
    expect(code).toBe(6);
    expect(server.post(post.id).media.map(({ description }) => description)).toEqual([
      `New caption 0 of ${post.id}`,
      'two',
    ]);
  });

  it.each([
    ['--dry-run', ['--dry-run'], {}],
    ['DRY_RUN', [], { DRY_RUN: 'true' }],
  ])(
    '%s writes nothing, anywhere: no writing request in the log of the server, no file, no folder',
    async (_title, args, env) => {
      const server = await startMastodon();
      const posts = [server.addPost({ captions: [null, null] }), server.addPost()];
      const prepared = await prepare(server, posts);
      const { code, stdout } = await runPublish(prepared, args, env);
      expect(stdout).toContain('Would publish: 3 captions. Nothing was written.');
      expect(code).toBe(0);
      expect(server.log.length).toBeGreaterThan(0);
      expect(server.log.every(({ method }) => method === 'GET')).toBe(true);
      expect(existsSync(prepared.dataDir)).toBe(false);
      expect(posts.map(({ id }) => server.post(id))).toEqual(posts);
    },
  );

  it('reads standard input when there is no FILE or `-`, and says so', async () => {
    const server = await startMastodon();
    const posts = [server.addPost(), server.addPost()];
    const { env, dataDir } = await prepare(server, []);
    for (const [index, args] of [[], ['-']].entries()) {
      const stdin = JSON.stringify(toRows(captionsFor(posts[index]!)));
      const run = await runHere(['captions', 'publish', ...args], { env, dataDir, stdin });
      expect(run.stderr).toContain('Reading captions (JSON or CSV) from standard input.');
      expect(run.code).toBe(0);
    }
    const child = spawnPublish({ file: '-', folder: '', env, dataDir });
    child.child.stdin.end('image_id,post_id,media_id,caption,status\n');
    expect((await child.ended).stderr).toContain('There is no approved caption among 0 rows');
    expect(server.writes()).toHaveLength(2);
  });

  it('the environment: sizes and roll-back as BATCH_UPDATE_* say, flags first; disabled it answers zeros and the reason', async () => {
    const server = await startMastodon();
    const posts = [server.addPost(), server.addPost()];
    const prepared = await prepare(server, posts);
    const off = await runPublish(prepared, [], { BATCH_UPDATE_ENABLED: 'false' });
    expect(off).toMatchObject({ code: 0 });
    expect(off.stdout).toContain('Processed: 0\n');
    expect(off.stderr).toContain('Batch updates are disabled (BATCH_UPDATE_ENABLED=false)');
    expect(server.log).toEqual([]);
    const wrong = await runPublish(prepared, [], { BATCH_UPDATE_SIZE: 'many' });
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.stderr).toContain('BATCH_UPDATE_SIZE is "many": set it to a whole number from 1 to 1000');
    const limited = await runPublish(prepared, ['--limit', '1', '--json'], { BATCH_UPDATE_SIZE: '1' });
    expect(JSON.parse(limited.stdout)).toMatchObject({
      processed: 1,
      successful: 1,
      results: [{ post_id: posts[0]?.id, status: 'published', verified: true, error: null }],
    });
    const kept = await readAll(prepared.dataDir);
    expect(kept).toContain('"batch_size":1');
    expect(kept).toContain('"verify_delay_s":0');
  });

  it('without server or token it says what to set; a list that cannot be used is told fault by fault', async () => {
    const server = await startMastodon();
    const prepared = await prepare(server, [server.addPost()]);
    const { ACTIVITYPUB_ACCESS_TOKEN: _, ...tokenless } = prepared.env;
    const run = await runHere(['captions', 'publish', prepared.file], {
      env: tokenless,
      dataDir: prepared.dataDir,
    });
    expect(run).toMatchObject({ code: 1 });
    expect(run.stderr).toContain('set ACTIVITYPUB_ACCESS_TOKEN');
    const file = join(prepared.folder, 'faulty.csv');
    await writeFile(file, 'image_id,post_id,media_id,caption,status\ni,1,2,,approved\nj,,2,x,approved\n');
    const faulty = await runPublish({ ...prepared, file });
    expect(faulty.code).toBe(1);
    expect(faulty.stderr).toContain('line 2: caption is missing');
    expect(faulty.stderr).toContain('line 3: post_id is missing');
    expect(existsSync(prepared.dataDir)).toBe(false);
  });

  it('shows a live bar on a terminal', async () => {
    const server = await startMastodon();
    const prepared = await prepare(server, [server.addPost({ captions: [null, null] })]);
    const { file, env, dataDir } = prepared;
    const { stdout } = await runHere(['captions', 'publish', file], { env, dataDir, tty: true });
    expect(stdout).toContain('█');
    expect(stdout).toContain('2/2');
  });

  it('refuses a second run for the same server while one is under way', async () => {
    const server = await startMastodon();
    const prepared = await prepare(server, [server.addPost()]);
    let other: Promise<{ code: number; stderr: string }> | undefined;
    server.trouble({
      on: 'PUT',
      async before() {
        other = runPublish(prepared);
        await other;
      },
    });
    expect((await spawnPublish(prepared).ended).code).toBe(0);
    const refused = await other;
    expect(refused?.code).toBe(1);
    expect(refused?.stderr).toContain('another photo-bridge already uses');
    expect(server.writes()).toHaveLength(1);
  });
});

describe('captions in the daemon', () => {
  const start = async (daemon: TestDaemon, body: Record<string, unknown>) => {
    const response = await fetch(new URL('/batch/start', daemon.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ operation: 'captions', config: { verify_delay_s: 0 }, ...body }),
    });
    return { status: response.status, body: (await response.json()) as { batch_id: string; error: string } };
  };

  it('a batch of them survives kill -9 between edit and record without a second edit; server and token are in no file', async () => {
    const server = await startMastodon();
    const posts = [server.addPost({ captions: [null, null] }), server.addPost()];
    const env = { ACTIVITYPUB_INSTANCE_URL: server.url, ACTIVITYPUB_ACCESS_TOKEN: server.token };
    const settings = { recovery: { on_start: 'resume' } };
    const daemon = await spawnDaemon({ env, settings });
    const isEdited = Promise.withResolvers<void>();
    let edits = 0;
    const kill = (): void => {
      edits += 1;
      if (edits < 2) return;
      void daemon.kill('SIGKILL');
      isEdited.resolve();
    };
    server.trouble({ on: 'PUT', times: 2, after: kill });
    const items = toRows(posts.flatMap((post) => captionsFor(post)));
    const started = await start(daemon, { items });
    expect(started.status).toBe(200);
    const { batch_id } = started.body;
    await isEdited.promise;
    await daemon.ended;
    const next = await spawnDaemon({ dataDir: daemon.dataDir, env, settings });
    let batch = await next.client.batches.status(batch_id);
    while (batch.status !== 'completed') batch = await next.client.batches.status(batch_id, { wait_s: 5 });
    expect(batch).toMatchObject({ processed_count: 3, failed_count: 0, recovered: true });
    expect(server.writes()).toHaveLength(2);
    expect(posts.map(({ id }) => server.post(id).edits)).toEqual([1, 1]);
    const { photos } = await next.client.batches.photos(batch_id);
    expect(photos[0]).toMatchObject({
      ref: `${posts[0]?.id}/0`,
      details: { post_id: posts[0]?.id, verified: true, rolled_back: false },
    });
    await next.stop();
    const kept = (await readAll(daemon.dataDir)) + next.stderr + daemon.stderr;
    expect(kept).toContain(batch_id);
    expect(kept).not.toContain(server.token);
    expect(kept).not.toContain(new URL(server.url).host);
  });

  it('a start without a connection is refused with the names of what to set, and a file outside the library too', async () => {
    const daemon = await spawnDaemon({ settings: { security: { paths: 'listed' } } });
    const items = [{ image_id: 'i', post_id: '1', media_id: '2', caption: 'A tulip', status: 'approved' }];
    const refused = await start(daemon, { items });
    expect(refused.status).toBe(400);
    expect(refused.body.error).toContain('ACTIVITYPUB_INSTANCE_URL');
    const server = await startMastodon();
    const connected = await spawnDaemon({
      settings: {
        security: { paths: 'listed' },
        captions: { server_url: server.url, token: server.token },
      },
    });
    const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-captions-e2e-'));
    await writeFile(join(folder, 'captions.json'), JSON.stringify(items));
    expect((await start(connected, { file: join(folder, 'captions.json') })).status).toBe(403);
    const shown = await fetch(new URL('/settings', connected.url));
    expect(await shown.text()).not.toContain(server.token);
  });
});
