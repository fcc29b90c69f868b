/** What the benchmark against other programs knows of each of them. Starts nothing but the question whether one is installed. */
import { spawnSync } from 'node:child_process';
import type { LutFiles } from './lut-files.ts';

/** A program somebody may have instead of this product. */
export type PeerProgram = {
  name: string;
  /** Of Debian. */
  package: string;
  /** Where it may be, best first; each must print `version` when run with `args`. */
  probes: readonly { program: string; args: readonly string[] }[];
  version: RegExp;
};

export type PeerWork = {
  photo: string;
  /** Longest edge of the result; null: full size. */
  longEdge: number | null;
  luts: LutFiles;
  /** Settings, caches and recipes of the peer go here and nowhere else. */
  folder: string;
};

/** `jpeg`: quality 90, 4:2:0. `exact`: the same pixels in a TIFF, for the comparison. */
export type Target = { path: string; kind: 'jpeg' | 'exact' };
export type Command = { program: string; args: readonly string[]; env?: Readonly<Record<string, string>> };

/** One way in which a program does the work. */
export type Peer = {
  program: PeerProgram;
  form: string;
  /** The blend of 60 is in the table already: less work than a blend of its own. */
  isFolded: boolean;
  /** Its users start it for each photo, or once for many: then its start is not counted. */
  starts: 'each photo' | 'once';
  /** So many times our CPU time it should take, at full size. */
  goal?: number;
  /** Writes the recipe that `toCommand` names. */
  prepare?(work: PeerWork): void;
  toCommand(program: string, work: PeerWork, target: Target): Command;
};

export type Installed = { program: string; version: string };

/** Null where it is not installed. */
export function findPeer({ probes, version }: PeerProgram): Installed | null {
  for (const { program, args } of probes) {
    const { stdout, stderr } = spawnSync(program, [...args], { encoding: 'utf8', timeout: 60_000 });
    const found = version.exec(`${stdout ?? ''}${stderr ?? ''}`)?.[1];
    if (found !== undefined) return { program, version: found };
  }
  return null;
}

/** One thread wherever a program takes advice on that. */
export const oneThread = { OMP_NUM_THREADS: '1', MAGICK_THREAD_LIMIT: '1' } as const;
