/** Photo arguments (ids, files, folders, globs) to what the daemon takes. It reads names of files, never their bytes. */
import { glob, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BridgeClient, StartRequest } from '../client/index.ts';
import { UsageError } from './exit-codes.ts';

export type PhotoArgument =
  | { kind: 'id'; id: number }
  | { kind: 'file'; path: string }
  | { kind: 'folder'; path: string };
export type Selection = Pick<StartRequest, 'photo_ids' | 'photos' | 'select'>;

/**
 * A whole number is a photo id (write `./12` for a file of that name). Globs the shell left alone are matched here.
 * Throws UsageError for what is none of these, naming it.
 */
export async function parsePhotoArguments(args: readonly string[], cwd: string): Promise<PhotoArgument[]> {
  const found: PhotoArgument[] = [];
  for (const text of args) {
    if (/^\d+$/.test(text)) found.push({ kind: 'id', id: Number(text) });
    else found.push(...(await findFiles(text, cwd)));
  }
  return found;
}

async function findFiles(text: string, cwd: string): Promise<PhotoArgument[]> {
  const path = resolve(cwd, text);
  const kind = await toKind(path);
  if (kind !== null) return [{ kind, path }];
  if (!/[*?[\]{}]/.test(text)) throw new UsageError(`No such file or folder: ${path}`);
  const matches: PhotoArgument[] = [];
  for await (const match of glob(text, { cwd })) {
    const file = resolve(cwd, match);
    if ((await toKind(file)) === 'file') matches.push({ kind: 'file', path: file });
  }
  if (matches.length === 0) throw new UsageError(`No file matches ${text}`);
  return matches.sort((a, b) => toPath(a).localeCompare(toPath(b), 'en', { numeric: true }));
}

function toPath(argument: PhotoArgument): string {
  return argument.kind === 'id' ? '' : argument.path;
}

async function toKind(path: string): Promise<'file' | 'folder' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return null;
  }
}

/** How the daemon can take them in one request; `mixed` has to be registered first. */
export function toSelection(found: readonly PhotoArgument[], pattern?: string): Selection | 'mixed' {
  const [first] = found;
  if (first === undefined) {
    throw new UsageError(
      'Name the photos: ids, files, folders or globs, e.g. photo-bridge start ~/Pictures/trip',
    );
  }
  if (pattern !== undefined && !found.some(({ kind }) => kind === 'folder')) {
    throw new UsageError('--glob chooses photos of a folder, and none was named');
  }
  const ids = found.flatMap((argument) => (argument.kind === 'id' ? [argument.id] : []));
  if (ids.length === found.length) return { photo_ids: ids };
  const files = found.flatMap((argument) => (argument.kind === 'file' ? [{ path: argument.path }] : []));
  if (files.length === found.length) return { photos: files };
  if (found.length === 1) return { select: { folder: toPath(first), ...(pattern && { glob: pattern }) } };
  return 'mixed';
}

/** Registers files and folders in order and answers the ids of all. */
export async function registerAll(
  client: BridgeClient,
  found: readonly PhotoArgument[],
  { glob: pattern, skipInvalid }: { glob?: string | undefined; skipInvalid?: boolean | undefined },
): Promise<number[]> {
  const ids: number[] = [];
  for (const run of toRuns(found)) {
    if (run.kind === 'id') {
      ids.push(...run.ids);
      continue;
    }
    const body =
      run.kind === 'folder' ? { folder: run.path, ...(pattern && { glob: pattern }) } : { paths: run.paths };
    const { photos } = await client.photos.add({ ...body, ...(skipInvalid && { skip_invalid: true }) });
    ids.push(...photos.map(({ photo_id }) => photo_id));
  }
  return ids;
}

type Run =
  | { kind: 'id'; ids: number[] }
  | { kind: 'file'; paths: string[] }
  | { kind: 'folder'; path: string };

/** Neighbours of one kind together, so that a thousand files are one request. */
function toRuns(found: readonly PhotoArgument[]): Run[] {
  const runs: Run[] = [];
  for (const argument of found) {
    const last = runs.at(-1);
    if (argument.kind === 'folder') runs.push(argument);
    else if (argument.kind === 'file') {
      if (last?.kind === 'file') last.paths.push(argument.path);
      else runs.push({ kind: 'file', paths: [argument.path] });
    } else if (last?.kind === 'id') last.ids.push(argument.id);
    else runs.push({ kind: 'id', ids: [argument.id] });
  }
  return runs;
}
