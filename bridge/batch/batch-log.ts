/** The newest log lines of each batch, for people: what happened and which photos failed. Kept in memory only. */
import type { BatchLogLine } from './api.ts';

const LINES = 500;

export class BatchLog {
  readonly #lines = new Map<string, BatchLogLine[]>();
  #seq = 0;

  add(batchId: string, line: Omit<BatchLogLine, 'seq'>): void {
    this.#seq += 1;
    const lines = this.#lines.get(batchId) ?? [];
    lines.push({ seq: this.#seq, ...line });
    if (lines.length > LINES) lines.shift();
    this.#lines.set(batchId, lines);
  }

  since(batchId: string, since: number): BatchLogLine[] {
    return (this.#lines.get(batchId) ?? []).filter((line) => line.seq > since);
  }

  forget(batchId: string): void {
    this.#lines.delete(batchId);
  }
}
