/** A batch whose stored config cannot be used by this version: it says why and does nothing. */
import type { ClaimEnd, ClaimedItem, OperationRun, PlanTarget, UnitEnd, UnitResult } from '../batch/ports.ts';
import type { Failure, PlanItem } from '../contract/index.ts';

export class UnreadyRun implements OperationRun {
  readonly folder = null;
  readonly #failure: Failure;

  constructor(message: string) {
    this.#failure = { code: 'preset_invalid', message, stage: 'claim', retryable: false };
  }

  async ready(): Promise<Failure> {
    return this.#failure;
  }

  async claim(): Promise<ClaimEnd> {
    return { ok: false, failure: this.#failure, path: null };
  }

  async run(unit: readonly ClaimedItem[]): Promise<UnitEnd[]> {
    return unit.map(() => ({ kind: 'stopped' }));
  }

  async settled(): Promise<void> {}

  async discard(): Promise<void> {}

  async adopt(): Promise<UnitResult | null> {
    return null;
  }

  async sweep(): Promise<void> {}

  async plan({ photoId, path }: PlanTarget): Promise<PlanItem> {
    return { photo_id: photoId, path, action: 'fail', output_path: null, failure: this.#failure };
  }
}
