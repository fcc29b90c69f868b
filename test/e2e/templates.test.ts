/** Templates from outside: kept through a crash, and a start by one is the start by hand. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StartRequest } from '../../bridge/client/index.ts';
import { runHere } from '../helpers/cli.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { createFolder, makePhotos, postJson, registerPhotos, waitForEnd } from './support.ts';

const config = {
  preset: 'WhiteLayer_v4',
  blend: 60,
  output: { format: 'png', long_edge: 40, suffix: '-web' },
};

async function startTwice(daemon: TestDaemon, body: StartRequest, byHand: StartRequest) {
  const ended = [];
  for (const each of [body, byHand]) {
    const { batch_id } = await daemon.client.batches.start(each);
    ended.push(await waitForEnd(daemon.client, batch_id));
  }
  return ended;
}

async function stateOf(daemon: TestDaemon, batchId: string): Promise<Record<string, unknown>> {
  const path = join(daemon.dataDir, 'batch_states', `${batchId}.json`);
  return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
}

async function outputsOf(daemon: TestDaemon, batchId: string): Promise<Record<string, string>> {
  const folder = join(daemon.dataDir, 'outputs', batchId);
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')]),
    ),
  );
}

describe('a template', () => {
  it('makes the same batch as the start by hand, with the same files, and the plan of it', async () => {
    const daemon = await spawnDaemon();
    const { client } = daemon;
    const photo_ids = await registerPhotos(client, await makePhotos(await createFolder(), 3));
    await client.templates.save({ name: 'Web', start: { config, priority: 8, session_id: 3 } });
    const wish = { config: { blend: 20, output: { suffix: '-small' } }, session_id: null };
    const byHand = {
      photo_ids,
      priority: 8,
      session_id: null,
      config: { ...config, blend: 20, output: { ...config.output, suffix: '-small' } },
    };
    const byName = { photo_ids, template: 'web', ...wish };
    const plans = await Promise.all([byName, byHand].map((body) => client.batches.plan(body)));
    const namesIn = (plan: (typeof plans)[number]) =>
      plan.items.map(({ output_path }) => output_path?.split('/').at(-1));
    expect(namesIn(plans[0]!)).toEqual(namesIn(plans[1]!));
    const [named, hand] = await startTwice(daemon, byName, byHand);
    expect(named).toMatchObject({ status: 'completed', processed_count: 3, priority: 8, session_id: null });
    const files = await outputsOf(daemon, named!.batch_id);
    expect(Object.keys(files)).toEqual(['photo-01-small.png', 'photo-02-small.png', 'photo-03-small.png']);
    expect(files).toEqual(await outputsOf(daemon, hand!.batch_id));
    const [one, two] = [await stateOf(daemon, named!.batch_id), await stateOf(daemon, hand!.batch_id)];
    for (const key of ['config', 'priority', 'session_id', 'operation', 'recipe_hash'])
      expect(one[key]).toEqual(two[key]);
    expect(await postJson(`${daemon.url}/batch/start`, { photo_ids, template: 'Wep' })).toMatchObject({
      status: 422,
      body: { code: 'unknown_template', suggestions: ['Web'] },
    });
  });

  it('is kept when the daemon is killed right after the answer; so is its removal', async () => {
    const first = await spawnDaemon();
    const { dataDir } = first;
    for (const name of ['Web', 'Print', 'Old'])
      await first.client.templates.save({ name, start: { config } });
    await first.client.templates.remove('Old');
    const saved = await first.client.templates.save({
      name: 'web',
      description: 'new',
      start: { priority: 2 },
    });
    await first.kill('SIGKILL');
    const second = await spawnDaemon({ dataDir });
    const { templates } = await second.client.templates.list();
    expect(templates.map(({ name }) => name)).toEqual(['Print', 'web']);
    const { message: _message, replaced, ...kept } = saved;
    expect(replaced).toBe(true);
    expect(await second.client.templates.get('Web')).toEqual(kept);
    await second.stop();
    const [damaged = ''] = (await readdir(join(dataDir, 'templates'))).filter((name) =>
      name.startsWith('Print'),
    );
    await writeFile(join(dataDir, 'templates', damaged), '{"start": {');
    const third = await spawnDaemon({ dataDir });
    expect((await third.client.templates.list()).templates.map(({ name }) => name)).toEqual(['web']);
    expect(third.stderr).toContain('template file refused');
    expect(await readdir(join(dataDir, 'quarantine'))).toContainEqual(expect.stringContaining(damaged));
  });

  it('is made and used on the command line', async () => {
    const daemon = await spawnDaemon();
    const folder = await createFolder();
    await makePhotos(folder, 2);
    const run = (...args: string[]) => runHere(args, { url: daemon.url, cwd: folder });
    expect(
      await run('templates', 'save', 'Web', '--preset', 'WhiteLayer_v4', '--format', 'webp'),
    ).toMatchObject({
      code: 0,
      stdout: 'Saved: Web\n',
    });
    expect((await run('templates', 'save', 'web', '--new')).stderr).toContain('if_exists');
    const started = await run('start', '.', '--template', 'Web', '--watch', '--json');
    expect(started.code).toBe(0);
    const { batches } = await daemon.client.batches.list();
    expect(Object.keys(await outputsOf(daemon, batches[0]!.batch_id))).toEqual([
      'photo-01.webp',
      'photo-02.webp',
    ]);
    const unknown = await run('start', '.', '--template', 'Wev');
    expect(unknown.code).not.toBe(0);
    expect(unknown.stderr).toContain('did you mean "Web"?');
    expect((await run('templates', 'remove', 'Web')).code).toBe(0);
    expect((await run('templates', 'show', 'Web')).code).toBe(4);
  });
});
