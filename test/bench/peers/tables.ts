/** What the comparison prints: the costs, the proof of the same work, the goals. */
import { type Goal, goals, median, note, range, row, table } from '../report.ts';
import type { Agreement } from './agreement.ts';
import type { Lane, Made } from './lane.ts';

export type Comparison = {
  /** The photo and the size of its results. */
  title: string;
  lanes: readonly Lane[];
  /** Milliseconds of CPU of ours, started for one photo. */
  cold: readonly number[];
  /** Of our own result. */
  made: Made;
  /** How far the photo itself, not developed, is from our result; null where it has another size. */
  untouched: Agreement | null;
  /** Full size: the goals are told for it. */
  hasGoals: boolean;
};

export function printComparison(comparison: Comparison): void {
  const { title, lanes, cold, hasGoals } = comparison;
  const ours = lanes.flatMap(({ rounds }) => rounds.map((round) => round.ours));
  const ownCold = median(cold);
  const own = row(
    'Photo Bridge: render host, one thread',
    median(ours).toFixed(0),
    '1.00x',
    '',
    (ownCold - median(ours)).toFixed(0),
    '1.00x',
    '1.00x',
  );
  const rows = lanes.filter(({ rounds }) => rounds.length > 0).map((lane) => costRow(lane, ownCold));
  table(
    `${title}: CPU time`,
    ['', 'ms a photo', 'of ours', 'range', 'start ms', 'of ours, no start', 'of ours, one photo each'],
    [own, ...rows],
  );
  printAgreement(comparison);
  if (hasGoals) goals(lanes.flatMap((lane) => goalOf(lane, title)));
}

function costRow(lane: Lane, ownCold: number): string[] {
  const { peer, rounds, starts } = lane;
  const start = median(starts);
  const ratios = ratiosOf(lane, peer.starts === 'once');
  const counted = peer.starts === 'once' ? start : 0;
  return row(
    nameOf(lane),
    median(rounds.map(({ theirs }) => theirs - counted)).toFixed(0),
    `${median(ratios).toFixed(2)}x`,
    range(ratios),
    start.toFixed(0),
    `${median(ratiosOf(lane, true)).toFixed(2)}x`,
    `${(median(rounds.map(({ theirs }) => theirs)) / ownCold).toFixed(2)}x`,
  );
}

/** Of each round's pair. */
function ratiosOf({ rounds, starts }: Lane, isWithoutStart: boolean): number[] {
  const start = isWithoutStart ? median(starts) : 0;
  return rounds.map(({ ours, theirs }) => (theirs - start) / ours);
}

function printAgreement({ title, lanes, made, untouched }: Comparison): void {
  const photo = [
    'the photo, not developed',
    ...(untouched === null ? ['', '', '', ''] : agreementCells(untouched)),
    '',
    '',
    '',
  ];
  const rows = lanes.map((lane) => [
    nameOf(lane),
    ...(lane.agreement === null ? ['', '', '', ''] : agreementCells(lane.agreement)),
    ...(lane.made === null ? ['', ''] : madeCells(lane.made)),
    lane.problem === null ? 'yes' : 'NO',
  ]);
  table(
    `${title}: the pictures against ours (before the JPEG encoder), and the JPEG files`,
    ['', 'dB', 'mean', 'worst', 'worst 16 x 16', 'MB', 'Exif', 'same work'],
    [photo, ...rows, ['Photo Bridge', '', '', '', '', ...madeCells(made), '']],
  );
  for (const lane of lanes)
    if (lane.problem !== null) note(`FAILED: ${nameOf(lane)} is not the same work: ${lane.problem}`);
}

function agreementCells({ psnr, mean, worst, block }: Agreement): string[] {
  return [psnr.toFixed(1), mean.toFixed(2), String(worst), block.toFixed(2)];
}

function madeCells({ megabytes, hasExif }: Made): string[] {
  return [megabytes.toFixed(2), hasExif ? 'kept' : 'lost'];
}

function goalOf(lane: Lane, title: string): Goal[] {
  const { peer, rounds, problem } = lane;
  if (peer.goal === undefined || rounds.length === 0 || problem !== null) return [];
  const value = median(ratiosOf(lane, peer.starts === 'once'));
  const what = `CPU of ours: ${peer.program.name}, ${peer.form}, ${title}`;
  return [{ what, value, limit: peer.goal, unit: 'x', atLeast: true }];
}

function nameOf({ peer, installed }: Lane): string {
  return `${peer.program.name} ${installed.version}: ${peer.form}`;
}
