/** Inventories of a test on disk. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listingColumns } from '../../../../bridge/operations/listings/columns.ts';

export const header = listingColumns.join(',');
export const toLine = (id: string, status = '', image = 'a.jpg') =>
  `${id},${image},A fine truck,It is very fine indeed,9,truck,diesel,lift,${status}`;
export const number = (index: number) => `BT${String(index).padStart(3, '0')}`;

export function write(lines: readonly string[], name = 'inventory.csv'): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'listings-')));
  mkdirSync(join(folder, 'images'));
  writeFileSync(join(folder, 'images', 'a.jpg'), 'image');
  const path = join(folder, name);
  writeFileSync(path, `${[header, ...lines].join('\r\n')}\r\n`);
  return path;
}

export const statuses = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(',').at(-1) ?? '');
