/** `templates …` and `start --template`, as people type them, and what the daemon is asked for. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClient } from '../../../bridge/client/index.ts';
import { runHere } from '../../helpers/cli.ts';
import { startStubDaemon } from '../../helpers/stub-daemon.ts';

const template = {
  name: 'Web / größer',
  description: 'For the site',
  operation: null,
  saved_at: '2026-01-02T03:04:05.000Z',
  start: { priority: 7, config: { preset: 'Soft', output: { long_edge: 2048 } } },
};
const path = '/templates/Web%20%2F%20gr%C3%B6%C3%9Fer';

async function setUp() {
  const cwd = await mkdtemp(join(tmpdir(), 'photo-bridge-cli-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  const { start: _start, ...summary } = template;
  const stub = await startStubDaemon({
    'GET /templates': { body: { templates: [summary], count: 1 } },
    [`GET ${path}`]: { body: template },
    'POST /templates': ({ body }) => ({
      body: {
        message: 'Template saved',
        replaced: false,
        ...template,
        name: (body as { name: string }).name,
      },
    }),
    [`DELETE ${path}`]: { body: { message: 'Template removed', name: template.name } },
    'POST /batch/start': { body: { message: 'x', batch_id: 'batch_0123456789ab', photo_count: 2 } },
  });
  return { ...stub, cwd, run: (...args: string[]) => runHere(args, { url: stub.url, cwd }) };
}

describe('templates', () => {
  it('list, show and remove', async () => {
    const { run, asked } = await setUp();
    expect(await run('templates', 'list')).toMatchObject({
      code: 0,
      stdout: 'Web / größer    For the site\n',
    });
    const shown = await run('templates', 'show', template.name);
    expect(shown.stdout.split('\n')).toEqual([
      'Web / größer (saved 2026-01-02T03:04:05.000Z)',
      'For the site',
      '  priority                 7',
      '  config.preset            Soft',
      '  config.output.long_edge  2048',
      '',
    ]);
    expect(await run('templates', 'remove', template.name)).toMatchObject({
      code: 0,
      stdout: 'Removed: Web / größer\n',
    });
    expect(asked.map(({ route }) => route)).toEqual(['GET /templates', `GET ${path}`, `DELETE ${path}`]);
    expect(JSON.parse((await run('templates', 'show', template.name, '--json')).stdout)).toEqual(template);
    expect((await run('templates', 'show', 'none')).code).toBe(4);
  });

  it('save what the options say', async () => {
    const { run, asked, cwd } = await setUp();
    const options = [
      '--preset',
      'Soft',
      '--long-edge',
      '2048',
      '-o',
      'out',
      '--priority',
      '7',
      '--skip-unknown',
    ];
    const saved = await run('templates', 'save', 'Web', ...options, '--description', 'For the site', '--new');
    expect(saved).toMatchObject({ code: 0, stdout: 'Saved: Web\n' });
    expect(asked[0]?.body).toEqual({
      name: 'Web',
      description: 'For the site',
      if_exists: 'refuse',
      start: {
        priority: 7,
        on_unknown: 'fail_item',
        config: { preset: 'Soft', output: { folder: join(cwd, 'out'), long_edge: 2048 } },
      },
    });
    await run('templates', 'save', 'empty');
    expect(asked[1]?.body).toEqual({ name: 'empty', start: {} });
  });

  it('save a file, with the options over it', async () => {
    const { run, asked, cwd } = await setUp();
    const start = {
      priority: 2,
      session_id: 4,
      config: { blend: 10, output: { format: 'png', quality: 5 } },
    };
    await writeFile(join(cwd, 'start.json'), JSON.stringify(start));
    await run('templates', 'save', 'x', '--file', 'start.json', '--priority', '9', '--quality', '80');
    expect(asked[0]?.body).toEqual({
      name: 'x',
      start: { priority: 9, session_id: 4, config: { blend: 10, output: { format: 'png', quality: 80 } } },
    });
    await writeFile(join(cwd, 'bad.json'), '{');
    await writeFile(join(cwd, 'list.json'), '[]');
    for (const file of ['none.json', 'bad.json', 'list.json']) {
      const refused = await run('templates', 'save', 'x', '--file', file);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain(file);
    }
    expect(asked).toHaveLength(1);
  });

  it('start a batch by name, sending nothing but what was typed', async () => {
    const { run, asked } = await setUp();
    await run('start', '1', '2', '--template', template.name, '--blend', '40');
    await run(
      'start',
      '1',
      '--preset',
      'Soft',
      '--start-at',
      '2099-01-01T00:00:00Z',
      '--after',
      'batch_0123456789ab',
    );
    expect(asked.map(({ body }) => body)).toEqual([
      { photo_ids: [1, 2], template: template.name, config: { blend: 40 } },
      {
        photo_ids: [1],
        config: { preset: 'Soft' },
        start_at: '2099-01-01T00:00:00.000Z',
        depends_on: ['batch_0123456789ab'],
      },
    ]);
  });
});

describe('the client', () => {
  it('has a method for every template route', async () => {
    const { url, asked } = await setUp();
    const { templates, batches } = createClient({ url });
    expect((await templates.list()).count).toBe(1);
    expect(await templates.get(template.name)).toEqual(template);
    expect((await templates.save({ name: 'x', start: { priority: 1 } })).replaced).toBe(false);
    expect((await templates.remove(template.name)).name).toBe(template.name);
    await batches.start({ photo_ids: [1], template: 'x' });
    await expect(templates.get('none')).rejects.toMatchObject({ status: 404 });
    expect(asked.map(({ route }) => route)).toEqual([
      'GET /templates',
      `GET ${path}`,
      'POST /templates',
      `DELETE ${path}`,
      'POST /batch/start',
      'GET /templates/none',
    ]);
  });
});
