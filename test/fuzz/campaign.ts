/** What every fuzz campaign answers, so that one table shows them all. */

export type FuzzFigures = {
  cases: number;
  /** How often each answer came. */
  outcomes: Record<string, number>;
  /** Everything that was wrong, as sentences, each with the seed that brings it back; empty when all promises held. */
  problems: string[];
  /** What was measured, for the reader. */
  notes: string[];
};

export type FuzzOptions = {
  /** Case n is made of `seed + n` alone: what a seed found comes back with `--seed` and `--cases 1`, unless the campaign says otherwise. */
  seed: number;
  /** False: no further cases. Asked with the number of those done. */
  goesOn(cases: number): boolean;
};

export type FuzzCampaign = {
  name: string;
  what: string;
  /** Null when the machine can run it, else why not. */
  missing(): Promise<string | null>;
  run(options: FuzzOptions): Promise<FuzzFigures>;
};

export function noFigures(): FuzzFigures {
  return { cases: 0, outcomes: {}, problems: [], notes: [] };
}

export function count(figures: FuzzFigures, outcome: string): void {
  figures.outcomes[outcome] = (figures.outcomes[outcome] ?? 0) + 1;
}

export function upTo(cases: number): FuzzOptions['goesOn'] {
  return (done) => done < cases;
}
