/** The folder of its own that a program works in: made for one photo, removed after it, found and swept if ever left behind. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'photo-bridge-raw-';
const STALE_MS = 24 * 3600 * 1000;
let isSwept = false;

export function makeWorkFolder(): string {
  if (!isSwept) sweep();
  isSwept = true;
  return mkdtempSync(join(tmpdir(), PREFIX));
}

/** Never throws: what cannot be removed now is swept another day. */
export function removeWorkFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // Left for the sweep.
  }
}

/** Folders of a day and more ago: the program and its supervisor were both killed. */
function sweep(): void {
  try {
    for (const name of readdirSync(tmpdir())) {
      const path = join(tmpdir(), name);
      if (name.startsWith(PREFIX) && Date.now() - statSync(path).mtimeMs > STALE_MS) removeWorkFolder(path);
    }
  } catch {
    // The system's temp folder cannot be listed: then nothing can be swept.
  }
}
