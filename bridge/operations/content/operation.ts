/** The operation `content`: one change over content records of one creator, each record an item. */
import { hashOf } from '../../batch/canonical.ts';
import type {
  BatchView,
  ClaimEnd,
  ClaimedItem,
  ItemInputs,
  ItemSelection,
  ItemView,
  Limiter,
  Operation,
  OperationRun,
  PlanTarget,
  UnitEnd,
  UnitResult,
} from '../../batch/ports.ts';
import type { ContentResult, Failure, PlanItem } from '../../contract/index.ts';
import { BridgeError } from '../../errors.ts';
import { NOT_FOUND } from './change.ts';
import { type ContentConfig, parseContentConfig, parseContentIds } from './config.ts';
import { type ContentId, contentIdSchema } from './record.ts';
import { adoptContentItem, type ContentItem, type ContentItemParts, runContentItem } from './run-item.ts';

export type ContentOperationParts = ContentItemParts & { inputs: ItemInputs; limiter: Limiter };

/** What an item is kept as: an object, since an id alone can be any text. */
type Input = { id: ContentId };

export function createContentOperation(parts: ContentOperationParts): Operation {
  return {
    name: 'content',
    limiter: parts.limiter,
    attempts: 1,
    isAlwaysCompleted: true,
    detailKeys: ['message'],
    async prepare(_batchId, given) {
      const config = parseContentConfig(given);
      return { config, recipeHash: hashOf(config), warnings: [] };
    },
    async select(source, config): Promise<ItemSelection> {
      if ('file' in source)
        throw new BridgeError('bad_request', 'file: content batches take items, a list of content ids', {
          field: 'file',
        });
      const ids = parseContentIds(source.items, config);
      return { items: ids.map((id) => ({ ref: id, input: { id } satisfies Input })) };
    },
    open: (batch) => new ContentRun(parts, batch),
  };
}

class ContentRun implements OperationRun {
  readonly folder = null;
  readonly #parts: ContentOperationParts;
  readonly #batch: BatchView;
  readonly #config: ContentConfig | BridgeError;

  constructor(parts: ContentOperationParts, batch: BatchView) {
    this.#parts = parts;
    this.#batch = batch;
    this.#config = readConfig(batch.config);
  }

  async ready(): Promise<Failure | null> {
    if (this.#config instanceof BridgeError) return toFailure('preset_invalid', this.#config.message);
    const fault = await this.#parts.store.probe();
    return fault === null ? null : toStorageFailure(fault);
  }

  async claim(): Promise<ClaimEnd> {
    return { ok: true, name: '', path: null };
  }

  run(unit: readonly ClaimedItem[], signal: AbortSignal): Promise<UnitEnd[]> {
    return Promise.all(unit.map(({ item }) => this.#run(item, signal)));
  }

  async settled(): Promise<void> {}

  async discard(): Promise<void> {}

  async adopt(item: ItemView): Promise<UnitResult | null> {
    const content = await this.#toItem(item.index);
    const result = 'code' in content ? null : adoptContentItem(this.#parts, content);
    return result === null ? null : toResult(result, { t: result.timestamp, ms: 0 });
  }

  async sweep(): Promise<void> {}

  async plan({ photoId, input }: PlanTarget): Promise<PlanItem> {
    const item = { photo_id: photoId, path: null, output_path: null };
    const id = toId(input);
    const record = id === null ? null : await this.#parts.store.get(id);
    const isOwn = !(this.#config instanceof BridgeError) && record?.creator === this.#config.creator;
    if (isOwn) return { ...item, action: 'overwrite' };
    return { ...item, action: 'fail', failure: toFailure('not_found', NOT_FOUND) };
  }

  async #run(item: ItemView, signal: AbortSignal): Promise<UnitEnd> {
    const t = this.#parts.now();
    const began = performance.now();
    const content = await this.#toItem(item.index);
    if ('code' in content) return { kind: 'settled', result: { s: 'failed', t, ms: 0, f: content } };
    const end = await runContentItem(this.#parts, content, signal);
    switch (end.kind) {
      case 'stopped':
        return { kind: 'stopped' };
      case 'storage':
        return { kind: 'storage', failure: toStorageFailure(end.message) };
      case 'settled': {
        const ms = Math.round((performance.now() - began) * 10) / 10;
        return { kind: 'settled', result: toResult(end.result, { t, ms }) };
      }
    }
  }

  /** The token is the same at every attempt, so that a change is made once. */
  async #toItem(index: number): Promise<ContentItem | Failure> {
    if (this.#config instanceof BridgeError) return toFailure('preset_invalid', this.#config.message);
    const found = await this.#parts.inputs.read(this.#batch.id, [index]);
    const contentId = toId(found.get(index)?.v);
    if (contentId === null) return toFailure('invalid_item', 'the id of this item is not on disk any more');
    const { creator, ...change } = this.#config;
    return { contentId, creator, change, token: `${this.#batch.id}:${index}` };
  }
}

function toResult(result: ContentResult, timing: { t: string; ms: number }): UnitResult {
  if (!result.success) return { s: 'failed', ...timing, f: toFailure('not_found', result.error) };
  const warnings = result.warning === undefined ? {} : { w: [result.warning] };
  return { s: 'processed', ...timing, d: { message: result.message }, ...warnings };
}

function readConfig(config: BatchView['config']): ContentConfig | BridgeError {
  try {
    return parseContentConfig(config);
  } catch (thrown) {
    if (thrown instanceof BridgeError) return thrown;
    throw thrown;
  }
}

function toId(input: unknown): ContentId | null {
  const id = typeof input === 'object' && input !== null && 'id' in input ? input.id : undefined;
  const parsed = contentIdSchema.safeParse(id);
  return parsed.success ? parsed.data : null;
}

function toStorageFailure(reason: string): Failure {
  const message = `the content store cannot be written: ${reason}`;
  return { ...toFailure('output_not_writable', message), retryable: true };
}

function toFailure(code: Failure['code'], message: string): Failure {
  return { code, message, stage: 'run', retryable: false };
}
