/** Shares directory syncs: a folder is synced at most once in 50 ms, and each caller waits for a sync begun after its call. */

const SHARE_MS = 50;

type Waiting = { resolve(): void; reject(reason: unknown): void };
/** `waiting`: for the next sync. A folder without an entry is idle. */
type Entry = { waiting: Waiting[] };

export type FolderSync = { sync(folder: string): Promise<void> };

export function createFolderSync(syncFolder: (folder: string) => Promise<void>): FolderSync {
  const entries = new Map<string, Entry>();

  const run = async (folder: string, entry: Entry): Promise<void> => {
    const callers = entry.waiting;
    entry.waiting = [];
    const begun = performance.now();
    try {
      await syncFolder(folder);
      for (const caller of callers) caller.resolve();
    } catch (thrown) {
      for (const caller of callers) caller.reject(thrown);
    }
    const rest = Math.max(0, SHARE_MS - (performance.now() - begun));
    setTimeout(() => {
      if (entry.waiting.length === 0) entries.delete(folder);
      else void run(folder, entry);
    }, rest);
  };

  return {
    sync: (folder) =>
      new Promise<void>((resolve, reject) => {
        const known = entries.get(folder);
        const entry = known ?? { waiting: [] };
        entry.waiting.push({ resolve, reject });
        if (known !== undefined) return;
        entries.set(folder, entry);
        // Calls of the same tick share the first sync too.
        queueMicrotask(() => void run(folder, entry));
      }),
  };
}
