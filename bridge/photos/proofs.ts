/** Thumbnails and previews of photos, made by the executor. Decodes nothing itself. */
import { stat } from 'node:fs/promises';
import type { Executor, PresetSource } from '../batch/ports.ts';
import type { Failure, NativePreset, ProofTask } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { PhotoApi } from './api.ts';
import type { Catalog } from './catalog.ts';
import { toSystemReason } from './check-file.ts';
import type { FilePathPolicy } from './path-policy.ts';
import { createSharedWork } from './shared-work.ts';
import type { ThumbnailCache } from './thumbnail-cache.ts';

export type Proofs = Pick<PhotoApi, 'thumbnail' | 'preview'>;
export type ProofParts = {
  catalog: Catalog;
  executor: Pick<Executor, 'proof'>;
  presets: PresetSource;
  policy: FilePathPolicy;
  cache: ThumbnailCache;
  limits: () => ProofTask['limits'];
};

const THUMBNAIL_QUALITY = 80;
const PREVIEW_QUALITY = 85;
const MAX_CRASHED = 1000;

export function createProofs(parts: ProofParts): Proofs {
  const { catalog, presets, cache, policy } = parts;
  const shared = createSharedWork<Uint8Array>();
  /** Files whose proof brought a host down alone: a page that asks for them again and again must not do it again. */
  const crashed = new Set<string>();
  const remember = (source: string): void => {
    if (crashed.size >= MAX_CRASHED) crashed.clear();
    crashed.add(source);
  };

  async function pathOf(photoId: number): Promise<string> {
    const record = await catalog.record(photoId);
    if (record === null) throw new BridgeError('photo_not_found', `No photo has the id ${photoId}`);
    const reason = await policy.source(record.path);
    if (reason !== null) throw new BridgeError('forbidden_path', `${record.path}: ${reason}`);
    return record.path;
  }
  async function prove(task: Omit<ProofTask, 'kind' | 'limits'>, signal: AbortSignal | undefined) {
    const { size, modified } = await readSource(task.source.path);
    const source = `${task.source.path} ${size} ${modified}`;
    if (crashed.has(source)) throw toEndError('before');
    const within = await parts.policy.sourceRoots();
    const full: ProofTask = {
      kind: 'proof',
      limits: parts.limits(),
      ...task,
      source: { ...task.source, ...(within === undefined ? {} : { within }) },
    };
    const end = await parts.executor.proof(full, signal === undefined ? {} : { signal });
    if (end.kind === 'outcome' && end.outcome.ok) return end.outcome.jpeg;
    if (end.kind === 'lost' && end.cause === 'kill') throw toEndError(null);
    if (end.kind === 'lost') remember(source);
    throw end.kind === 'outcome' && !end.outcome.ok
      ? toProofError(end.outcome.failure)
      : toEndError(end.kind === 'lost' ? end.reason : null);
  }

  return {
    async thumbnail(photoId, size, signal) {
      const path = await pathOf(photoId);
      const source = await readSource(path);
      const key = { photoId, size, source };
      const kept = await cache.read(key);
      if (kept !== null) return kept;
      const name = `${photoId} ${size} ${source.size} ${source.modified}`;
      return shared.join(name, signal, async (whileWanted) => {
        const task = { source: { path }, blend: 100, long_edge: size, quality: THUMBNAIL_QUALITY };
        const jpeg = await prove(task, whileWanted);
        await cache.write(key, jpeg);
        return jpeg;
      });
    },
    async preview(photoId, { preset, blend, width }, signal) {
      const path = await pathOf(photoId);
      const look = await toLook(presets, preset);
      const { size, modified } = await readSource(path);
      return prove(
        {
          source: { path, state: `${size} ${modified}` },
          ...look,
          blend,
          long_edge: width,
          quality: PREVIEW_QUALITY,
        },
        signal,
      );
    },
  };
}

async function toLook(
  presets: PresetSource,
  preset: string | NativePreset | undefined,
): Promise<Pick<ProofTask, 'recipe'>> {
  if (preset === undefined) return {};
  const { recipe } = await presets.resolve(preset);
  return { recipe: presets.toTask(recipe) };
}

async function readSource(path: string): Promise<{ size: number; modified: number }> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { size, modified: mtimeMs };
  } catch (error) {
    const message = `${path}: ${toSystemReason(error)}`;
    throw toProofError({ code: 'source_missing', message, stage: 'read', retryable: false });
  }
}

function toProofError(failure: Failure): BridgeError {
  return new BridgeError('unprocessable', failure.message, { failure });
}

/** `lost`: the decoder died under this photo. Null: the caller left, the daemon is going down, or somebody ended the host. */
function toEndError(lost: string | null): BridgeError {
  if (lost === null) return new BridgeError('unavailable', 'The picture was not finished');
  const message = 'The decoder crashed on this photo';
  return toProofError({ code: 'decoder_crash', message, stage: 'decode', retryable: false });
}
