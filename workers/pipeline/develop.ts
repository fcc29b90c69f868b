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
import { type Header, readHeader } from './header.ts';
import { readSource, type Source, sha256 } from './read-source.ts';
import { releaseMemory } from './release.ts';
import { type Rendered, render } from './render.ts';
import { TaskFailure, toFailure } from './task-failure.ts';
import { startTiming } from './timing.ts';
import { assertPlace, checkDestination, isUnchangedSince, writeOutput } from './write-output.ts';

export type DevelopContext = {
  look: Look | null;
  /** The header is read: this is how large the photo is. */
  onSize(megapixels: number): void;
  /** Asked once, right before the first byte is written; false: the task was stopped. */
  mayWrite(): boolean;
};

type Work = { skipped: boolean; output?: Output; source_sha256?: string; warnings: string[] };

export async function develop(task: DevelopTask, context: DevelopContext): Promise<DevelopOutcome> {
  const timing = startTiming();
  try {
    const work = await developTask(task, context);
    return { ok: true, ...timing(), engine: 'sharp', ...work };
  } catch (error) {
    return { ok: false, ...timing(), failure: toFailure(error, 'run') };
  }
}

async function developTask(task: DevelopTask, context: DevelopContext): Promise<Work> {
  const { output, limits } = task;
  assertPlace(output);
  if (checkDestination(output, null) === 'skip') return { skipped: true, warnings: [] };
  const source = readSource(task.source.path, limits.max_bytes);
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
  if (isUnchangedSince(task, source_sha256)) return { skipped: true, source_sha256, warnings: [] };
  const header = await readHeader(source.bytes, limits);
  context.onSize((header.width * header.height) / 1e6);
  const rendered = await render({
    bytes: source.bytes,
    header,
    output,
    maxPixels: limits.max_pixels,
    look: context.look,
    blend: task.blend,
  });
  const file = withMetadata({ task, source, header, rendered });
  if (!context.mayWrite())
    throw new TaskFailure('cancelled', 'run', 'The task was stopped.', { retryable: true });
  const described = describe(task, rendered, file.pieces);
  const written = writeOutput({ pieces: file.pieces, content: described, destination: output, source });
  if (!written) return { skipped: true, source_sha256, warnings: [] };
  releaseMemory(rendered.encoded);
  return { skipped: false, output: described, source_sha256, warnings: file.warnings };
}

type Parts = { task: DevelopTask; source: Source; header: Header; rendered: Rendered };

function withMetadata({ task, source, header, rendered }: Parts): { pieces: Buffer[]; warnings: string[] } {
  const { format, metadata: policy } = task.output;
  const { size, colour } = rendered;
  const found = readSourceMetadata(source.bytes, header.metadata);
  const blocks = prepareMetadata(found, { policy, ...size, colour: colour.names });
  const icc = outputProfile(colour.embed, header.profile);
  const attached = attachMetadata({ encoded: rendered.encoded, format, blocks, icc });
  const warnings = [...rendered.warnings, ...blocks.warnings, ...attached.warnings];
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
