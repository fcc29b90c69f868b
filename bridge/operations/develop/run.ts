/** One develop batch at work: names outputs, builds tasks for the executor, turns their ends into results. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  BatchView,
  ClaimEnd,
  Clock,
  Executor,
  ItemView,
  OperationRun,
  OutputFiles,
  PathPolicy,
  PhotoSource,
  PlanTarget,
  UnitEnd,
  UnitResult,
} from '../../batch/ports.ts';
import type {
  DevelopConfig,
  DevelopOutcome,
  DevelopTask,
  Failure,
  FailureCode,
  PlanItem,
} from '../../contract/index.ts';
import { toError } from '../../errors.ts';
import { readOutputSize } from './adopt.ts';
import { type Destination, Destinations, ownerOf, type Wish } from './destinations.ts';
import { fillTemplate, needsDate, tempNameOf } from './output-name.ts';

export type DevelopParts = {
  executor: Executor;
  photos: PhotoSource;
  files: OutputFiles;
  paths: PathPolicy;
  clock: Clock;
  limits: DevelopTask['limits'];
};

export class DevelopRun implements OperationRun {
  readonly folder: string;
  readonly #parts: DevelopParts;
  readonly #destinations: Destinations;
  readonly #batch: BatchView;
  /** Names a dry run gave away: they stay taken while it lasts. */
  #planned: Destinations | null = null;
  readonly #config: DevelopConfig;

  constructor(
    parts: DevelopParts,
    of: { batch: BatchView; config: DevelopConfig; folder: string; destinations: Destinations },
  ) {
    this.#parts = parts;
    this.#batch = of.batch;
    this.#config = of.config;
    this.folder = of.folder;
    this.#destinations = of.destinations;
  }

  async ready(): Promise<Failure | null> {
    const refusal = await this.#parts.paths.outputFolder(this.folder);
    if (refusal !== null) return failure('output_not_writable', refusal);
    return this.#parts.files.prepareFolder(this.folder);
  }

  async claim(item: ItemView): Promise<ClaimEnd> {
    const source = await this.#source(item);
    if (!source.ok) return source;
    let destination: Destination | null;
    try {
      destination = await this.#destinations.reserve(await this.#wish(item, source.path));
    } catch (thrown) {
      return { ok: false, path: source.path, failure: this.#unreachable(thrown) };
    }
    if (destination !== null) return { ok: true, name: destination.name, path: source.path };
    const message = `an output with this name exists in ${this.folder} and output.on_conflict is "fail"`;
    return { ok: false, path: source.path, failure: failure('output_exists', message) };
  }

  async run(item: ItemView, claim: { name: string; path: string }, signal: AbortSignal): Promise<UnitEnd> {
    const { on_conflict } = this.#config.output;
    const t = this.#parts.clock.iso();
    try {
      if (on_conflict === 'skip' && (await this.#parts.files.exists(join(this.folder, claim.name))))
        return { kind: 'settled', result: { s: 'skipped', t, ms: 0 } };
      const options = { signal, alone: item.alone ?? false };
      const end = await this.#parts.executor.develop(await this.#task(item, claim), options);
      if (end.kind !== 'outcome') return end;
      const { outcome } = end;
      if (outcome.ok && !outcome.skipped) {
        await this.#parts.files.syncFolder(this.folder);
        const source = outcome.source_sha256 ?? '';
        if (outcome.output !== undefined)
          await this.#saveRecord(item, claim.name, { ...outcome.output, source });
      }
      return { kind: 'settled', result: toUnitResult(outcome, claim.name) };
    } catch (thrown) {
      return { kind: 'settled', result: { s: 'failed', t, ms: 0, f: this.#unreachable(thrown) } };
    }
  }

  async settled(item: ItemView, name: string): Promise<void> {
    await this.#parts.files.dropTemp(this.folder, this.#tempName(item));
    this.#destinations.free(this.folder, name);
  }

  async discard(item: ItemView, name: string): Promise<void> {
    await this.#parts.files.takeBack(this.folder, name, this.#tempName(item));
    this.#destinations.free(this.folder, name);
  }

  async adopt(item: ItemView, name: string): Promise<UnitResult | null> {
    const found = await this.#parts.files.adopt(this.folder, name, this.#tempName(item));
    if (found === null) return null;
    await this.#saveRecord(item, name, { ...found, source: '' });
    const { width, height } = await readOutputSize(join(this.folder, name));
    const output = [name, found.bytes, width, height, this.#config.output.format, found.sha256] as const;
    return { s: 'processed', t: this.#parts.clock.iso(), ms: 0, o: [...output] };
  }

  async sweep(): Promise<void> {
    await this.#parts.files.sweep(this.folder, this.#batch.id);
  }

  async plan(target: PlanTarget): Promise<PlanItem> {
    const photo = { photo_id: target.photoId, path: target.path };
    const fail = (failed: Failure): PlanItem => ({
      ...photo,
      action: 'fail',
      output_path: null,
      failure: failed,
    });
    const source =
      target.reason === undefined
        ? await this.#allowedSource(target.photoId, target.path)
        : { ok: false as const, failure: failure('source_unreadable', target.reason) };
    if (!source.ok) return fail(source.failure);
    this.#planned ??= new Destinations(this.#parts.files);
    const item = { index: target.index, photoId: target.photoId ?? 0 };
    const destination = await this.#planned.reserve(await this.#wish(item, source.path));
    if (destination === null)
      return fail(
        failure('output_exists', 'an output with this name exists and output.on_conflict is "fail"'),
      );
    const replacing = {
      skip: 'skip',
      overwrite: 'overwrite',
      'if-changed': 'compare',
      unique: 'write',
      fail: 'fail',
    } as const;
    const action = destination.exists ? replacing[this.#config.output.on_conflict] : 'write';
    return { ...photo, action, output_path: join(this.folder, destination.name) };
  }

  /**
   * Before the result is: with these policies the record is what keeps another item of the batch from this name, also
   * after a crash. `source`: SHA-256 hex, empty when nobody knows it any more (then the output is never taken for fresh).
   */
  async #saveRecord(
    item: ItemView,
    name: string,
    output: { sha256: string; bytes: number; source: string },
  ): Promise<void> {
    const { on_conflict } = this.#config.output;
    if (on_conflict !== 'overwrite' && on_conflict !== 'if-changed') return;
    await this.#parts.files.saveRecord(this.folder, name, {
      source_sha256: output.source,
      recipe_hash: this.#batch.recipeHash ?? '',
      output_sha256: output.sha256,
      bytes: output.bytes,
      made_by: ownerOf({ batchId: this.#batch.id, item: item.index }),
    });
  }

  /** The output folder (or the record of it) cannot be looked at: no fault of the photo. */
  #unreachable(thrown: unknown): Failure {
    const error = toError(thrown);
    if ('code' in error && error.code === 'ENAMETOOLONG')
      return failure('internal', `the path of the output in ${this.folder} would be too long`);
    const message = `the output folder ${this.folder} cannot be used now: ${error.message}`;
    return { code: 'output_not_writable', message, stage: 'write', retryable: true };
  }

  async #source(
    item: ItemView,
  ): Promise<{ ok: true; path: string } | { ok: false; failure: Failure; path: string | null }> {
    return this.#allowedSource(item.photoId, await this.#parts.photos.path(item.photoId));
  }

  async #allowedSource(
    photoId: number | null,
    path: string | null,
  ): Promise<{ ok: true; path: string } | { ok: false; failure: Failure; path: string | null }> {
    if (path === null) {
      const message = `photo ${photoId} is not registered; register its file with POST /photos`;
      return { ok: false, path, failure: failure('source_missing', message) };
    }
    const refusal = await this.#parts.paths.source(path);
    if (refusal !== null) return { ok: false, path, failure: failure('source_unreadable', refusal) };
    return { ok: true, path };
  }

  async #wish(item: Pick<ItemView, 'index' | 'photoId'>, sourcePath: string): Promise<Wish> {
    const { output, preset, blend } = this.#config;
    const modified = needsDate(output.name) ? await modifiedAt(sourcePath) : undefined;
    const base = fillTemplate(output.name, {
      sourcePath,
      photoId: item.photoId,
      seq: item.index + 1,
      batchId: this.#batch.id,
      preset: typeof preset === 'string' ? preset : (preset?.name ?? ''),
      blend,
      suffix: output.suffix,
      ...(modified === undefined ? {} : { modified }),
    });
    return { folder: this.folder, base, output, batchId: this.#batch.id, item: item.index };
  }

  async #task(item: ItemView, claim: { name: string; path: string }): Promise<DevelopTask> {
    const { folder: _folder, name: _name, suffix: _suffix, ...output } = this.#config.output;
    const recipeHash = this.#batch.recipeHash ?? '';
    const record =
      output.on_conflict === 'if-changed'
        ? await this.#parts.files.readRecord(this.folder, claim.name)
        : null;
    return {
      kind: 'develop',
      batch_id: this.#batch.id,
      item: item.index,
      attempt: item.attempt,
      photo_id: item.photoId,
      source: { path: claim.path },
      ...(this.#batch.recipe === undefined ? {} : { recipe: this.#batch.recipe }),
      recipe_hash: recipeHash,
      blend: this.#config.blend,
      output: { ...output, folder: this.folder, name: claim.name, temp_name: this.#tempName(item) },
      ...(record?.recipe_hash === recipeHash && record !== null ? { previous: record } : {}),
      limits: this.#parts.limits,
    };
  }

  #tempName(item: ItemView): string {
    return tempNameOf(this.#batch.id, item.index, item.attempt);
  }
}

function toUnitResult(outcome: DevelopOutcome, name: string): UnitResult {
  const timing = { t: outcome.started_at, ms: Math.round(outcome.duration_ms * 10) / 10 };
  if (!outcome.ok) return { s: 'failed', ...timing, f: outcome.failure };
  const { output } = outcome;
  return {
    s: outcome.skipped ? 'skipped' : 'processed',
    ...timing,
    ...(output === undefined || outcome.skipped
      ? {}
      : { o: [name, output.bytes, output.width, output.height, output.format, output.sha256] }),
    ...(outcome.engine === 'sharp' ? {} : { e: outcome.engine }),
    ...(outcome.warnings.length > 0 ? { w: outcome.warnings } : {}),
  };
}

function failure(code: FailureCode, message: string): Failure {
  return { code, message, stage: 'claim', retryable: false };
}

async function modifiedAt(path: string): Promise<Date | undefined> {
  try {
    return (await stat(path)).mtime;
  } catch {
    return undefined;
  }
}
