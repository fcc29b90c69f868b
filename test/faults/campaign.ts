/** What every campaign of faults answers, so that one table shows them all. A figure other than zero among the losses is a broken promise. */

export type Figures = {
  /** Faults that really happened (a kill that landed, an injected error that fired), never those only planned. */
  faults: number;
  /** Changes answered with 2xx, or told in an event, that a later life of the daemon does not know. */
  lostChanges: number;
  /** Photos of an accepted batch that are in none of its counts, or whose finished output is gone. */
  lostPhotos: number;
  /** Outputs written twice, or photos counted twice. */
  doubleWrites: number;
  /** Files at a final name that are not whole. */
  partialFiles: number;
  /** Temp files that are still there after the next start. */
  orphanTemps: number;
  /** State files that no life of the daemon can read any more. */
  unreadableStates: number;
  /** From the spawn of the daemon to its ready line, one a start. */
  readyMs: number[];
  /** Everything that was wrong, as sentences; empty when all promises held. */
  problems: string[];
};

export type CampaignOptions = {
  /** The same seed plans the same faults. */
  seed: number;
  /** How many faults to aim for; each campaign says in `unit` of what. */
  count: number;
};

export type Campaign = {
  name: string;
  /** One line for the table's reader. */
  what: string;
  /** Of `count`: `kills`, `calls`, `cuts` ... */
  unit: string;
  /** `count` of the long form. (A test of the same name runs the short one.) */
  longCount: number;
  /** Null when the machine can run it, else why not (no root, no strace, no loop devices ...). */
  missing(): Promise<string | null>;
  run(options: CampaignOptions): Promise<Figures>;
};

export function noFigures(): Figures {
  return {
    faults: 0,
    lostChanges: 0,
    lostPhotos: 0,
    doubleWrites: 0,
    partialFiles: 0,
    orphanTemps: 0,
    unreadableStates: 0,
    readyMs: [],
    problems: [],
  };
}

export function addFigures(all: Figures, more: Figures): Figures {
  return {
    faults: all.faults + more.faults,
    lostChanges: all.lostChanges + more.lostChanges,
    lostPhotos: all.lostPhotos + more.lostPhotos,
    doubleWrites: all.doubleWrites + more.doubleWrites,
    partialFiles: all.partialFiles + more.partialFiles,
    orphanTemps: all.orphanTemps + more.orphanTemps,
    unreadableStates: all.unreadableStates + more.unreadableStates,
    readyMs: [...all.readyMs, ...more.readyMs],
    problems: [...all.problems, ...more.problems],
  };
}

export function lossesOf(figures: Figures): number {
  const { lostChanges, lostPhotos, doubleWrites, partialFiles, orphanTemps, unreadableStates } = figures;
  return lostChanges + lostPhotos + doubleWrites + partialFiles + orphanTemps + unreadableStates;
}
