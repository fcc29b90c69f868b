/** Runs the real ExifTool over many files at once. Needs perl on the machine. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const script = fileURLToPath(
  new URL('../../../../node_modules/exiftool-vendored.pl/bin/exiftool', import.meta.url),
);

/** Tag values by `Group:Name`, numeric where ExifTool has a number. */
export type Tags = Record<string, unknown>;

/** The tags of each file or of all files in a folder, by path. */
export async function readTags(...paths: string[]): Promise<Map<string, Tags>> {
  const answer = await run(['-j', '-n', '-G1', '-struct', '-m', ...paths]);
  const rows: Tags[] = JSON.parse(answer);
  return new Map(rows.map((row) => [String(row.SourceFile), row]));
}

/** The complaints of ExifTool's validation about each file, by path. */
export async function validate(...paths: string[]): Promise<Map<string, string[]>> {
  const answer = await run(['-j', '-a', '-G4', '-validate', '-warning', '-error', ...paths]);
  const rows: Tags[] = JSON.parse(answer);
  return new Map(
    rows.map((row) => [
      String(row.SourceFile),
      Object.entries(row)
        .filter(([name]) => /Warning$|Error$/.test(name))
        .map(([, value]) => String(value)),
    ]),
  );
}

async function run(args: readonly string[]): Promise<string> {
  const options = { maxBuffer: 256 * 1024 * 1024 };
  try {
    return (await promisify(execFile)('perl', [script, ...args], options)).stdout;
  } catch (error) {
    // Exit code 1: some file could not be read fully; the answer says which.
    if (error instanceof Error && 'stdout' in error && String(error.stdout).startsWith('['))
      return String(error.stdout);
    throw error;
  }
}

/** The bytes of a tag such as `MPImage2`; empty when there is none. */
export async function extract(path: string, tag: string): Promise<Buffer> {
  const options = { maxBuffer: 256 * 1024 * 1024, encoding: 'buffer' } as const;
  return (await promisify(execFile)('perl', [script, '-b', `-${tag}`, path], options)).stdout;
}

/** Writes tags (`-Tag=value` arguments) into files, in place. */
export async function writeTags(args: readonly string[], ...paths: string[]): Promise<void> {
  const all = [script, '-q', '-overwrite_original', '-m', ...args, ...paths];
  await promisify(execFile)('perl', all);
}
