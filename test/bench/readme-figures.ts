/** The README's figures, made from the results of a run: numbers in prose would rot. Pure. */
import { type Goal, goalCells, type Table } from './report.ts';
import type { PartResult, Results } from './run.ts';

const BEGIN = '<!-- figures: made by `npm run bench -- --readme` -->';
const END = '<!-- /figures -->';

/** A line of the table: what a reader is told of the goal of a part. */
type Line = { part: string; goal: RegExp; what: string };

const lines: readonly Line[] = [
  {
    part: 'photo',
    goal: /blend 60, made-up.*full size$/,
    what: 'CPU of a photo against the floor: full size, look at blend 60, metadata, hashes, durable write',
  },
  { part: 'photo', goal: /blend 60, made-up.*2048$/, what: 'the same, resized to 2048' },
  {
    part: 'peers',
    goal: /: ImageMagick, .*then blend/,
    what: 'CPU of ImageMagick against ours, the same work',
  },
  { part: 'peers', goal: /: rawtherapee-cli/, what: 'of rawtherapee-cli' },
  { part: 'peers', goal: /: darktable-cli/, what: 'of darktable-cli' },
  { part: 'peers', goal: /: ffmpeg, .*then blend/, what: 'of ffmpeg' },
  { part: 'peers', goal: /: GraphicsMagick/, what: 'of GraphicsMagick' },
  { part: 'peers', goal: /: Pillow, .*Image.blend/, what: 'of Pillow' },
  {
    part: 'daemon-path',
    goal: /orchestration/,
    what: 'the whole daemon against a bare script with the same kernel, CPU',
  },
  { part: 'throughput', goal: /two threads against one/, what: 'photos a second: two threads against one' },
  {
    part: 'bookkeeping',
    goal: /against 100$/,
    what: 'bookkeeping of a photo, batch of 1,000,000 against one of 100, CPU',
  },
  { part: 'bookkeeping', goal: /memory an item/, what: 'memory of a photo in a batch of 1,000,000' },
  {
    part: 'status-latency',
    goal: /start of 100,000 ids answers/,
    what: 'start of 100,000 ids, answered when durable',
  },
  { part: 'status-latency', goal: /status p99/, what: 'status while every core renders, p99' },
  {
    part: 'journal',
    goal: /64 clients: syncs/,
    what: 'disk syncs an acknowledged change, 64 clients at once',
  },
  {
    part: 'websocket',
    goal: /1,000 subscribers.*p99/,
    what: 'an event to 1,000 WebSocket clients, ten a second, p99',
  },
  { part: 'websocket', goal: /never reads/, what: 'memory of a client that never reads' },
  {
    part: 'neighbour',
    goal: /lost by the other program/,
    what: 'work lost by a program that wants every core while a batch runs',
  },
  {
    part: 'neighbour',
    goal: /until the bridge gives way/,
    what: 'until the bridge gives way to it',
  },
  { part: 'neighbour', goal: /until full speed/, what: 'until full speed again when it has ended' },
  { part: 'pause', goal: /^hard/, what: 'hard pause: until the render host uses no CPU' },
  { part: 'idle', goal: /^CPU/, what: 'CPU of an idle daemon, share of one core' },
  { part: 'idle', goal: /^memory/, what: 'memory of an idle daemon' },
  { part: 'start-up', goal: /^daemon/, what: 'daemon: from the start to listening' },
  { part: 'recovery', goal: /kept batches$/, what: 'up again with 10,000 kept batches' },
  { part: 'recovery', goal: /killed/, what: 'up again with a batch of 1,000,000 killed in the middle' },
];

/** `readme` with the block between its two marks made anew. Throws when a mark is missing. */
export function replaceFigures(readme: string, results: Results): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`README.md lacks ${BEGIN} or ${END}`);
  return `${readme.slice(0, begin)}${toBlock(results)}${readme.slice(end + END.length)}`;
}

function toBlock({ machine, parts }: Results): string {
  const cores = `${machine.cores} cores, ${machine.cpu}`;
  return [
    BEGIN,
    `From the run in \`test/bench/results/latest.md\` (${machine.date}, ${cores}; "floor" is bare sharp decoding and encoding the`,
    'same 24-megapixel JPEG with the same options, in the same run):',
    '',
    '| what | measured | goal |',
    '|---|---:|---:|',
    ...lines.flatMap((line) => toLine(line, parts)),
    ...kernelLine(parts),
    '',
    ...flatPhotos(parts),
    '![Every goal with what was measured](test/bench/results/latest.svg)',
    END,
  ].join('\n');
}

function toLine({ part, goal, what }: Line, parts: readonly PartResult[]): string[] {
  const found = goalsOf(parts, part).find((one) => goal.test(one.what));
  if (found === undefined) return [];
  const [measured, wanted] = goalCells(found);
  return [`| ${what} | ${measured} | ${wanted.replace('<=', '≤').replace('>=', '≥')} |`];
}

function kernelLine(parts: readonly PartResult[]): string[] {
  const reports = parts.find(({ name }) => name === 'kernel')?.reports ?? [];
  const table = reports.find((report): report is Table => report.kind === 'table');
  const pace = Number(table?.rows.find(([name]) => name === 'photo: 8-bit RGB')?.[1]);
  return Number.isFinite(pace)
    ? [`| look kernel, 8-bit RGB, megapixels a CPU second | ${Math.round(pace)} | |`]
    : [];
}

/** Real photos with small files for their pixels: their floor is cheaper. */
function flatPhotos(parts: readonly PartResult[]): string[] {
  const of = (size: string) =>
    goalsOf(parts, 'photo')
      .filter(({ what }) => what.includes('develop, blend 60') && what.endsWith(size))
      .filter(({ what }) => !what.includes('made-up'))
      .map(({ value }) => value.toFixed(2));
  const [full, small] = [of(': full size'), of(': 2048')];
  if (full.length === 0) return [];
  return [
    'Flat photos (small files for their pixels) make the floor cheaper and the ratio higher: the real ones in that run came to',
    `${full.join(' and ')} at full size, ${small.join(' and ')} resized.`,
    '',
  ];
}

function goalsOf(parts: readonly PartResult[], part: string): Goal[] {
  const reports = parts.find(({ name }) => name === part)?.reports ?? [];
  return reports.flatMap((report) => (report.kind === 'goals' ? report.goals : []));
}
