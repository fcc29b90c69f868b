/** The template routes and what they do to a start, over files that are held in memory. */
import { describe, expect, it } from 'vitest';
import { createApp } from '../../../bridge/http/app.ts';
import type { FoundFile, TemplateFiles } from '../../../bridge/templates/api.ts';
import { openTemplates } from '../../../bridge/templates/templates.ts';
import { createStandIn, silent } from '../../medium/http/stand-in.ts';

function holdFiles(): TemplateFiles & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    load: async () => [...kept].map(([file, text]): FoundFile => ({ file, text })),
    save: async (file, text) => void kept.set(file, text),
    remove: async (file) => void kept.delete(file),
    setAside: () => null,
  };
}

async function setUp() {
  const standIn = createStandIn();
  const files = holdFiles();
  const templates = await openTemplates({ files, iso: () => '2026-01-02T03:04:05.000Z', log: silent });
  const app = createApp({ ...standIn.services, templates });
  async function call(method: string, path: string, body?: unknown) {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const headers = { 'content-type': 'application/json' };
    const response = await app.fetch(new Request(`http://localhost:5100${path}`, { ...init, headers }));
    return { status: response.status, json: JSON.parse(await response.text()) };
  }
  return { ...standIn, files, call };
}

const web = {
  name: 'Web / größer',
  description: 'For the site',
  start: { priority: 7, config: { blend: 30 } },
};
const webPath = `/templates/${encodeURIComponent(web.name)}`;

describe('template routes', () => {
  it('save, list, show, replace and remove', async () => {
    const { call, files } = await setUp();
    expect(await call('GET', '/templates')).toEqual({ status: 200, json: { templates: [], count: 0 } });
    const saved = { ...web, operation: null, saved_at: '2026-01-02T03:04:05.000Z' };
    expect(await call('POST', '/templates', web)).toEqual({
      status: 200,
      json: { message: 'Template saved', replaced: false, ...saved },
    });
    await call('POST', '/templates', { name: 'archive', start: { operation: 'develop' } });
    const { start: _start, ...summary } = saved;
    expect((await call('GET', '/templates')).json).toEqual({
      templates: [
        { name: 'archive', description: null, operation: 'develop', saved_at: saved.saved_at },
        summary,
      ],
      count: 2,
    });
    expect(await call('GET', webPath)).toEqual({ status: 200, json: saved });
    const again = { ...web, start: { priority: 1 } };
    expect((await call('POST', '/templates', again)).json).toMatchObject({
      replaced: true,
      start: { priority: 1 },
    });
    expect((await call('GET', webPath)).json.start).toEqual({ priority: 1 });
    expect(files.kept.size).toBe(2);
    expect(await call('DELETE', webPath)).toEqual({
      status: 200,
      json: { message: 'Template removed', name: web.name },
    });
    expect((await call('GET', '/templates')).json.count).toBe(1);
    expect((await call('DELETE', webPath)).status).toBe(404);
  });

  it('take names that differ only in case for one, and keep the one that is there when asked to', async () => {
    const { call } = await setUp();
    await call('POST', '/templates', { name: 'Web', start: { priority: 1 } });
    const refused = await call('POST', '/templates', { name: 'WEB', start: {}, if_exists: 'refuse' });
    expect(refused).toMatchObject({ status: 409, json: { code: 'conflict', name: 'Web' } });
    expect(refused.json.error).toContain('if_exists');
    expect((await call('GET', '/templates/web')).json).toMatchObject({ name: 'Web', start: { priority: 1 } });
    await call('POST', '/templates', { name: 'WEB', start: {} });
    expect(
      (await call('GET', '/templates')).json.templates.map(({ name }: { name: string }) => name),
    ).toEqual(['WEB']);
  });

  it('name the nearest ones of an unknown one', async () => {
    const { call } = await setUp();
    for (const name of ['Web small', 'Web smaller', 'Print'])
      await call('POST', '/templates', { name, start: {} });
    expect(await call('GET', '/templates/web%20smal')).toMatchObject({
      status: 404,
      json: {
        code: 'template_not_found',
        error: 'no template is named "web smal"; did you mean "Web small" or "Web smaller"?',
        suggestions: ['Web small', 'Web smaller'],
      },
    });
  });

  it.each([
    [{ start: {} }, 'name is required'],
    [{ name: 'x' }, 'start is required'],
    [{ name: '..', start: {} }, /^name must be valid/],
    [{ name: 'x', start: { photo_ids: [1] } }, /^unknown key "photo_ids" in start/],
    [{ name: 'x', start: { template: 'y' } }, /^unknown key "template" in start/],
    [{ name: 'x', start: { priority: 0 } }, 'start.priority must be at least 1; got 0'],
    [{ name: 'x', start: {}, if_exist: 'refuse' }, 'unknown key "if_exist"; did you mean "if_exists"?'],
    [
      { name: 'x', start: { config: { output: { qualty: 3 } } } },
      'unknown key "qualty" in start.config.output; did you mean "quality"? (for another operation than "develop", say start.operation)',
    ],
    [
      { name: 'x', start: { operation: 'develop', config: { blend: 101 } } },
      'start.config.blend must be at most 100; got 101',
    ],
  ])('refuse %j', async (body, error) => {
    const { call, files } = await setUp();
    const answer = await call('POST', '/templates', body);
    expect(answer.status).toBe(400);
    expect(answer.json.error).toEqual(typeof error === 'string' ? error : expect.stringMatching(error));
    expect(files.kept.size).toBe(0);
  });

  it('refuse one that is too large, and one too many, and say what to do', async () => {
    const { call } = await setUp();
    const start = { operation: 'captions', config: { text: 'x'.repeat(1024 * 1024) } };
    expect(await call('POST', '/templates', { name: 'large', start })).toMatchObject({
      status: 422,
      json: { error: expect.stringContaining('too large'), field: 'start' },
    });
    for (let index = 0; index < 1000; index += 1)
      await call('POST', '/templates', { name: `t${index}`, start: {} });
    expect(await call('POST', '/templates', { name: 'more', start: {} })).toMatchObject({
      status: 422,
      json: { error: expect.stringContaining('remove one first') },
    });
    expect((await call('POST', '/templates', { name: 'T7', start: {} })).json.replaced).toBe(true);
  });
});

