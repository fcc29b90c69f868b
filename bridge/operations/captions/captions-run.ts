/** A captions batch as the engine runs it: a unit is a post, or one of its captions. Turns what became of it into what is recorded. */
import type {
  BatchView,
  ClaimEnd,
  ClaimedItem,
  ItemView,
  OperationRun,
  PlanTarget,
  UnitEnd,
  UnitResult,
} from '../../batch/ports.ts';
import type { Failure, FailureCode, PlanItem } from '../../contract/index.ts';
import { BridgeError, toError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { KeyTurns } from '../key-turns.ts';
import { type CaptionsConfig, parseCaptionsConfig, toAtOnce } from './config.ts';
import type { Connection } from './connection.ts';
import { parseInput } from './item-input.ts';
import { PostWork, type WorkState } from './post-work.ts';
import type { ServerLinks } from './server-links.ts';
import { toFailure, toUnitResult } from './unit-result.ts';

export type RunParts = {
  batch: BatchView;
  links: ServerLinks;
  turns: KeyTurns;
  log: Log;
  state: (config: CaptionsConfig) => WorkState;
  forgetState: () => void;
  /** The batch was started for this server. */
  isFor: (config: CaptionsConfig, server: string) => boolean;
};

type Ready = { state: WorkState; work: PostWork };

export class CaptionsRun implements OperationRun {
  readonly folder = null;
  readonly atOnce: number;
  readonly #parts: RunParts;
  readonly #config: CaptionsConfig | BridgeError;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#config = readConfig(parts.batch.config);
    this.atOnce = this.#config instanceof BridgeError ? 1 : toAtOnce(this.#config);
  }

  async ready(): Promise<Failure | null> {
    if (this.#config instanceof BridgeError) return refuse('preset_invalid', this.#config.message);
    try {
      this.#connect(this.#config);
      return null;
    } catch (thrown) {
      return { ...refuse('unreachable', toError(thrown).message), retryable: true };
    }
  }

  async claim(): Promise<ClaimEnd> {
    return { ok: true, name: '', path: null };
  }

  async run(unit: readonly ClaimedItem[], signal: AbortSignal): Promise<readonly UnitEnd[]> {
    const { links } = this.#parts;
    const items = unit.map(({ item }) => item.index);
    const t = new Date(links.pace.now()).toISOString();
    const began = performance.now();
    const toTiming = () => ({ t, ms: Math.round((performance.now() - began) * 10) / 10 });
    const failed = (f: Failure): UnitEnd[] =>
      unit.map(() => ({ kind: 'settled', result: { s: 'failed', ...toTiming(), f } }));
    const held = (failure: Failure): UnitEnd[] => unit.map(() => ({ kind: 'storage', failure }));
    const fault = await this.ready();
    const at = this.#open();
    if (fault?.retryable) return held(fault);
    if (fault !== null || at === null) return failed(fault ?? refuse('internal', 'there is no config'));
    const memory = await at.state.units.begin(items);
    if (memory === null)
      return failed(refuse('invalid_item', 'the caption of this item is not on disk any more'));
    const end = await at.work.publish({ memory, items, signal });
    if ('unsaved' in end) return held(toDiskFailure(end.unsaved));
    const { outcome } = end;
    return outcome.results.map((caption): UnitEnd => {
      const result = toUnitResult(caption, { outcome, timing: toTiming() });
      return result === null ? { kind: 'stopped' } : { kind: 'settled', result };
    });
  }

  async settled(item: ItemView): Promise<void> {
    this.#open()?.state.units.forget(item.index);
  }

  async discard(item: ItemView): Promise<void> {
    const at = this.#open();
    const memory = (await at?.state.units.recall(item.index)) ?? null;
    if (at === null || memory === null) return;
    await at.work.tidy(memory);
  }

  /** All captions of the attempt are on the server: it was done, only its record is missing. */
  async adopt(item: ItemView): Promise<UnitResult | null> {
    const at = this.#open();
    const memory = (await at?.state.units.recall(item.index)) ?? null;
    const caption = memory?.captions.get(item.index);
    if (at === null || memory === null || caption === undefined || memory.note === null) return null;
    const { state, post } = await at.work.look(memory);
    if (state !== 'landed') return null;
    const { post_id, target } = caption;
    const media_id =
      'media_id' in target ? target.media_id : (post.media[target.attachment_index]?.id ?? null);
    const d = { post_id, media_id, outcome: 'published', verified: true, rolled_back: false };
    return { s: 'processed', t: new Date(this.#parts.links.pace.now()).toISOString(), ms: 0, d };
  }

  async sweep(): Promise<void> {}

  async rest(): Promise<null> {
    this.#parts.forgetState();
    return null;
  }

  async plan({ photoId, input }: PlanTarget): Promise<PlanItem> {
    const item = { photo_id: photoId, path: null, output_path: null };
    const caption = parseInput(input)?.caption;
    const at = this.#open();
    if (caption === undefined || at === null)
      return { ...item, action: 'fail', failure: refuse('invalid_item', 'there is no caption') };
    const { results } = await at.work.plan({ post_id: caption.post_id, captions: [caption] });
    const [result] = results;
    if (result?.status === 'planned') return { ...item, action: 'write' };
    if (result?.status === 'unchanged') return { ...item, action: 'skip' };
    const failure = result?.error ? toFailure(result.error) : refuse('internal', 'it was not looked at');
    return { ...item, action: 'fail', failure };
  }

  /** Null while the config cannot be read. */
  #open(): Ready | null {
    const config = this.#config;
    if (config instanceof BridgeError) return null;
    const { batch, links, turns, log } = this.#parts;
    const state = this.#parts.state(config);
    const connect = (): Connection => this.#connect(config);
    return { state, work: new PostWork({ batch, config, connect, links, turns, state, log }) };
  }

  /** Throws BridgeError when none is set, or one to another server than the batch was started for. */
  #connect(config: CaptionsConfig): Connection {
    const connection = this.#parts.links.connect();
    if (this.#parts.isFor(config, connection.server)) return connection;
    const message =
      'This batch was started for another server than the one that is set now: set ACTIVITYPUB_INSTANCE_URL to that one';
    throw new BridgeError('conflict', message);
  }
}

function readConfig(config: BatchView['config']): CaptionsConfig | BridgeError {
  try {
    return parseCaptionsConfig(config);
  } catch (thrown) {
    if (thrown instanceof BridgeError) return thrown;
    throw thrown;
  }
}

function refuse(code: FailureCode, message: string): Failure {
  return { code, message, stage: 'run', retryable: false };
}

function toDiskFailure(thrown: unknown): Failure {
  const isFull = thrown instanceof BridgeError && thrown.code === 'disk_full';
  const message = `what the post was before could not be kept: ${toError(thrown).message}`;
  return { ...refuse(isFull ? 'output_full' : 'output_not_writable', message), retryable: true };
}
