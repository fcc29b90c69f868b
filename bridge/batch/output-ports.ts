/** What operations that write files need of the disks: output files and the folders of sources. Implemented by `store/`. Types only. */
import type { Failure } from '../contract/index.ts';

/** Identity and clean-up of output files beside their temp links. Implemented by `store/`. */
export interface OutputFiles {
  /**
   * Checks that the folder is the one it was and can be written to, as `stage` asks. A missing one is made (mode
   * 0777 & ~umask) only while it cannot hold outputs yet. Answers the failure, with its remedy, instead of throwing.
   */
  prepareFolder(folder: string, stage?: FolderStage): Promise<Failure | null>;
  /** Where the folder was when it was last found good; null before. For the task, which writes nowhere else. */
  placeOf(folder: string): OutputPlace | null;
  /** The volume of the folder has become too full to go on. To be asked before each item: it looks once a second at most. */
  lowSpace(folder: string): Promise<Failure | null>;
  /** A write failed for want of room: the next `prepareFolder` asks for some, for more each time it was too little. */
  noteFull(folder: string): void;
  exists(path: string): Promise<boolean>;
  /** Resolves once the folder's directory is synced; calls within 50 ms share one sync. */
  syncFolder(folder: string): Promise<void>;
  /** Removes a temp link. Missing is fine. */
  dropTemp(folder: string, tempName: string): Promise<void>;
  /**
   * After a crash: is `folder/name` the very file of `tempName` (same device and inode)? Then it is ours and complete:
   * answers its size and SHA-256. Else null.
   */
  adopt(folder: string, name: string, tempName: string): Promise<{ bytes: number; sha256: string } | null>;
  /** Takes an unwanted output back: removes `folder/name` if it is the very file of `tempName`, then the temp link. */
  takeBack(folder: string, name: string, tempName: string): Promise<void>;
  /** Removes `.pb-{batch}-*.tmp` left in a folder by dead attempts. Answers how many. */
  sweep(folder: string, batchId: string): Promise<number>;
  /** What this destination was last made from, for `if-changed`. */
  readRecord(folder: string, name: string): Promise<OutputRecord | null>;
  saveRecord(folder: string, name: string, record: OutputRecord): Promise<void>;
}
/** `real`: the path with all links resolved. */
export type OutputPlace = { real: string; device: string };
/**
 * `new`: a batch begins, whatever is at the path is meant. `unused`: nothing was written by this batch yet. `used`: the
 * folder holds its outputs, so that one that is gone is never made anew.
 */
export type FolderStage = 'new' | 'unused' | 'used';

/** The folders and drives photos are read from. Implemented by `store/`. */
export interface SourceFolders {
  /**
   * Why a photo that was once seen cannot be reached though nothing may be wrong with it: its folder or drive is gone.
   * Null when it is there, or is missing alone. `device` as in `PhotoSource.place`. Never rejects.
   */
  away(path: string, device: number): Promise<string | null>;
  /** The photo was just read: its drive is remembered. */
  seen(path: string): void;
}

export type OutputRecord = {
  source_sha256: string;
  recipe_hash: string;
  output_sha256: string;
  bytes: number;
  /** `{batch}:{item}`: two items of one batch never share a destination. */
  made_by?: string;
};
