/** One develop task from its source file to its output file. Answers an Outcome, never throws. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Output } from '../../bridge/contract/failure.ts';
import type { DevelopOutcome, DevelopTask } from '../../bridge/contract/host-messages.ts';
import type { Look } from '../../bridge/presets/look.ts';
import { attachMetadata } from '../metadata/attach.ts';
import { prepareMetadata } from '../metadata/prepare.ts';
import { outputProfile } from '../metadata/profiles.ts';
import { readSourceMetadata } from '../metadata/read.ts';
import { fitGainMap } from './fit-gain-map.ts';
import { openSource } from './open-source.ts';
import type { OnSize, Picture } from './picture.ts';
import { readSource, type Source, sha256 } from './read-source.ts';
import { releaseMemory } from './release.ts';
import { type Rendered, render } from './render.ts';
import { TaskFailure, toFailure } from './task-failure.ts';
import { startTiming } from './timing.ts';
import { assertPlace, checkDestination, isUnchangedSince, writeOutput } from './write-output.ts';

export type DevelopContext = {
  look: Look | null;
  /** Turns of the programs that develop raw photos; absent: one at a time. */
  slots?: Int32Array;
  onSize: OnSize;
  /** Asked once, right before the first byte is written; false: the task was stopped. */
  mayWrite(): boolean;
};

type Work = { engine: string; skipped: boolean; output?: Output; source_sha256?: string; warnings: string[] };

export async function develop(task: DevelopTask, context: DevelopContext): Promise<DevelopOutcome> {
  const timing = startTiming();
  try {
    const work = await developTask(task, context);
    return { ok: true, ...timing(), ...work };
  } catch (error) {
    return { ok: false, ...timing(), failure: toFailure(error, 'run') };
  }
}

async function developTask(task: DevelopTask, context: DevelopContext): Promise<Work> {
  const { output, limits } = task;
  assertPlace(output);
  if (checkDestination(output, null) === 'skip') return untouched();
  const source = readSource(task.source.path, limits.max_bytes, task.source.within);
  try {
    return await developSource(task, context, source);
  } finally {
    releaseMemory(source.bytes);
  }
}

async function developSource(task: DevelopTask, context: DevelopContext, source: Source): Promise<Work> {
  const { output, limits } = task;
  checkDestination(output, source);
  const source_sha256 = sha256(source.bytes);
  if (isUnchangedSince(task, source_sha256)) return untouched(source_sha256);
  const picture = await openSource({
    bytes: source.bytes,
    limits,
    longEdge: null,
    rawEngine: task.raw_engine ?? 'auto',
    slots: context.slots ?? new Int32Array(1),
    onSize: context.onSize,
  });
  const rendered = await render({
    bytes: picture.bytes,
    isDisposable: picture.bytes !== source.bytes,
    header: picture.header,
    output,
    maxPixels: limits.max_pixels,
    look: context.look,
    blend: task.blend,
  });
  const file = await withMetadata({ task, source, picture, rendered, look: context.look });
  if (!context.mayWrite())
    throw new TaskFailure('cancelled', 'run', 'The task was stopped.', { retryable: true });
  const described = describe(task, rendered, file.pieces);
  const holds = task.source.within !== undefined;
  const written = writeOutput({
    pieces: file.pieces,
    content: described,
    destination: output,
    source,
    holds,
  });
  if (!written) return untouched(source_sha256);
  releaseMemory(rendered.encoded);
  const { engine } = picture;
  return { engine, skipped: false, output: described, source_sha256, warnings: file.warnings };
}

/** The conflict policy found that nothing is to be written: nothing has decoded the photo. */
function untouched(source_sha256?: string): Work {
  const source = source_sha256 === undefined ? {} : { source_sha256 };
  return { engine: 'sharp', skipped: true, ...source, warnings: [] };
}

type Parts = {
  task: DevelopTask;
  source: Source;
  picture: Picture;
  rendered: Rendered;
  look: Look | null;
};
type Finished = { pieces: Buffer[]; warnings: string[] };

async function withMetadata({ task, source, picture, rendered, look }: Parts): Promise<Finished> {
  const { format, metadata: policy } = task.output;
  const { size, colour } = rendered;
  const found = readSourceMetadata(source.bytes, picture.blocks);
  const orientation = picture.blocks.orientation ?? 1;
  const blocks = prepareMetadata(found, { policy, ...size, colour: colour.names, orientation });
  const icc = outputProfile(colour.embed, picture.header.profile);
  const fitted = await fitGainMap(blocks.gainMap, {
    format,
    orientation,
    size,
    look: task.blend < 100 ? null : look,
    maxPixels: task.limits.max_pixels,
  });
  const attached = attachMetadata({
    encoded: rendered.encoded,
    format,
    blocks,
    icc,
    gainMap: fitted.gainMap,
  });
  const own = [...picture.warnings, ...rendered.warnings];
  const warnings = [...own, ...blocks.warnings, ...fitted.warnings, ...attached.warnings];
  return { pieces: attached.pieces, warnings: [...new Set(warnings)] };
}

function describe(task: DevelopTask, { size }: Rendered, pieces: readonly Buffer[]): Output {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const piece of pieces) {
    hash.update(piece);
    bytes += piece.length;
  }
  const { folder, name, format } = task.output;
  return { path: join(folder, name), bytes, ...size, format, sha256: hash.digest('hex') };
}