describe('a start that names a template', () => {
  it('is the start with both, and the request wins', async () => {
    const { call, calls } = await setUp();
    await call('POST', '/templates', web);
    const body = { photo_ids: [1, 2], template: 'web / GRÖßER', config: { output: { quality: 50 } } };
    expect((await call('POST', '/batch/start', body)).status).toBe(200);
    await call('POST', '/batch/start', {
      photo_ids: [1, 2],
      priority: 7,
      config: { blend: 30, output: { quality: 50 } },
    });
    expect(calls[0]).toEqual(calls[1]);
    expect(calls[0]?.[1]).toMatchObject({ priority: 7, operation: 'develop', config: { blend: 30 } });
    expect(calls[0]?.[1]).not.toHaveProperty('template');
  });

  it('is refused for an unknown one, with the nearest names', async () => {
    const { call, calls } = await setUp();
    await call('POST', '/templates', { name: 'Web', start: {} });
    for (const path of ['/batch/start', '/batch/plan']) {
      expect(await call('POST', path, { photo_ids: [1], template: 'Wev' })).toMatchObject({
        status: 422,
        json: {
          code: 'unknown_template',
          error: 'no template is named "Wev"; did you mean "Web"?',
          suggestions: ['Web'],
        },
      });
    }
    expect(calls).toEqual([]);
  });

  it('still has to say what it is done to', async () => {
    const { call } = await setUp();
    await call('POST', '/templates', web);
    expect(await call('POST', '/batch/start', { template: web.name })).toMatchObject({
      status: 400,
      json: { error: 'photo_ids is required' },
    });
    expect(await call('POST', '/batch/start', { templat: web.name })).toMatchObject({ status: 400 });
    expect((await call('POST', '/batch/start', { photo_ids: [1], templat: 'x' })).json.error).toBe(
      'unknown key "templat"; did you mean "template"?',
    );
  });
});
