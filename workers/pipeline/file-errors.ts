/** The one table from what the operating system says of a source or an output to a failure. Never touches files. */
import type { FailureCode, FailureStage } from '../../bridge/contract/failure.ts';
import { TaskFailure } from './task-failure.ts';

type Verdict = readonly [code: FailureCode, retryable: boolean, says: string];

const sourceErrors: Readonly<Record<string, Verdict>> = {
  ENOENT: ['source_missing', false, 'The file does not exist.'],
  ENOTDIR: ['source_missing', false, 'A folder of its path does not exist.'],
  EACCES: ['source_unreadable', false, 'Reading it is not permitted.'],
  EPERM: ['source_unreadable', false, 'Reading it is not permitted.'],
  ELOOP: ['source_unreadable', false, 'Its symbolic links run in a circle.'],
  ENAMETOOLONG: ['source_unreadable', false, 'Its path is too long.'],
  EISDIR: ['source_unreadable', false, 'It is a folder.'],
  ENXIO: ['source_unreadable', false, 'It is not a regular file.'],
  EIO: ['source_unreadable', true, 'The disk failed to read it.'],
  ESTALE: ['source_unreadable', true, 'The network share is gone.'],
  ETIMEDOUT: ['source_unreadable', true, 'The network share did not answer.'],
  EHOSTDOWN: ['source_unreadable', true, 'The network share did not answer.'],
  ENOTCONN: ['source_unreadable', true, 'The network share is not connected.'],
  EBUSY: ['source_unreadable', true, 'Another program holds it.'],
  EMFILE: ['source_unreadable', true, 'Too many files are open.'],
  ENFILE: ['source_unreadable', true, 'Too many files are open.'],
};

const outputErrors: Readonly<Record<string, Verdict>> = {
  ENOSPC: ['output_full', true, 'The disk is full.'],
  EDQUOT: ['output_full', true, 'The disk quota is used up.'],
  EFBIG: ['output_not_writable', false, 'The file is too big for this disk (FAT takes 4 GB at most).'],
  ENOENT: ['output_not_writable', true, 'The folder does not exist.'],
  ENOTDIR: ['output_not_writable', true, 'A part of its path is not a folder.'],
  EACCES: ['output_not_writable', true, 'Writing there is not permitted.'],
  EPERM: ['output_not_writable', true, 'Writing there is not permitted.'],
  EROFS: ['output_not_writable', true, 'The disk is read-only.'],
  ENAMETOOLONG: ['output_not_writable', false, 'The file name is too long for this disk.'],
  EINVAL: ['output_not_writable', false, 'The file name is not possible on this disk.'],
  EISDIR: ['output_exists', false, 'A folder of this name is in its place.'],
  EIO: ['output_not_writable', true, 'The disk failed to write.'],
  ESTALE: ['output_not_writable', true, 'The network share is gone.'],
  ETIMEDOUT: ['output_not_writable', true, 'The network share did not answer.'],
  EHOSTDOWN: ['output_not_writable', true, 'The network share did not answer.'],
  ENOTCONN: ['output_not_writable', true, 'The network share is not connected.'],
  EBUSY: ['output_not_writable', true, 'Another program holds the file.'],
  EMFILE: ['output_not_writable', true, 'Too many files are open.'],
  ENFILE: ['output_not_writable', true, 'Too many files are open.'],
};

/** The `code` of a system error, or null for anything else. */
export function errnoOf(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}

export function toSourceFailure(thrown: unknown, path: string): TaskFailure {
  return toTaskFailure(thrown, sourceErrors, { fallback: 'source_unreadable', stage: 'read', path });
}

export function toOutputFailure(thrown: unknown, path: string): TaskFailure {
  return toTaskFailure(thrown, outputErrors, { fallback: 'output_not_writable', stage: 'write', path });
}

type Place = { fallback: FailureCode; stage: FailureStage; path: string };

function toTaskFailure(thrown: unknown, table: Readonly<Record<string, Verdict>>, place: Place): TaskFailure {
  if (thrown instanceof TaskFailure) return thrown;
  const errno = errnoOf(thrown);
  const known = errno === null ? undefined : table[errno];
  const [code, retryable, says] = known ?? [
    place.fallback,
    false,
    thrown instanceof Error ? thrown.message : '',
  ];
  return new TaskFailure(code, place.stage, `${place.path}: ${says}`, { retryable });
}
