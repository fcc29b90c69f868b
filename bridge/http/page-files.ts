/** Reads the built page from its folder: the document, and files whose names carry the sum of what is in them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type PageFile = { bytes: Uint8Array<ArrayBuffer>; type: string };

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};
/** No separators, no dot in front: a name never leaves the folder. */
const assetName = /^[\w-]+-[\w-]{8}\.(css|js|svg)$/;

/** Null when the page is not built. */
export async function readDocument(folder: string): Promise<PageFile | null> {
  return await read(join(folder, 'index.html'), 'text/html; charset=utf-8');
}

/** Null for a name that the build does not make. */
export async function readAsset(folder: string, name: string): Promise<PageFile | null> {
  const type = types[assetName.exec(name)?.[1] ?? ''];
  return type === undefined ? null : await read(join(folder, 'assets', name), type);
}

async function read(path: string, type: string): Promise<PageFile | null> {
  try {
    return { bytes: new Uint8Array(await readFile(path)), type };
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null;
    throw thrown;
  }
}
