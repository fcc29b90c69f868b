/** The merges that were asked for: which batches each took over, and that no photo was left behind or is in two of them. */
import type { BatchStatus, ItemResult } from '../../../bridge/client/index.ts';
import { type BatchLedger, type Expectation, isSettled } from './batch-ledger.ts';
import type { Findings } from './findings.ts';

export type MergeIntent = { sources: readonly BatchLedger[]; expects: Omit<Expectation, 'photos'> };
/** Item results by batch. */
type Results = ReadonlyMap<string, ReadonlyMap<number, ItemResult>>;

export class MergeLedger {
  readonly #findings: Findings;
  readonly #asked = new Set<MergeIntent>();
  readonly #done = new Map<BatchLedger, readonly BatchLedger[]>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  ask(intent: MergeIntent): void {
    this.#asked.add(intent);
    for (const source of intent.sources) source.begin({ kind: 'cancel' });
  }

  /** Also when an event told, or a restart showed, what no answer said. */
  done({ sources }: MergeIntent, into: BatchLedger): void {
    for (const intent of this.#asked) if (intent.sources === sources) this.#asked.delete(intent);
    for (const source of sources) source.answered();
    this.#done.set(into, sources);
  }

  refused(intent: MergeIntent): void {
    this.#asked.delete(intent);
    for (const source of intent.sources) source.refused();
  }

  /** The one that would make an unknown batch of this status. Callers ask for one merge at a time. */
  expected(status: BatchStatus): MergeIntent | undefined {
    return [...this.#asked].find(({ expects }) => expects.status === status);
  }

  /** The batch that a merge made of it, else itself. */
  heirOf(batchId: string): string {
    for (const [into, sources] of this.#done)
      if (sources.some(({ id }) => id === batchId)) return this.heirOf(into.id);
    return batchId;
  }

  /** After a restart. `final`: batches whose results can change no more. */
  check(results: Results, final: ReadonlySet<string>): void {
    for (const { sources } of this.#asked) {
      const gone = sources.find((source) => source.isCancelled);
      if (gone !== undefined) this.#findings.add('lostPhotos', `${gone.id} was merged, but into nothing`);
    }
    this.#asked.clear();
    for (const [into, sources] of this.#done) {
      const taken = results.get(into.id);
      for (const source of sources) {
        if (!source.isCancelled)
          this.#findings.add('doubleWrites', `${source.id} goes on after its merge into ${into.id}`);
        if (taken === undefined || !final.has(source.id)) continue;
        for (const [id, photo] of results.get(source.id) ?? []) {
          if (!isSettled(photo) && !taken.has(id))
            this.#findings.add(
              'lostPhotos',
              `photo ${id} of ${source.id} is not in ${into.id}, which took over`,
            );
        }
      }
    }
  }
}
