/**
 * Set-up of every test file: all its temporary folders are made under one of its own, which goes when the file passed and
 * is kept and named when it failed.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';

const root = mkdtempSync(join(realpathSync(tmpdir()), 'photo-bridge-tests-'));
const before = process.env.TMPDIR;
let failed = false;

process.env.TMPDIR = root;
afterEach(({ task }) => {
  if (task.result?.state === 'fail') failed = true;
});
afterAll(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  if (failed) process.stderr.write(`temporary files kept: ${root}\n`);
  else rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});
