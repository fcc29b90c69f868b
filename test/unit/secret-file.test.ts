import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadSecretFile } from '../../bridge/secret-file.ts';

it('a secret is made once, and what a kill left of making it goes, nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'secret-'));
  const path = join(folder, 'webhook-secret');
  await writeFile(`${path}.0123456789ab.tmp`, 'half a sec');
  await writeFile(`${path}.notes.tmp`, 'somebody else wrote this');
  const both = await Promise.all([loadSecretFile(path, () => 'one'), loadSecretFile(path, () => 'two')]);
  expect(new Set(both).size).toBe(1);
  expect(await loadSecretFile(path, () => 'three')).toBe(both[0]);
  expect((await readdir(folder)).sort()).toEqual(['webhook-secret', 'webhook-secret.notes.tmp']);
});
