/** Makes the demo's pictures and its contact sheet, each in a child process: this one never touches pixels. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CliHost } from '../host.ts';

const execute = promisify(execFile);
export type Pair = { before: string; after: string };

/** Paths of `count` new JPEG files in `folder`. */
export async function makePictures(
  host: CliHost,
  folder: string,
  count: number,
  signal: AbortSignal,
): Promise<string[]> {
  const script = join(host.root, 'workers', 'demo', 'make-pictures.ts');
  const { stdout } = await execute(host.self.node, [script, folder, String(count)], { signal });
  return stdout.trim().split('\n');
}

/** Decodes every file whole and strictly: rejects, naming it, when one is not complete. */
export async function makeContactSheet(
  host: CliHost,
  path: string,
  pairs: readonly Pair[],
  signal: AbortSignal,
): Promise<void> {
  const script = join(host.root, 'workers', 'demo', 'contact-sheet.ts');
  const running = execute(host.self.node, [script, path], { signal });
  running.child.stdin?.end(JSON.stringify(pairs));
  await running;
}
