/** Tells when the settings file may have changed: soon where the system tells, within seconds everywhere. Reads nothing. */
import { type FSWatcher, unwatchFile, watch, watchFile } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Editors write in several steps; this long nothing may happen before it is told. Milliseconds. */
const QUIET_MS = 100;
/** For network shares, links whose target changes, and folders that are replaced as a whole. */
const POLL_MS = 5000;

/** The folder is watched, since an editor replaces the file by a new one. Answers how to stop. */
export function watchSettingsFile(file: string, onChange: () => void, pollMs = POLL_MS): () => void {
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(onChange, QUIET_MS);
    timer.unref();
  };
  try {
    watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(file)) soon();
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // The look every few seconds remains.
  }
  watchFile(file, { persistent: false, interval: pollMs }, soon);
  // What changed before the watching had begun.
  soon();
  return () => {
    clearTimeout(timer);
    watcher?.close();
    unwatchFile(file, soon);
  };
}
