/** One develop batch at work: names outputs, builds tasks for the executor, turns their ends into results. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FolderStage, OutputFiles, SourceFolders } from '../../batch/output-ports.ts';
import type {
  BatchView,
  ClaimEnd,
  ClaimedItem,
  Clock,
  Executor,
  ItemView,
  OperationRun,
  PathPolicy,
  PhotoSource,
  PlanTarget,
  PresetSource,
  UnitEnd,
  UnitResult,
} from '../../batch/ports.ts';
import type { DevelopConfig, DevelopOutcome, DevelopTask, Failure, PlanItem } from '../../contract/index.ts';
import { toError } from '../../errors.ts';
import { readOutputSize } from './adopt.ts';
import { type Destination, Destinations, ownerOf, type Wish } from './destinations.ts';
import { fillTemplate, needsDate, tempNameOf } from './output-name.ts';
import { Sources, toFailure } from './sources.ts';

export type DevelopParts = {
  executor: Executor;
  presets: Pick<PresetSource, 'toTask'>;
  photos: PhotoSource;
  files: OutputFiles;
  sources: SourceFolders;
  paths: PathPolicy;
  clock: Clock;
  limits: DevelopTask['limits'];
  /** Asked for each photo; absent: `auto`. */
  rawEngine?: () => DevelopTask['raw_engine'];
};

/** The name of the output and the path of the source. */
type Claim = { name: string; path: string };

export class DevelopRun implements OperationRun {
  readonly folder: string;
  readonly #parts: DevelopParts;
  readonly #destinations: Destinations;
  readonly #sources: Sources;
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
    this.#sources = new Sources(parts);
  }

  async ready({ next, folder }: { next: ItemView | null; folder: FolderStage }): Promise<Failure | null> {
    const refusal = await this.#parts.paths.outputFolder(this.folder);
    if (refusal !== null) return toFailure('output_not_writable', refusal);
    const fault = await this.#parts.files.prepareFolder(this.folder, folder);
    return fault ?? (next === null ? null : this.#sources.away(next.photoId));
  }

  async claim(item: ItemView): Promise<ClaimEnd> {
    const source = await this.#sources.find(item.photoId);
    if (!source.ok) return source;
    const low = await this.#parts.files.lowSpace(this.folder);
    if (low !== null) return { ok: false, path: source.path, failure: low, storage: true };
    let destination: Destination | null;
    try {
      destination = await this.#destinations.reserve(await this.#wish(item, source.path));
    } catch (thrown) {
      return { ok: false, path: source.path, failure: this.#unreachable(thrown) };
    }
    if (destination !== null) return { ok: true, name: destination.name, path: source.path };
    const message = `an output with this name exists in ${this.folder} and output.on_conflict is "fail"`;
    return { ok: false, path: source.path, failure: toFailure('output_exists', message) };
  }

  run(unit: readonly ClaimedItem[], signal: AbortSignal): Promise<UnitEnd[]> {
    return Promise.all(
      unit.map(({ item, name, path }) => this.#develop(item, { name, path: path ?? '' }, signal)),
    );
  }

  async #develop(item: ItemView, claim: Claim, signal: AbortSignal): Promise<UnitEnd> {
    const { on_conflict } = this.#config.output;
    const t = this.#parts.clock.iso();
    try {
      if (on_conflict === 'skip' && (await this.#parts.files.exists(join(this.folder, claim.name))))
        return { kind: 'settled', result: { s: 'skipped', t, ms: 0 } };
      const options = { signal, alone: item.alone ?? false };
      const end = await this.#parts.executor.develop(await this.#task(item, claim), options);
      if (end.kind !== 'outcome') return end;
      const { outcome } = end;
      const fault = outcome.ok ? null : await this.#storageFault(item, outcome.failure);
      if (fault !== null) return { kind: 'storage', failure: fault };
      if (outcome.ok) this.#sources.seen(claim.path);
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

  /** What replaced an older output stays: the older one is gone, and to remove the new one would leave none. */
  async discard(item: ItemView, name: string): Promise<void> {
    const tempName = this.#tempName(item);
    if (this.#replaces) await this.#parts.files.dropTemp(this.folder, tempName);
    else await this.#parts.files.takeBack(this.folder, name, tempName);
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
        ? await this.#sources.check(target.photoId, target.path)
        : { ok: false as const, failure: toFailure('source_unreadable', target.reason) };
    if (!source.ok) return fail(source.failure);
    this.#planned ??= new Destinations(this.#parts.files);
    const item = { index: target.index, photoId: target.photoId ?? 0 };
    const destination = await this.#planned.reserve(await this.#wish(item, source.path));
    if (destination === null)
      return fail(
        toFailure('output_exists', 'an output with this name exists and output.on_conflict is "fail"'),
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
    if (!this.#replaces) return;
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
      return toFailure('internal', `the path of the output in ${this.folder} would be too long`);
    const message = `the output folder ${this.folder} cannot be used now: ${error.message}`;
    return { code: 'output_not_writable', message, stage: 'write', retryable: true };
  }

  /**
   * The failure of a folder or drive behind the failure of a photo, said as its remedy; null when the photo itself is at
   * fault. An output failure that trying again cannot help is of this photo's file or name.
   */
  async #storageFault(item: ItemView, failure: Failure): Promise<Failure | null> {
    const isOutputs = failure.code === 'output_full' || failure.code === 'output_not_writable';
    if (!isOutputs) return this.#sources.blame(item.photoId, failure);
    if (!failure.retryable) return null;
    if (failure.code === 'output_full') this.#parts.files.noteFull(this.folder);
    return (await this.#parts.files.prepareFolder(this.folder, 'used')) ?? failure;
  }

  get #replaces(): boolean {
    const { on_conflict } = this.#config.output;
    return on_conflict === 'overwrite' || on_conflict === 'if-changed';
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

  async #task(item: ItemView, claim: Claim): Promise<DevelopTask> {
    const { folder: _folder, name: _name, suffix: _suffix, ...output } = this.#config.output;
    const recipeHash = this.#batch.recipeHash ?? '';
    const record =
      output.on_conflict === 'if-changed'
        ? await this.#parts.files.readRecord(this.folder, claim.name)
        : null;
    const place = this.#parts.files.placeOf(this.folder);
    const within = await this.#parts.paths.sourceRoots?.();
    return {
      kind: 'develop',
      batch_id: this.#batch.id,
      item: item.index,
      attempt: item.attempt,
      photo_id: item.photoId,
      source: { path: claim.path, ...(within === undefined ? {} : { within }) },
      ...(this.#batch.recipe === undefined ? {} : { recipe: this.#parts.presets.toTask(this.#batch.recipe) }),
      recipe_hash: recipeHash,
      blend: this.#config.blend,
      output: {
        ...output,
        folder: this.folder,
        name: claim.name,
        temp_name: this.#tempName(item),
        ...(place === null ? {} : { place }),
      },
      ...(record?.recipe_hash === recipeHash && record !== null ? { previous: record } : {}),
      limits: this.#parts.limits,
      raw_engine: this.#parts.rawEngine?.() ?? 'auto',
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

async function modifiedAt(path: string): Promise<Date | undefined> {
  try {
    return (await stat(path)).mtime;
  } catch {
    return undefined;
  }
}
