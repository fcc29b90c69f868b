/**
 * CPU time of the programs people have instead of this product, on the same work: one 24-megapixel JPEG, a 33^3 table at blend 60,
 * a JPEG of quality 90 and 4:2:0. Pairs in turns, medians of the pairs' ratios; programs that are not installed are skipped.
 * `node test/bench/peers.ts [rounds] [photo…] [--quick]`; quick: full size only, one form of each program. Linux only: CPU time is read from /proc.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import type { LocalExecutor } from '../../bridge/executor/local-executor.ts';
import { makeImage, makePixels } from '../helpers/images.ts';
import { compareRaw, readRaw } from './peers/agreement.ts';
import { allPeers } from './peers/all-peers.ts';
import { describeJpeg, type Lane, openLane, runRound, runStart } from './peers/lane.ts';
import { BLEND, CUBE_NODES, HALD_LEVEL, type LutFiles, writeLutFiles } from './peers/lut-files.ts';
import { developOurs, measureCold, measureSteady, startOurs } from './peers/ours.ts';
import { findPeer, type Installed, type Peer } from './peers/peer.ts';
import { printComparison } from './peers/tables.ts';
import { hasProc } from './process-facts.ts';
import { note } from './report.ts';

const STARTS = 3;
const RESIZED = 2048;

const isQuick = process.argv.includes('--quick');
const [first, ...named] = process.argv.slice(2).filter((word) => word !== '--quick');
const roundCount = Number(first) || 5;

type Found = { peer: Peer; installed: Installed };
type Setting = { ours: LocalExecutor; luts: LutFiles; found: readonly Found[]; tiny: string; folder: string };

function findPeers(): Found[] {
  const answers = new Map(allPeers.map(({ program }) => [program, findPeer(program)]));
  for (const [program, installed] of answers) {
    if (installed === null)
      note(`skipped: ${program.name} is not installed (Debian package ${program.package})`);
  }
  const chosen = allPeers.filter((peer) => !(isQuick && isSecondForm(peer)));
  return chosen.flatMap((peer) => {
    const installed = answers.get(peer.program) ?? null;
    return installed === null ? [] : [{ peer, installed }];
  });
}

function isSecondForm(peer: Peer): boolean {
  return allPeers.some(
    (other) => other.program === peer.program && allPeers.indexOf(other) < allPeers.indexOf(peer),
  );
}

/** What a camera writes: 24 megapixels with grain, some 8 MB, with Exif. */
async function makePhoto(path: string): Promise<string> {
  const { data, width, height } = makePixels({ width: 6000, height: 4000 });
  await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .withExif({ IFD0: { Make: 'Photo Bridge', Model: 'made up', Copyright: 'CC0' } })
    .toFile(path);
  return path;
}

/** Only some of the programs turn photos. Of profiles the comparison of the pictures tells. */
async function assertUpright(photo: string): Promise<void> {
  const { orientation = 1 } = await sharp(photo).metadata();
  if (orientation !== 1) throw new Error(`${photo}: only upright photos are the same work for all programs`);
}

async function compare(setting: Setting, photo: string, longEdge: number | null): Promise<boolean> {
  const { ours, luts, found, tiny, folder } = setting;
  const work = { photo, longEdge, luts, folder };
  const jpeg = { path: join(folder, 'ours.jpg'), kind: 'jpeg' } as const;
  const exact = { path: join(folder, 'ours.tif'), kind: 'exact' } as const;
  await developOurs(ours, work, jpeg);
  await developOurs(ours, work, exact);
  await measureSteady(ours, work, jpeg);
  const reference = await readRaw(exact.path);
  const lanes: Lane[] = [];
  for (const { peer, installed } of found)
    lanes.push(await openLane({ peer, installed, work, folder, reference }));
  const running = lanes.filter(({ made }) => made !== null);
  const cold: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    cold.push(await measureCold(work, jpeg));
    for (const lane of running) await runStart(lane, tiny);
  }
  for (let round = 0; round < roundCount; round += 1) for (const lane of running) await runRound(lane, ours);
  const made = await describeJpeg(jpeg.path);
  const untouched = longEdge === null ? compareRaw(reference, await readRaw(photo)) : null;
  const title = `${basename(photo)}, ${longEdge ?? 'full size'}`;
  printComparison({ title, lanes, cold, made, untouched, hasGoals: longEdge === null });
  return lanes.every(({ problem }) => problem === null);
}

async function bench(folder: string): Promise<void> {
  const found = findPeers();
  if (found.length === 0) return note('no other program is installed: nothing to compare with');
  mkdirSync(join(folder, 'luts'));
  const luts = await writeLutFiles(join(folder, 'luts'));
  const tiny = join(folder, 'tiny.jpg');
  writeFileSync(tiny, await makeImage({ width: 32, height: 24 }));
  const photos = named.length > 0 ? named : [await makePhoto(join(folder, 'made-up.jpg'))];
  for (const photo of photos) await assertUpright(photo);
  note(
    `One table of ${CUBE_NODES}^3 nodes (as HaldCLUT: level ${HALD_LEVEL}) at blend ${BLEND}, JPEG of quality 90 and 4:2:0 with plain Huffman tables where a program lets one choose; ` +
      'OMP_NUM_THREADS=1 or the program’s own option; user and system time of the process and its children. Ours is measured before each of theirs, ' +
      `${roundCount} pairs. "ms a photo": with the start for programs that their users start for each photo, without it for those that take many.`,
  );
  const ours = startOurs();
  try {
    let same = true;
    for (const photo of photos)
      for (const longEdge of isQuick ? [null] : [null, RESIZED])
        same = (await compare({ ours, luts, found, tiny, folder }, photo, longEdge)) && same;
    if (!same) process.exitCode = 1;
  } finally {
    await ours.close();
  }
}

if (hasProc) {
  const folder = mkdtempSync(join(tmpdir(), 'pb-bench-'));
  try {
    await bench(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
} else note('skipped: CPU time of other programs is only told by Linux');
