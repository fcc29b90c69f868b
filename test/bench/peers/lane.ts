/** One peer on its way through the benchmark: the check that it does the same work, then its rounds against ours. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { LocalExecutor } from '../../../bridge/executor/local-executor.ts';
import {
  type Agreement,
  compareRaw,
  problemOf,
  type Raw,
  readRaw,
  sameResizedWork,
  sameWork,
} from './agreement.ts';
import { runChild } from './child-run.ts';
import { measureSteady } from './ours.ts';
import type { Installed, Peer, PeerWork, Target } from './peer.ts';

/** What its JPEG is, for the reader to see that no encoder had less to do. */
export type Made = { megabytes: number; chroma: string; hasExif: boolean };
/** Milliseconds of CPU. */
export type Round = { ours: number; theirs: number };

export type Lane = {
  peer: Peer;
  installed: Installed;
  work: PeerWork;
  agreement: Agreement | null;
  made: Made | null;
  /** Why it is not the same work. */
  problem: string | null;
  rounds: Round[];
  /** Milliseconds of CPU with a photo of a few pixels: what it takes to start and to read the look. */
  starts: number[];
};

type LaneOptions = {
  peer: Peer;
  installed: Installed;
  work: Omit<PeerWork, 'folder'>;
  folder: string;
  reference: Raw;
};

/** Runs the peer once for its pixels and once for its JPEG, which also fills its caches. Never throws for what the peer does. */
export async function openLane({ peer, installed, work, folder, reference }: LaneOptions): Promise<Lane> {
  const own: PeerWork = { ...work, folder: join(folder, peer.program.package) };
  mkdirSync(own.folder, { recursive: true });
  const lane: Lane = {
    peer,
    installed,
    work: own,
    agreement: null,
    made: null,
    problem: null,
    rounds: [],
    starts: [],
  };
  try {
    const exact = targetOf(lane, 'exact');
    await runPeer(lane, own, exact);
    lane.agreement = compareRaw(reference, await readRaw(exact.path));
    lane.problem = problemOf(lane.agreement, work.longEdge === null ? sameWork : sameResizedWork);
    const jpeg = targetOf(lane, 'jpeg');
    await runPeer(lane, own, jpeg);
    lane.made = await describeJpeg(jpeg.path);
    if (lane.made.chroma !== '4:2:0') lane.problem ??= `its chroma is ${lane.made.chroma}`;
  } catch (error) {
    lane.problem = error instanceof Error ? error.message : String(error);
  }
  return lane;
}

/** Ours first, then theirs. */
export async function runRound(lane: Lane, ours: LocalExecutor): Promise<void> {
  const target: Target = { path: join(lane.work.folder, 'ours.jpg'), kind: 'jpeg' };
  const own = await measureSteady(ours, lane.work, target);
  const theirs = await runPeer(lane, lane.work, targetOf(lane, 'jpeg'));
  lane.rounds.push({ ours: own, theirs });
}

export async function runStart(lane: Lane, tinyPhoto: string): Promise<void> {
  lane.starts.push(
    await runPeer(lane, { ...lane.work, photo: tinyPhoto, longEdge: null }, targetOf(lane, 'jpeg')),
  );
}

function targetOf({ work }: Lane, kind: Target['kind']): Target {
  return { path: join(work.folder, kind === 'jpeg' ? 'made.jpg' : 'made.tif'), kind };
}

async function runPeer({ peer, installed }: Lane, work: PeerWork, target: Target): Promise<number> {
  // Some programs write beside a file that is there.
  rmSync(target.path, { force: true });
  peer.prepare?.(work);
  return await runChild(peer.toCommand(installed.program, work, target));
}

export async function describeJpeg(path: string): Promise<Made> {
  const bytes = readFileSync(path);
  const { chromaSubsampling = 'unknown', exif } = await sharp(bytes).metadata();
  return { megabytes: bytes.length / 1e6, chroma: chromaSubsampling, hasExif: exif !== undefined };
}
