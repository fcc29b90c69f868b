/** What one round of random kills is to be: victim, moment, and the changes under way meanwhile. Pure; all of it from the seed. */
import type { Random } from './random.ts';

export type StepKind =
  | 'start'
  | 'repeat-start'
  | 'pause'
  | 'hard-pause'
  | 'resume'
  | 'cancel'
  | 'priority'
  | 'hold'
  | 'lift'
  | 'retry'
  | 'merge'
  | 'dry-cleanup'
  | 'register';
/** `pick` (0..1): which of the batches it can be done to; `value` (0..1): what else it needs. */
export type Step = { kind: StepKind; pick: number; value: number; waitMs: number };

export type Victim = 'daemon' | 'host' | 'daemon, then host' | 'host, then daemon';
export type Round = {
  victim: Victim;
  /** Between the two victims. */
  betweenMs: number;
  /** So many photos are waited for first (as long as there is patience), so that kills meet rendering on any machine. */
  afterPhotos: number;
  /** Then, to the kill. */
  afterMs: number;
  /** Starts that are killed before the one that counts, each after so much of the time a start takes. */
  killedStarts: number[];
  /** Before everything else the first two batches that can are merged. */
  mergesFirst: boolean;
  liftsHolds: boolean;
  /** Each lane makes one change after the other; lanes run at once. */
  lanes: Step[][];
};

const LANES = 2;
const STEPS = 40;
const weights: [StepKind, number][] = [
  ['start', 4],
  ['repeat-start', 3],
  ['pause', 9],
  // Each takes a new render host.
  ['hard-pause', 2],
  ['resume', 26],
  ['cancel', 1],
  ['priority', 14],
  ['hold', 5],
  ['lift', 9],
  ['retry', 5],
  ['merge', 5],
  ['dry-cleanup', 3],
  ['register', 6],
];

export function planRound(random: Random): Round {
  const isSeries = random.next() < 0.12;
  return {
    victim: random.pick<Victim>([
      'daemon',
      'daemon',
      'daemon',
      'daemon, then host',
      'host, then daemon',
      'host',
      'host',
    ]),
    betweenMs: random.whole(0, 12),
    ...planMoment(random),
    killedStarts: isSeries
      ? Array.from({ length: random.whole(1, 6) }, () => 0.35 + random.next() * 0.75)
      : [],
    mergesFirst: random.next() < 0.25,
    liftsHolds: random.next() < 0.6,
    lanes: Array.from({ length: LANES }, () => Array.from({ length: STEPS }, () => planStep(random))),
  };
}

/** Seldom right away, at times while the host starts, mostly while photos are rendered. */
function planMoment(random: Random): Pick<Round, 'afterPhotos' | 'afterMs'> {
  const when = random.next();
  if (when < 0.12) return { afterPhotos: 0, afterMs: random.whole(0, 150) };
  if (when < 0.3) return { afterPhotos: 0, afterMs: random.whole(150, 1000) };
  return { afterPhotos: random.whole(1, 25), afterMs: random.whole(0, 120) };
}

function planStep(random: Random): Step {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random.next() * total;
  let kind: StepKind = 'resume';
  for (const [name, weight] of weights) {
    kind = name;
    left -= weight;
    if (left < 0) break;
  }
  return {
    kind,
    pick: random.next(),
    value: random.next(),
    waitMs: random.next() < 0.5 ? random.whole(0, 40) : random.whole(40, 200),
  };
}
