import { mkdtemp, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startMastodon } from '../../../helpers/mastodon/server.ts';
import { captionsFor } from '../../../unit/operations/captions/fixture.ts';
import { openCaptions, toBody } from './engine.ts';
import { toRows } from './fixture.ts';

describe('the start of a captions batch', () => {
  const refusal = async (body: Parameters<Awaited<ReturnType<typeof openCaptions>>['startOrGoOn']>[0]) => {
    const engine = await openCaptions({ url: 'https://photos.example', token: 'abcd' });
    const thrown: unknown = await engine.startOrGoOn(body).catch((error: unknown) => error);
    expect(engine.api.list({ limit: 10 }).count).toBe(0);
    return thrown;
  };
  const row = { image_id: 'i', post_id: '1', media_id: '2', caption: 'A tulip', status: 'approved' };

  it.each([
    [{ batch_size: 0 }, 'config.batch_size'],
    [{ concurrent: 33 }, 'config.concurrent'],
    [{ verify_delay_s: -1 }, 'config.verify_delay_s'],
    [{ roll_back: true }, 'rollback'],
    [{ limit: 1.5 }, 'config.limit'],
  ])('refuses the config %j naming the field', async (config, named) => {
    const thrown = await refusal({ operation: 'captions', items: [row], config });
    expect(thrown).toMatchObject({ code: 'bad_request', message: expect.stringContaining(named) });
  });

  it('tells all faults of the captions at once', async () => {
    const items = [
      { ...row, caption: '' },
      { ...row, image_id: 'j', post_id: '' },
    ];
    expect(await refusal({ operation: 'captions', items })).toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(/item 1: caption is missing.*item 2: post_id is missing/),
      extensions: { errors: [{ where: 'item 1' }, { where: 'item 2' }] },
    });
  });

  it('refuses a list without an approved caption, and the post of another server', async () => {
    expect(await refusal({ operation: 'captions', items: [{ ...row, status: 'draft' }] })).toMatchObject({
      code: 'unprocessable',
      message: 'no approved caption: none of 1 rows has the status "approved"',
    });
    const elsewhere = { ...row, post_id: '', post_url: 'https://far.example/@alice/1' };
    expect(await refusal({ operation: 'captions', items: [elsewhere] })).toMatchObject({
      code: 'bad_request',
    });
  });

  it('takes a file, JSON or CSV, by an absolute path that may be read', async () => {
    const server = await startMastodon();
    const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-captions-files-'));
    const post = server.addPost({ captions: [null, null] });
    const [one, two] = toRows(captionsFor(post)) as [Record<string, unknown>, Record<string, unknown>];
    await writeFile(join(folder, 'one.json'), JSON.stringify([one]));
    const cells = [two.image_id, two.post_id, two.attachment_index, `"${two.caption}"`, two.status].join(';');
    await writeFile(
      join(folder, 'two.csv'),
      `\uFEFFimage_id;post_id;attachment_index;caption;status\r\n${cells}\r\n`,
    );
    const engine = await openCaptions(server);
    for (const name of ['one.json', 'two.csv']) {
      const { batch_id } = await engine.startOrGoOn({ operation: 'captions', file: join(folder, name) });
      expect((await engine.finish(batch_id)).map(({ status }) => status)).toEqual(['processed']);
    }
    expect(server.post(post.id).media.map(({ description }) => description)).toEqual([
      one.caption,
      two.caption,
    ]);
  });

  it('refuses a file that may not be read, is none, or is too large', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-captions-files-'));
    const large = join(folder, 'large.csv');
    await writeFile(large, '');
    await truncate(large, 65 * 2 ** 20);
    const latin = join(folder, 'latin.csv');
    await writeFile(latin, Buffer.from('image_id;caption\nb\xe4r', 'latin1'));
    const start = (file: string) => refusal({ operation: 'captions', file });
    expect(await start(join(folder, 'gone.csv'))).toMatchObject({ code: 'invalid_path' });
    expect(await start(folder)).toMatchObject({ code: 'invalid_path' });
    expect(await start('relative.csv')).toMatchObject({ code: 'invalid_path' });
    expect(await start(large)).toMatchObject({ code: 'unprocessable' });
    expect(await start(latin)).toMatchObject({ message: expect.stringContaining('save it as UTF-8') });
    const engine = await openCaptions(
      { url: 'https://photos.example', token: 'abcd' },
      { paths: { source: async () => 'the file is outside the library folders' } },
    );
    await expect(engine.startOrGoOn({ operation: 'captions', file: latin })).rejects.toMatchObject({
      code: 'forbidden_path',
    });
  });

  it('limit takes the newest posts', async () => {
    const server = await startMastodon();
    const posts = [server.addPost(), server.addPost(), server.addPost()];
    const engine = await openCaptions(server);
    const { batch_id } = await engine.startOrGoOn(
      toBody(
        posts.flatMap((post) => captionsFor(post)),
        { limit: 2 },
      ),
    );
    expect((await engine.finish(batch_id)).map(({ details }) => details?.post_id)).toEqual([
      posts[0]?.id,
      posts[1]?.id,
    ]);
  });
});

it('server and token are in no file of a batch', async () => {
  const server = await startMastodon();
  const bad = server.addPost({ captions: ['a'] });
  server.ignore(bad.media[0]!.id);
  server.trouble({ on: 'GET /api/v1/statuses', status: 400, body: `{"error":"bad ${server.token}"}` });
  const engine = await openCaptions(server);
  const captions = [...captionsFor(bad), ...captionsFor(server.addPost())];
  const { batch_id } = await engine.startOrGoOn(toBody(captions));
  expect(JSON.stringify(await engine.finish(batch_id))).not.toContain(server.token);
  await engine.close();
  const files = await readdir(engine.dataDir, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'latin1')),
  );
  expect(texts.join('')).toContain(batch_id);
  for (const text of texts) {
    expect(text).not.toContain(server.token);
    expect(text).not.toContain(new URL(server.url).host);
  }
});
