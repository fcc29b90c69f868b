/** Workbooks made and read by another program, and the parts of one as they lie in its file. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readZipDirectory } from '../../../../bridge/operations/listings/zip-directory.ts';

export const python = ['/usr/bin/python3', 'python3'].find(
  (name) => spawnSync(name, ['-c', 'import openpyxl']).status === 0,
);
if (python === undefined) {
  if (process.env.CI) throw new Error('python3-openpyxl is missing');
  console.log('skipped: workbooks of openpyxl (python3-openpyxl is missing)');
}

function run(script: string, ...args: string[]): string {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status, stdout, stderr } = spawnSync(python ?? '', [path, ...args], { maxBuffer: 1e9 });
  if (status !== 0) throw new Error(String(stderr));
  return String(stdout);
}

export type Seen = { names: unknown; sheets: Record<string, { cells: Record<string, unknown[]> }> };
export const makeWorkbook = (path: string, rows: number) => run('make-workbook.py', path, `${rows}`);
export const see = (path: string): Seen => JSON.parse(run('read-workbook.py', path)) as Seen;

/** Every part as it lies in the file: header, packed bytes and all. */
export function rawParts(bytes: Buffer): Map<string, string> {
  const { entries } = readZipDirectory(bytes);
  return new Map(entries.map(({ name, start, end }) => [name, bytes.toString('latin1', start, end)]));
}
