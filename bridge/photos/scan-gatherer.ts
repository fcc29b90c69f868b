/** Gathers what happens in the library folders until it is quiet, then hands it on as one scan. Looks at no file. */

/** All that changed in one go. Of the `whole` roots, `added` has all that is there. */
export type Scan = { added: string[]; removed: string[]; whole: string[] };
export type ScanGatherer = {
  first(root: string, paths: readonly string[]): void;
  change(path: string, now: 'added' | 'removed'): void;
  /** Hands on what there is; resolves when this and all before are through. */
  flush(): Promise<void>;
  /** Resolves when a scan under way is through; no other begins. */
  close(): Promise<void>;
};

/** `onScan` is called for one scan at a time and must not reject. */
export function createScanGatherer(quietMs: number, onScan: (scan: Scan) => Promise<void>): ScanGatherer {
  let changes = new Map<string, 'added' | 'removed'>();
  let whole: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let scans: Promise<void> = Promise.resolve();
  let closed = false;

  function flush(): Promise<void> {
    clearTimeout(timer);
    if (changes.size === 0 && whole.length === 0) return scans;
    const of = (kind: string) => [...changes].flatMap(([path, now]) => (now === kind ? [path] : []));
    const scan: Scan = { added: of('added'), removed: of('removed'), whole };
    changes = new Map();
    whole = [];
    scans = scans.then(() => (closed ? undefined : onScan(scan)));
    return scans;
  }
  function waitForQuiet(): void {
    clearTimeout(timer);
    if (closed) return;
    timer = setTimeout(() => void flush(), quietMs);
    timer.unref();
  }
  return {
    first(root, paths) {
      for (const path of paths) changes.set(path, 'added');
      whole.push(root);
      waitForQuiet();
    },
    change(path, now) {
      changes.set(path, now);
      waitForQuiet();
    },
    flush,
    async close() {
      closed = true;
      clearTimeout(timer);
      await scans;
    },
  };
}
