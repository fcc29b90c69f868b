/** `photos add|list`: what there is to work with. */
import type { Action, Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { parsePhotoArguments, registerAll, toSelection } from '../select-photos.ts';
import { showTable } from '../table.ts';
import { toCount } from '../wording.ts';

type AddFlags = { glob?: string; skipInvalid?: boolean };

export const photosAdd: Action<AddFlags> = async (context, args, flags) => {
  const client = await context.connect();
  const found = await parsePhotoArguments(args, context.host.cwd);
  const selection = toSelection(found, flags.glob);
  const skip = flags.skipInvalid === true && { skip_invalid: true };
  if (selection === 'mixed' || selection.photo_ids) {
    const ids = await registerAll(client, found, flags);
    if (context.json) context.terminal.json({ photos: ids.map((photo_id) => ({ photo_id })) });
    else context.terminal.line(`${toCount(ids.length, 'photo')} registered: ${ids.join(' ')}`);
    return exitCodes.ok;
  }
  const body = selection.select ?? { paths: (selection.photos ?? []).map(({ path }) => path) };
  const answer = await client.photos.add({ ...body, ...skip });
  if (context.json) context.terminal.json(answer);
  else {
    showPhotos(context, answer.photos);
    for (const { path, reason } of answer.rejected ?? [])
      context.terminal.note(`left out: ${path}: ${reason}`);
    context.terminal.note(`${toCount(answer.added_count, 'photo')} new, ${answer.photos.length} in all.`);
  }
  return exitCodes.ok;
};

export const photosList: Action<{ limit?: number }> = async (context, _args, flags) => {
  const client = await context.connect();
  const answer = await client.photos.list({ limit: flags.limit ?? 100 });
  if (context.json) context.terminal.json(answer);
  else {
    showPhotos(context, answer.photos);
    if (answer.next_cursor !== null) context.terminal.note('There are more; see them with --limit');
    if (answer.photos.length === 0)
      context.terminal.note('No photo yet. Add some with: photo-bridge photos add FOLDER');
  }
  return exitCodes.ok;
};

type Row = { photo_id: number; path: string; missing?: boolean };

function showPhotos({ terminal }: Context, photos: readonly Row[]): void {
  const rows = photos.map(({ photo_id, path, missing }) => [
    String(photo_id),
    path,
    missing ? '(missing)' : '',
  ]);
  showTable(terminal, rows, { rules: [null, { cut: 'middle', min: 16 }, null] });
}
