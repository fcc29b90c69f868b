/**
 * A break for controls, loaded into a daemon with `--import`: journal and state files say that they are written a while before
 * they are. (The journal alone would not do: what a state file holds already survives a kill without it.)
 */
import promises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** Longer than a start takes to be answered, shorter than the small run waits for a snapshot after its pause. */
const EARLY_MS = 1500;
const { open, rename } = promises;

promises.open = async (path, ...rest) => {
  const handle = await open(path, ...rest);
  return /\/journal\/\d+\.log$/.test(String(path)) ? answerEarly(handle) : handle;
};
promises.rename = async (from, to) => {
  if (!/\/batch_states\//.test(String(to))) return rename(from, to);
  setTimeout(() => void rename(from, to).catch(() => undefined), EARLY_MS);
};
syncBuiltinESMExports();

/** The header, at the file's begin, is written in time. */
function answerEarly(handle: FileHandle): FileHandle {
  const write = handle.write.bind(handle) as (...args: unknown[]) => Promise<unknown>;
  const early = (buffer: Buffer, offset: number, length: number, position: number) => {
    if (position === 0) return write(buffer, offset, length, position);
    setTimeout(() => void write(buffer, offset, length, position).catch(() => undefined), EARLY_MS);
    return Promise.resolve({ bytesWritten: length, buffer });
  };
  handle.write = early as unknown as FileHandle['write'];
  return handle;
}
