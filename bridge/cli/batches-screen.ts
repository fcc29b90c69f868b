/** Several batches as a person or a program sees them: bars drawn anew with closing lines above, or a line a change, or JSON. */
import { type BatchStatusObject, isFinished } from '../client/index.ts';
import { isNews, renderBars, renderClosing, renderLine } from './bar.ts';
import type { Context } from './context.ts';
import { fitEnd } from './text-width.ts';

/** A person sees no more than ten pictures a second of it. */
const FRAME_MS = 100;
const AWAY = 'The daemon does not answer; trying again …';

export class BatchesScreen {
  readonly #context: Context;
  readonly #batches = new Map<string, BatchStatusObject>();
  readonly #stopListening: () => void;
  #isAway = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: Context) {
    this.#context = context;
    this.#stopListening = context.terminal.onResize(() => this.#draw());
  }

  show(batch: BatchStatusObject): void {
    const { terminal, json } = this.#context;
    const last = this.#batches.get(batch.batch_id) ?? null;
    if (last !== null && JSON.stringify(last) === JSON.stringify(batch)) return;
    const hasEnded = isFinished(batch) && (last === null || !isFinished(last));
    this.#batches.set(batch.batch_id, batch);
    if (json) {
      terminal.json(batch);
      return;
    }
    if (!terminal.live && !isFinished(batch) && isNews(last, batch)) terminal.line(renderLine(batch));
    if (hasEnded) this.#printAbove(renderClosing(batch));
    else if (terminal.live) this.#drawSoon();
  }

  setAway(isAway: boolean): void {
    const { terminal, json } = this.#context;
    if (isAway === this.#isAway) return;
    this.#isAway = isAway;
    if (terminal.live && !json) this.#drawSoon();
    else if (isAway) terminal.note(AWAY);
  }

  /** The bars stay as they are last seen. */
  close(): void {
    clearTimeout(this.#timer);
    this.#stopListening();
    this.#draw();
  }

  #printAbove(line: string): void {
    const { terminal } = this.#context;
    terminal.draw([]);
    terminal.line(line);
    this.#draw();
  }

  #drawSoon(): void {
    this.#timer ??= setTimeout(() => this.#draw(), FRAME_MS);
  }

  #draw(): void {
    const { terminal, json } = this.#context;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (json || !terminal.live) return;
    const { columns, rows, paint } = terminal;
    const open = [...this.#batches.values()].filter((batch) => !isFinished(batch));
    // What is higher than the terminal could not be drawn anew.
    const room = Math.max(1, rows - (this.#isAway ? 2 : 1));
    const shown = open.length <= room ? open : open.slice(0, room - 1);
    const lines = renderBars(shown, columns, paint);
    if (shown.length < open.length) lines.push(`… and ${open.length - shown.length} more`);
    if (this.#isAway) lines.push(AWAY);
    terminal.draw(lines.map((line) => fitLine(line, columns)));
  }
}

/** Bars fit by themselves, and cutting would lose their colours' ends. */
function fitLine(line: string, columns: number): string {
  return line.includes('\u001b') ? line : fitEnd(line, columns - 1);
}
