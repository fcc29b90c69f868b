import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../../bridge/http/app.ts';
import { createStandIn } from '../../medium/http/stand-in.ts';

const SCRIPT = 'index-Ab3_x-9Z.js';

async function setUp({ isBuilt }: { isBuilt: boolean }) {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-page-'));
  if (isBuilt) {
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>the page</title>');
    await writeFile(join(folder, 'assets', SCRIPT), 'console.log(1)');
    await writeFile(join(folder, 'assets', 'index-Ab3_x-9Z.map'), '{}');
    await writeFile(join(folder, 'secret-12345678.js'), 'outside');
  }
  const { services, health } = createStandIn();
  const app = createApp({ ...services, pageFolder: folder });
  const get = (path: string, headers: Record<string, string> = {}) =>
    app.fetch(new Request(`http://localhost:5100${path}`, { headers }));
  return { get, health, folder };
}

describe('the dashboard', () => {
  it('is served at / with a policy that lets in nothing but its own files', async () => {
    const { get } = await setUp({ isBuilt: true });
    const answer = await get('/');
    expect([answer.status, await answer.text()]).toEqual([200, '<!doctype html><title>the page</title>']);
    const policy = answer.headers.get('content-security-policy') ?? '';
    const sources = policy.split('; ').map((part) => part.split(' '));
    expect(sources.find(([name]) => name === 'default-src')).toEqual(['default-src', "'none'"]);
    const allowed = new Set(sources.flatMap(([name, ...values]) => (name?.endsWith('-src') ? values : [])));
    expect(allowed).toEqual(new Set(["'none'", "'self'"]));
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'");
    // The page names its files by their content; it must not be older than they are.
    expect(answer.headers.get('cache-control')).toBeNull();
  });

  it('gives its files as what they are', async () => {
    const { get } = await setUp({ isBuilt: true });
    const answer = await get(`/assets/${SCRIPT}`);
    expect([answer.status, await answer.text()]).toEqual([200, 'console.log(1)']);
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  it('gives no file that the build does not make, and none outside its folder', async () => {
    const { get } = await setUp({ isBuilt: true });
    const names = [
      'index-Ab3_x-9Z.map',
      'index-aaaaaaaa.js',
      'index.html',
      '..%2Fsecret-12345678.js',
      '..%5Csecret-12345678.js',
      '%2E%2E/secret-12345678.js',
      '../secret-12345678.js',
      '',
    ];
    for (const name of names) {
      const answer = await get(`/assets/${name}`);
      expect([name, answer.status]).toEqual([name, 404]);
      expect(answer.headers.get('cache-control')).toBeNull();
    }
  });

  it('that is not built says what to do, and is there as soon as it is', async () => {
    const { get, folder } = await setUp({ isBuilt: false });
    const answer = await get('/');
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('npm run build:dashboard');
    await writeFile(join(folder, 'index.html'), 'built');
    expect(await (await get('/')).text()).toBe('built');
  });

  it('is there while the daemon starts', async () => {
    const { get, health } = await setUp({ isBuilt: true });
    health.state = 'starting';
    expect((await get('/')).status).toBe(200);
    expect((await get(`/assets/${SCRIPT}`)).status).toBe(200);
    expect((await get('/batch/list')).status).toBe(503);
  });
});
