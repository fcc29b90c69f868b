/** Reads a whole file at start, synchronously, without ever following a link or waiting on a FIFO. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { errorCode, SAFE_FLAGS } from './disk.ts';

/** Null when missing; the reason as text when it cannot be read. */
export function readRegularFile(path: string): Buffer | string | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | SAFE_FLAGS);
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code === 'ENOENT') return null;
    return code === 'ELOOP' || code === 'EMLINK' ? 'a symbolic link' : `the file cannot be opened (${code})`;
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return 'not a regular file';
    const bytes = Buffer.allocUnsafe(stat.size);
    let done = 0;
    while (done < bytes.length) {
      const read = readSync(file, bytes, done, bytes.length - done, done);
      if (read === 0) break;
      done += read;
    }
    return bytes.subarray(0, done);
  } catch (thrown) {
    return `the file cannot be read (${errorCode(thrown)})`;
  } finally {
    closeSync(file);
  }
}
