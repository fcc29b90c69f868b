/** Lets an installed program develop a raw photo to a 16-bit sRGB TIFF, and checks what it made. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TaskFailure } from '../../pipeline/task-failure.ts';
import { findProgram } from './find-program.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';
import { makeWorkFolder, removeWorkFolder } from './work-folder.ts';

export type Program = {
  /** As results name it. */
  name: string;
  command: string;
  versionArgs: readonly string[];
  /** `source`, `output`: absolute paths in `folder`. */
  developArgs(paths: { source: string; output: string; folder: string }): readonly string[];
};

export const darktable: Program = {
  name: 'darktable',
  command: 'darktable-cli',
  versionArgs: ['--version'],
  // No library, no settings, no presets of the user's, no GPU: the same picture on every machine.
  developArgs: ({ source, output, folder }) => [
    source,
    output,
    '--apply-custom-presets',
    'false',
    '--icc-type',
    'SRGB',
    '--core',
    '--library',
    ':memory:',
    '--configdir',
    join(folder, 'config'),
    '--cachedir',
    join(folder, 'cache'),
    '--tmpdir',
    folder,
    '--disable-opencl',
    '--conf',
    'plugins/imageio/format/tiff/bpp=16',
    '--conf',
    'plugins/imageio/format/tiff/compress=0',
    '--conf',
    'write_sidecar_files=never',
  ],
};

export const rawtherapee: Program = {
  name: 'RawTherapee',
  command: 'rawtherapee-cli',
  versionArgs: ['-v'],
  // Its own default profile for raw photos; its output profile is sRGB's (RTv4_sRGB).
  developArgs: ({ source, output }) => ['-q', '-o', output, '-d', '-t', '-b16', '-Y', '-c', source],
};

export type ProgramPhoto = {
  bytes: Buffer;
  extension: string;
  deadlineMs: number;
  slots: Int32Array;
  onWait: (seconds: number) => void;
};
/** `said`: why it did not, for people. */
export type ProgramResult = { ok: true; file: Buffer; engine: string } | { ok: false; said: string };

const VERSION_MS = 20_000;
const found = new Map<string, { path: string; engine: string } | null>();

/** Looked for once in a thread's life; null when it is not installed or does not run. */
async function locate(program: Program): Promise<{ path: string; engine: string } | null> {
  const known = found.get(program.command);
  if (known !== undefined) return known;
  const path = findProgram(program.command);
  const version = path === null ? null : await askVersion(path, program);
  const place = path === null || version === null ? null : { path, engine: `${program.name} ${version}` };
  found.set(program.command, place);
  return place;
}

export async function isInstalled(program: Program): Promise<boolean> {
  return (await locate(program)) !== null;
}

async function askVersion(path: string, program: Program): Promise<string | null> {
  const folder = makeWorkFolder();
  try {
    const end = await runProgram({
      program: path,
      args: program.versionArgs,
      folder,
      deadlineMs: VERSION_MS,
      slots: new Int32Array(1),
      onWait: () => {},
    });
    return end.kind === 'ended' ? (/\b\d+\.\d+(?:[.\w+~-]*\w)?/.exec(end.said)?.[0] ?? null) : null;
  } finally {
    removeWorkFolder(folder);
  }
}

/**
 * Throws TaskFailure `timeout`. The photo is handed over as a copy of the bytes that were read: no sidecar beside the
 * original plays a part, its name cannot be mistaken for an option, and nothing is ever written near it.
 */
export async function developWith(program: Program, photo: ProgramPhoto): Promise<ProgramResult> {
  const place = await locate(program);
  if (place === null) return { ok: false, said: `${program.name} is not installed` };
  const folder = makeWorkFolder();
  try {
    const source = join(folder, `photo${photo.extension}`);
    const output = join(folder, 'developed.tif');
    writeFileSync(source, photo.bytes, { mode: 0o600, flag: 'wx' });
    const { deadlineMs, slots, onWait } = photo;
    const args = program.developArgs({ source, output, folder });
    const end = await runProgram({ program: place.path, args, folder, deadlineMs, slots, onWait });
    if (end.kind === 'timeout') {
      throw new TaskFailure('timeout', 'decode', `${program.name} took longer than a photo of its size may.`);
    }
    const file = readOutput(output);
    if (end.kind === 'ended' && end.code === 0 && file !== null)
      return { ok: true, file, engine: place.engine };
    return {
      ok: false,
      said: `${program.name} did not develop it (${toReason(end).replaceAll(`${folder}/`, '')})`,
    };
  } finally {
    removeWorkFolder(folder);
  }
}

function readOutput(path: string): Buffer | null {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : null;
}

function toReason(end: ProgramEnd): string {
  if (end.kind === 'not-started') return end.said;
  if (end.kind === 'timeout') return 'timeout';
  if (end.signal !== null) return `ended by ${end.signal}`;
  const line = end.said
    .split('\n')
    .map((text) => text.trim())
    .findLast((text) => /error|fail|can't|cannot|unsupported|problem/i.test(text));
  return line === undefined ? `exit code ${end.code}, no picture` : line.slice(0, 120);
}
