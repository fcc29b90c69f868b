/**
 * Set-up of every test file: all its temporary folders are made under one of its own, which goes when the file passed and
 * is kept and named when it failed. Daemons do not give way to the other tests that run at the same time.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';

const root = mkdtempSync(join(realpathSync(tmpdir()), 'photo-bridge-tests-'));
const before = process.env.TMPDIR;
let failed = false;

process.env.TMPDIR = root;
process.env.PHOTO_BRIDGE_RESOURCES_PROFILE = 'full';
afterEach(({ task }) => {
  if (task.result?.state === 'fail') failed = true;
});
afterAll(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  if (failed) process.stderr.write(`temporary files kept: ${root}\n`);
  else rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});
