/**
 * Whether outputs may go to a folder now: its drive is there, it leads where it led before, it can be written to. Makes
 * one only where it cannot hold outputs yet; says of each trouble what to do.
 */
import { realpath, stat } from 'node:fs/promises';
import type { FolderStage, OutputPlace } from '../batch/output-ports.ts';
import type { Failure, FailureCode } from '../contract/index.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createFolder, errorCode } from './disk.ts';
import type { FreeSpace } from './free-space.ts';
import type { MountMemory } from './mount-memory.ts';
import type { Room } from './room.ts';

export type OutputFolders = {
  prepare(folder: string, stage: FolderStage): Promise<Failure | null>;
  placeOf(folder: string): OutputPlace | null;
  /** Its volume has become too full to go on. */
  lowSpace(folder: string): Promise<Failure | null>;
};

export type OutputFolderParts = { mounts: MountMemory; room: Room; space: FreeSpace; log: Log };

export function createOutputFolders(parts: OutputFolderParts): OutputFolders {
  const { mounts, room, space, log } = parts;
  const places = new Map<string, OutputPlace>();

  /** Null: it is there, and where it was. */
  async function findFault(folder: string, stage: FolderStage): Promise<Failure | null> {
    if (!(await mounts.isMounted(folder))) return notWritable(sentences.noDrive(folder));
    const known = places.get(folder)?.real ?? (await mounts.realOf(folder));
    if (stage === 'new' || (stage === 'unused' && known === null)) await createFolder(folder);
    const present = await stat(folder);
    if (!present.isDirectory()) return notWritable(sentences.noFolder(folder));
    const real = await realpath(folder);
    if (known !== null && known !== real) {
      // Kept from now on: a restart must not take the new place for the one that is meant.
      await mounts.noteReal(folder, stage === 'new' ? real : known);
      if (stage !== 'new') return notWritable(sentences.elsewhere(folder, real));
    }
    // A batch may begin on a disk that is nearly full: it is accepted, and held.
    const low = stage === 'new' ? null : await lowSpace(folder);
    if (low !== null) return low;
    await room.check(folder);
    places.set(folder, { real, device: String(present.dev) });
    return null;
  }
  async function lowSpace(folder: string): Promise<Failure | null> {
    const low = await space.lowText(folder, `the output folder ${folder}`);
    return low === null ? null : failureOf('output_full', `${low}; ${goesOn}`);
  }

  return {
    async prepare(folder, stage) {
      try {
        const fault = await findFault(folder, stage);
        if (fault !== null) return fault;
      } catch (thrown) {
        return toFailure(thrown, folder);
      }
      await mounts.remember(folder).catch((thrown: unknown) => {
        log.warn({ err: thrown, folder }, 'The drive of an output folder could not be noted');
      });
      return null;
    },
    placeOf: (folder) => places.get(folder) ?? null,
    lowSpace,
  };
}

const goesOn = 'the batch then goes on by itself.';
const sentences = {
  noDrive: (folder: string) =>
    `The drive of the output folder is not there: ${folder}. Connect it; ${goesOn}`,
  gone: (folder: string) => `The output folder is gone: ${folder}. Put it back, or make it again; ${goesOn}`,
  noFolder: (folder: string) =>
    `Something that is no folder is in the place of the output folder: ${folder}. Put the folder back; ${goesOn}`,
  elsewhere: (folder: string, real: string) =>
    `The output folder ${folder} now leads to ${real}, where it did not lead before. Put it back as it was; ${goesOn}`,
  full: (folder: string) =>
    `The disk of the output folder is full: ${folder}. Free some room on it; ${goesOn}`,
  readOnly: (folder: string) =>
    `The disk of the output folder is read-only: ${folder}. Make it writable; ${goesOn}`,
  forbidden: (folder: string) =>
    `Writing to the output folder is not permitted: ${folder}. Allow it; ${goesOn}`,
};

function toFailure(thrown: unknown, folder: string): Failure {
  const code = errorCode(thrown);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return failureOf('output_full', sentences.full(folder));
    case 'ENOENT':
      return notWritable(sentences.gone(folder));
    case 'ENOTDIR':
    case 'EEXIST':
      return notWritable(sentences.noFolder(folder));
    case 'EROFS':
      return notWritable(sentences.readOnly(folder));
    case 'EACCES':
    case 'EPERM':
      return notWritable(sentences.forbidden(folder));
    default: {
      const says = code || toError(thrown).message;
      return notWritable(
        `The output folder cannot be written to (${says}): ${folder}. Once it can, ${goesOn}`,
      );
    }
  }
}

function notWritable(message: string): Failure {
  return failureOf('output_not_writable', message);
}

function failureOf(code: FailureCode, message: string): Failure {
  return { code, message, stage: 'write', retryable: true };
}
