/** What an oracle found wrong, by kind of loss, each thing once. It judges nothing itself. */

export type Loss =
  | 'lostChanges'
  | 'lostPhotos'
  | 'doubleWrites'
  | 'partialFiles'
  | 'orphanTemps'
  | 'unreadableStates'
  /** Against a promise that is no loss. */
  | 'other';

export class Findings {
  readonly #found = new Map<string, Loss>();

  /** The same sentence again is the same thing seen again. */
  add(loss: Loss, text: string): void {
    if (!this.#found.has(text)) this.#found.set(text, loss);
  }

  get texts(): string[] {
    return [...this.#found.keys()];
  }

  /** Whether something of this kind was found whose sentence contains `part`. */
  has(loss: Loss, part: string): boolean {
    return [...this.#found].some(([text, found]) => found === loss && text.includes(part));
  }

  count(loss: Loss): number {
    return [...this.#found.values()].filter((found) => found === loss).length;
  }
}
