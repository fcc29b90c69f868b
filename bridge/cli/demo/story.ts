/** The steps of the demo in order, told as they happen. Every step asks the daemon over HTTP, like any program would. */
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type BatchStatusObject, BridgeProblem, type ItemResult, isFinished } from '../../client/index.ts';
import { isNews, renderBar, renderLine } from '../bar.ts';
import type { Context } from '../context.ts';
import { checkResults, loadStamp, type Stamp } from './check-results.ts';
import { makeContactSheet, makePictures } from './pictures.ts';
import type { Stage } from './stage.ts';

const PICTURES = 12;
const MOST_PHOTOS = 40;
const PRESET = 'WhiteLayer_v4';
const BLEND = 60;

export type DemoReport = {
  batch_id: string;
  total: number;
  processed: number;
  failed: number;
  /** Photos in flight when the daemon was killed. */
  interrupted: number;
  reasons: string[];
  /** What was not as promised. */
  faults: string[];
  results: string;
  contact_sheet: string | null;
};
export type Play = {
  context: Context;
  stage: Stage;
  /** Photos of the user's; absent: pictures are made. */
  folder: string | undefined;
  signal: AbortSignal;
  say(line: string): void;
};

export async function playDemo(play: Play): Promise<DemoReport> {
  const { stage, say } = play;
  if (play.folder === undefined) {
    say(`Making ${PICTURES} pictures of 3000 x 2000 pixels …`);
    await makePictures(play.context.host, stage.pictures, PICTURES, play.signal);
  }
  await stage.start();
  say(`A real daemon runs at ${stage.daemon.url} (process ${stage.daemon.pid}).`);
  const { photoIds, sources } = await registerPhotos(play);
  const { batch_id } = await stage.client.batches.start({
    photo_ids: photoIds,
    config: { preset: PRESET, blend: BLEND, output: { folder: stage.results } },
  });
  say(`Batch ${batch_id} started: ${photoIds.length} photos, preset ${PRESET}, blend ${BLEND}.`);
  await showPause(play, batch_id);
  const interrupted = await showCrash(play, batch_id);
  const batch = await watchUntil(play, batch_id, isFinished);
  return await toReport(play, batch, { sources, interrupted });
}

async function registerPhotos({ stage, folder, context, say }: Play) {
  const library = folder === undefined ? stage.pictures : resolve(context.host.cwd, folder);
  const answer = await stage.client.photos.add({ folder: library, skip_invalid: true });
  const chosen = answer.photos.slice(0, MOST_PHOTOS);
  if (chosen.length === 0) throw new Error(`There is no photo in ${library}`);
  const more = answer.photos.length - chosen.length;
  say(`${chosen.length} photos of ${library} registered${more > 0 ? ` (${more} more left alone)` : ''}.`);
  const sources: Stamp[] = await Promise.all(chosen.map(({ path }) => loadStamp(path)));
  return { photoIds: chosen.map(({ photo_id }) => photo_id), sources };
}

async function showPause(play: Play, batchId: string): Promise<void> {
  const { stage, say } = play;
  const reached = await watchUntil(play, batchId, (batch) => batch.progress_percent >= 20);
  if (isFinished(reached)) return say('That was too quick to pause it.');
  try {
    await stage.client.batches.pause(batchId);
  } catch (error) {
    if (error instanceof BridgeProblem && error.status === 409) return say('That was too quick to pause it.');
    throw error;
  }
  const paused = await stage.client.batches.status(batchId);
  say(`Paused at once; photos in flight that still finish: ${paused.in_flight_count}.`);
  const quiet = await watchUntil(play, batchId, (batch) => batch.in_flight_count === 0);
  const later = await stage.client.batches.status(batchId, { wait_s: 1, since: quiet.seq });
  if (later.processed_count !== quiet.processed_count) throw new Error('A paused batch went on');
  say(`A second later still ${later.processed_count} of ${later.total_photos}: it stands still. Resuming.`);
  await stage.client.batches.resume(batchId);
}

/** Answers how many photos were in flight when the daemon died. */
async function showCrash(play: Play, batchId: string): Promise<number> {
  const { stage, say } = play;
  const inTheMiddle = (batch: BatchStatusObject) => batch.progress_percent >= 50 && batch.in_flight_count > 0;
  await watchUntil(play, batchId, inTheMiddle);
  const { pid } = stage.daemon;
  await stage.daemon.kill('SIGKILL');
  const left = (await readdir(stage.results)).filter((name) => !name.endsWith('.tmp')).length;
  say(`Killed the daemon (process ${pid}) with SIGKILL; ${left} finished results are in the folder.`);

  await stage.start();
  const answer = await stage.client.batches.recover();
  say(`Started it again (process ${stage.daemon.pid}) and asked POST /batch/recover: ${answer.message}.`);
  const ours = answer.batches.find(({ batch_id }) => batch_id === batchId);
  const batch = await stage.client.batches.status(batchId);
  if (isFinished(batch)) {
    say('The batch had ended before the kill; there was nothing to recover.');
    return 0;
  }
  if (ours === undefined) throw new Error(`Recovery does not know ${batchId}`);
  say(
    `Recovered ${answer.recovered_count}: ${batch.processed_count} done, ${ours.remaining_count} left, ${ours.in_flight_count} of them were in flight. Resuming.`,
  );
  if (batch.status === 'paused') await stage.client.batches.resume(batchId);
  return ours.in_flight_count;
}

/** Shows the batch until `isReached` or its end; answers that status. Throws when the demo's time is over. */
async function watchUntil(
  { context, stage, signal, say }: Play,
  batchId: string,
  isReached: (batch: BatchStatusObject) => boolean,
): Promise<BatchStatusObject> {
  const { terminal, json } = context;
  let last: BatchStatusObject | null = null;
  for await (const batch of stage.client.watchBatch(batchId, { signal, intervalMs: 50 })) {
    if (terminal.live && !json) terminal.redraw(renderBar(batch, terminal.columns, terminal.paint));
    else if (isNews(last, batch)) say(renderLine(batch));
    last = batch;
    if (isReached(batch)) break;
  }
  if (last === null || signal.aborted) throw new Error('it took too long');
  return last;
}

type Findings = { sources: readonly Stamp[]; interrupted: number };

async function toReport(
  play: Play,
  batch: BatchStatusObject,
  { sources, interrupted }: Findings,
): Promise<DemoReport> {
  const { stage, signal, context } = play;
  const items: ItemResult[] = [];
  for await (const item of stage.client.batches.eachPhoto(batch.batch_id, {}, { signal })) items.push(item);
  const faults = await checkResults({ batch, items, folder: stage.results, sources });
  if (play.folder === undefined && batch.failed_count > 0) faults.push(`${batch.failed_count} photos failed`);
  const pairs = items.flatMap(({ path, output }) =>
    path !== null && output ? [{ before: path, after: output.path }] : [],
  );
  let contactSheet: string | null = stage.contactSheet;
  try {
    await makeContactSheet(context.host, stage.contactSheet, pairs, signal);
  } catch (error) {
    contactSheet = null;
    faults.push(
      `the contact sheet could not be made: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const reasons = items.flatMap(({ failure }) => (failure ? [`${failure.code}: ${failure.message}`] : []));
  return {
    batch_id: batch.batch_id,
    total: batch.total_photos,
    processed: batch.processed_count,
    failed: batch.failed_count,
    interrupted,
    reasons: [...new Set(reasons)],
    faults,
    results: stage.results,
    contact_sheet: contactSheet,
  };
}
