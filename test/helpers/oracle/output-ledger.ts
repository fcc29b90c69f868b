/**
 * The output folders as they showed themselves: each file at a final name with its identity, and whose output it is. Says
 * what is gone, not whole, written again or nobody's. Reads and never writes.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Findings } from './findings.ts';

const TEMP = /^\.pb-.*\.tmp2?$/;

type Folder = {
  /** Outputs may replace what is there (`overwrite`, `if-changed`). */
  replaces: boolean;
};
type Seen = {
  identity: string;
  /** Different files seen at this name. */
  writes: number;
  /** Bytes were held against the recorded hash. */
  verified: boolean;
};
type Owned = {
  /** Hash by owner, `{batch}:{photo}`. */
  byOwner: Map<string, string>;
};

export class OutputLedger {
  readonly #findings: Findings;
  readonly #folders = new Map<string, Folder>();
  readonly #seen = new Map<string, Seen>();
  readonly #owned = new Map<string, Owned>();
  /** Names of strangers that were there before any batch. */
  readonly #strangers = new Set<string>();
  readonly #pathOf = new Map<string, string>();

  readonly #takesBack: boolean;

  /** `takesBack`: batches may be cancelled. */
  constructor(findings: Findings, options: { takesBack: boolean }) {
    this.#findings = findings;
    this.#takesBack = options.takesBack;
  }

  /** What is in it now is a stranger's, unless it is new. */
  watch(folder: string, options: Folder & { isNew?: boolean }): void {
    const known = this.#folders.get(folder);
    this.#folders.set(folder, { replaces: options.replaces || known?.replaces === true });
    if (known !== undefined || options.isNew) return;
    for (const [path, identity] of list(folder)) {
      this.#strangers.add(path);
      this.#seen.set(path, { identity, writes: 1, verified: true });
    }
  }

  /** A photo was acknowledged as processed with this output. */
  own(path: string, owner: string, sha256: string): void {
    const before = this.#pathOf.get(owner);
    if (before === path) return;
    if (before !== undefined)
      this.#findings.add('doubleWrites', `${owner} was written to ${before} and to ${path}`);
    this.#pathOf.set(owner, path);
    const owned = this.#owned.get(path) ?? { byOwner: new Map<string, string>() };
    this.#owned.set(path, owned);
    const [batchId] = owner.split(':');
    const other = [...owned.byOwner.keys()].find((name) => name.startsWith(`${batchId}:`));
    if (other !== undefined)
      this.#findings.add('doubleWrites', `${path} is the output of ${other} and of ${owner}`);
    owned.byOwner.set(owner, sha256);
    const seen = this.#seen.get(path);
    if (seen !== undefined) seen.verified = false;
  }

  /** At any moment: what was seen or acknowledged is still there. */
  look(): void {
    const present = new Map([...this.#folders.keys()].flatMap((folder) => [...list(folder)]));
    for (const [path, identity] of present) {
      const seen = this.#seen.get(path);
      if (seen === undefined) this.#seen.set(path, { identity, writes: 1, verified: false });
      else if (seen.identity !== identity) this.#changed(path, seen, identity);
    }
    for (const path of new Set([...this.#seen.keys(), ...this.#owned.keys()])) {
      if (present.has(path)) continue;
      this.#seen.delete(path);
      // The output of a photo that was under way in a cancelled batch is taken back; an acknowledged one or a stranger's never.
      if (!this.#takesBack || this.#owned.has(path) || this.#strangers.has(path))
        this.#findings.add('lostPhotos', `${path} is gone`);
    }
  }

  /**
   * While nothing renders: also that each file is whole, is somebody's, and was written once for each of them.
   * `abandoned`: folders of cancelled batches. What a cancelled photo replaced is gone, so its own output stays.
   */
  settle(options: { everything: boolean; abandoned: ReadonlySet<string> }): void {
    this.look();
    for (const [path, seen] of this.#seen) {
      if (options.everything) seen.verified = false;
      const folder = dirname(path);
      if (options.abandoned.has(folder) && this.#folders.get(folder)?.replaces) {
        this.#verifyWhole(path, seen);
        continue;
      }
      const owners = this.#owned.get(path)?.byOwner;
      if (owners !== undefined) {
        const allowed = owners.size + (this.#strangers.has(path) ? 1 : 0);
        if (seen.writes > allowed)
          this.#findings.add(
            'doubleWrites',
            `${path} was written ${seen.writes} times for ${allowed} of them`,
          );
        this.#verify(path, seen);
      } else if (!this.#strangers.has(path))
        this.#findings.add(
          isWhole(path) ? 'doubleWrites' : 'partialFiles',
          `${path} is the output of no photo`,
        );
      else this.#verifyWhole(path, seen);
    }
  }

  /** Temp files that were there before `before` (milliseconds of the wall clock). */
  findTemps(before: number): void {
    for (const folder of this.#folders.keys()) {
      for (const name of names(folder).filter((file) => TEMP.test(file))) {
        const path = join(folder, name);
        const stat = statSync(path, { throwIfNoEntry: false });
        if (stat !== undefined && stat.ctimeMs < before)
          this.#findings.add('orphanTemps', `${path} was left`);
      }
    }
  }

  #changed(path: string, seen: Seen, identity: string): void {
    seen.identity = identity;
    seen.writes += 1;
    seen.verified = false;
    if (this.#folders.get(dirname(path))?.replaces) return;
    const whole = this.#owned.has(path) ? this.#isRecorded(path) : isWhole(path);
    this.#findings.add(
      whole ? 'doubleWrites' : 'partialFiles',
      whole ? `${path} was written a second time` : `${path} is no longer what it was`,
    );
  }

  #verifyWhole(path: string, seen: Seen): void {
    if (!seen.verified && !isWhole(path)) this.#findings.add('partialFiles', `${path} is not whole`);
    seen.verified = true;
  }

  #verify(path: string, seen: Seen): void {
    if (seen.verified) return;
    seen.verified = true;
    if (!this.#isRecorded(path)) this.#findings.add('partialFiles', `${path} is not what was recorded of it`);
  }

  #isRecorded(path: string): boolean {
    const hashes = this.#owned.get(path)?.byOwner.values() ?? [];
    try {
      const hash = createHash('sha256').update(readFileSync(path)).digest('hex');
      return isWhole(path) && [...hashes].includes(hash);
    } catch {
      // Gone: `look` says so.
      return true;
    }
  }
}

/** A JPEG from its first marker to its last. */
function isWhole(path: string): boolean {
  try {
    const bytes = readFileSync(path);
    return bytes.readUInt16BE(0) === 0xffd8 && bytes.readUInt16BE(bytes.length - 2) === 0xffd9;
  } catch {
    return false;
  }
}

function* list(folder: string): Generator<[path: string, identity: string]> {
  for (const name of names(folder)) {
    if (TEMP.test(name)) continue;
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined) yield [path, `${stat.ino} ${stat.mtimeMs} ${stat.size}`];
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
