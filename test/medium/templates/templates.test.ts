/** Templates on a real disk: one file each, whole or not at all, and what becomes of files that are damaged. */
import { chmod, mkdir, mkdtemp, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../../bridge/log.ts';
import { createJsonFolder } from '../../../bridge/store/json-folder.ts';
import { createQuarantine } from '../../../bridge/store/quarantine.ts';
import { MAX_TEMPLATE_BYTES, openTemplates } from '../../../bridge/templates/templates.ts';

async function setUp(files: Record<string, string> = {}) {
  const root = await mkdtemp(join(tmpdir(), 'photo-bridge-templates-'));
  const folder = join(root, 'templates');
  if (Object.keys(files).length > 0) await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const lines: string[] = [];
  const open = () => {
    const quarantine = createQuarantine(join(root, 'quarantine'));
    return openTemplates({
      files: createJsonFolder(folder, MAX_TEMPLATE_BYTES, quarantine),
      iso: () => '2026-01-02T03:04:05.000Z',
      log: createLog('info', { write: (line) => void lines.push(line) }),
    });
  };
  return { root, folder, open, log: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const save = {
  description: 'Größer',
  start: { priority: 7, config: { blend: 30 } },
  if_exists: 'replace',
} as const;

describe('templates on disk', () => {
  it('are there again after a restart, exactly as they were saved', async () => {
    const { open, folder } = await setUp();
    const templates = await open();
    const { template } = await templates.save({ name: 'Café / 2048 px', ...save });
    expect((await open()).get('Café / 2048 px')).toEqual(template);
    expect(template).toEqual({
      name: 'Café / 2048 px',
      description: 'Größer',
      operation: null,
      saved_at: '2026-01-02T03:04:05.000Z',
      start: save.start,
    });
    const [file, ...rest] = await readdir(folder);
    expect(rest).toEqual([]);
    expect(file).toMatch(/^Caf-2048-px-[0-9a-f]{12}\.json$/);
    expect((await stat(join(folder, file!))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('stay in one file when replaced under another case, and leave none when removed', async () => {
    const { open, folder } = await setUp();
    const templates = await open();
    await templates.save({ name: 'Web', ...save });
    await templates.save({ name: 'WEB', ...save, start: { priority: 1 } });
    expect(await readdir(folder)).toHaveLength(1);
    expect((await open()).list().map(({ name }) => name)).toEqual(['WEB']);
    expect((await templates.remove('web')).name).toBe('WEB');
    expect(await readdir(folder)).toEqual([]);
    expect((await open()).list()).toEqual([]);
  });

  it('take changes of one name in turn: the last one holds, on disk as in memory', async () => {
    const { open } = await setUp();
    const templates = await open();
    const changes = Array.from({ length: 30 }, (_, index) =>
      index % 5 === 4
        ? templates.remove('x').catch(() => undefined)
        : templates.save({ name: 'x', start: { session_id: index }, if_exists: 'replace' }),
    );
    await Promise.all(changes.slice(0, 29).concat(templates.save({ name: 'y', ...save })));
    await changes[29];
    expect(templates.list()).toEqual((await open()).list());
    await templates.save({ name: 'x', start: { session_id: 99 }, if_exists: 'refuse' });
    await Promise.allSettled(
      [1, 2, 3].map((n) => templates.save({ name: 'x', start: { session_id: n }, if_exists: 'replace' })),
    );
    expect(templates.get('x').start).toEqual({ session_id: 3 });
    expect((await open()).get('x')).toEqual(templates.get('x'));
  });

  it('made by hand may leave out all but what they say, and are saved where they are', async () => {
    const { open, folder } = await setUp({ 'by hand.json': '\uFEFF{"start": {"priority": 2}}' });
    const templates = await open();
    expect(templates.list()).toEqual([
      { name: 'by hand', description: null, operation: null, saved_at: null },
    ]);
    await templates.save({ name: 'By Hand', ...save });
    expect(await readdir(folder)).toEqual(['by hand.json']);
    expect(JSON.parse(await readFile(join(folder, 'by hand.json'), 'utf8'))).toEqual({
      name: 'By Hand',
      description: 'Größer',
      saved_at: '2026-01-02T03:04:05.000Z',
      start: save.start,
    });
  });

  it.each([
    ['', /^not valid JSON/],
    ['{"start": {"prio', /^not valid JSON/],
    ['[]', 'the template must be a JSON object; got an empty list'],
    ['{"start": {"priorty": 2}}', 'unknown key "priorty" in start; did you mean "priority"?'],
    ['{"start": {"photo_ids": [1]}}', /^unknown key "photo_ids" in start/],
    ['{"name": "..", "start": {}}', /^name must be valid/],
  ])('that are damaged (%j) are set aside with the reason, and the others hold', async (text, problem) => {
    const { open, folder, root, log } = await setUp({ 'bad.json': text, 'good.json': '{"start": {}}' });
    expect((await open()).list().map(({ name }) => name)).toEqual(['good']);
    expect(await readdir(folder)).toEqual(['good.json']);
    const [file, reason] = (await readdir(join(root, 'quarantine'))).sort();
    expect(await readFile(join(root, 'quarantine', file!), 'utf8')).toBe(text);
    expect(log()).toEqual([
      expect.objectContaining({
        msg: 'template file refused',
        file: 'bad.json',
        problem: typeof problem === 'string' ? problem : expect.stringMatching(problem),
        moved_to: file,
      }),
    ]);
    expect(reason).toBe(`${file}.reason.txt`);
  });

  it('that cannot be read, or have a name that is taken, are left out where they are, with a line in the log', async () => {
    const { open, folder, log } = await setUp({
      'a.json': '{"name": "Web", "start": {"priority": 1}}',
      'b.json': '{"name": "web", "start": {"priority": 2}}',
      'huge.json': `{"start": {"config": {"x": "${'x'.repeat(MAX_TEMPLATE_BYTES)}"}}}`,
      'latin.json': '',
      'notes.txt': 'no template',
      'old.json.tmp': '{"sta',
    });
    await writeFile(
      join(folder, 'latin.json'),
      Buffer.from('{"description": "gr\xf6\xdfer", "start": {}}', 'latin1'),
    );
    await symlink('/etc/hostname', join(folder, 'link.json'));
    await mkdir(join(folder, 'folder.json'));
    const templates = await open();
    expect(templates.list().map(({ name }) => name)).toEqual(['Web']);
    expect(templates.get('web').start).toEqual({ priority: 1 });
    const names = ['a.json', 'b.json', 'folder.json', 'huge.json', 'latin.json', 'link.json', 'notes.txt'];
    expect((await readdir(folder)).sort()).toEqual(names);
    expect(log().map(({ file }) => file)).toEqual([
      'b.json',
      'folder.json',
      'huge.json',
      'latin.json',
      'link.json',
    ]);
  });

  it.skipIf(process.getuid?.() === 0)('say that the disk takes nothing, and keep what they had', async () => {
    const { open, folder } = await setUp({ 'a.json': '{"start": {"priority": 1}}' });
    const templates = await open();
    await chmod(folder, 0o500);
    await expect(templates.save({ name: 'b', ...save })).rejects.toMatchObject({ code: 'read_only' });
    await expect(templates.remove('a')).rejects.toMatchObject({ code: 'read_only' });
    expect(templates.list().map(({ name }) => name)).toEqual(['a']);
    await chmod(folder, 0o700);
    await templates.save({ name: 'b', ...save });
  });

  it('say so too when the folder cannot be made, and keep what they had', async () => {
    const { open, root } = await setUp();
    await writeFile(join(root, 'templates'), 'a file in its place');
    const templates = await open();
    await expect(templates.save({ name: 'b', ...save })).rejects.toMatchObject({ code: 'read_only' });
    expect(templates.list()).toEqual([]);
  });
});
