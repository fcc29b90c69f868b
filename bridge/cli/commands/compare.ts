/** `compare`: one photo at several blends of a preset, side by side in one picture. */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { BridgeClient, PreviewRequest } from '../../client/index.ts';
import type { Action } from '../context.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { loadPreset } from '../load-preset.ts';

type CompareFlags = { preset?: string; blends?: number[]; output?: string; width?: number };

const BLENDS = [0, 25, 50, 75, 100];
const WIDTH = 400;
const execute = promisify(execFile);

export const compare: Action<CompareFlags> = async (context, [photo = ''], flags) => {
  const { host, terminal, json } = context;
  if (flags.preset === undefined) throw new UsageError('Name a look: --preset NAME or FILE');
  const { blends = BLENDS, width = WIDTH } = flags;
  const out = resolve(host.cwd, flags.output ?? 'compare.jpg');
  const client = await context.connect();
  const photoId = await findPhoto(client, photo, host.cwd);
  const preset = (await loadPreset(context, flags.preset)) as PreviewRequest['preset'];
  const pictures: string[] = [];
  for (const blend of blends) {
    const jpeg = await client.photos.preview(photoId, { preset, blend, width });
    pictures.push(Buffer.from(jpeg).toString('base64'));
  }
  // In a process of its own: this one never touches pixels.
  const script = join(host.root, 'workers', 'compare', 'strip.ts');
  const running = execute(host.self.node, [script, out, String(width)]);
  running.child.stdin?.end(JSON.stringify(pictures));
  await running;
  if (json) terminal.json({ path: out, photo_id: photoId, blends });
  else terminal.line(`${out}: blends ${blends.join(', ')} from left to right`);
  return exitCodes.ok;
};

/** A photo id, or a file, which gets one. */
async function findPhoto(client: BridgeClient, photo: string, cwd: string): Promise<number> {
  if (/^\d+$/.test(photo)) return Number(photo);
  const { photos } = await client.photos.add({ paths: [resolve(cwd, photo)] });
  const [found] = photos;
  if (found === undefined) throw new UsageError(`There is no photo ${photo}`);
  return found.photo_id;
}
