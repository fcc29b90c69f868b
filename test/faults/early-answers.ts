/** A break for controls, loaded into a daemon with `--import`: its journal says that it has written a while before it does. */
import promises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const EARLY_MS = 300;
const open = promises.open;

promises.open = async (path, ...rest) => {
  const handle = await open(path, ...rest);
  return /\/journal\/\d+\.log$/.test(String(path)) ? answerEarly(handle) : handle;
};
syncBuiltinESMExports();

function answerEarly(handle: FileHandle): FileHandle {
  const write = handle.write.bind(handle) as (...args: unknown[]) => Promise<unknown>;
  const early = (buffer: Buffer, offset: number, length: number, position: number) => {
    if (position > 0) setTimeout(() => void write(buffer, offset, length, position), EARLY_MS);
    else void write(buffer, offset, length, position);
    return Promise.resolve({ bytesWritten: length, buffer });
  };
  handle.write = early as unknown as FileHandle['write'];
  return handle;
}
