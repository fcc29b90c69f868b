/** What commands print with: lines, colours, JSON, live lines. It knows no batch. */
import { widthOf } from './text-width.ts';

export type TextStream = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
};
export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Paint = (colour: Colour, text: string) => string;

const codes: Record<Colour, string> = {
  bold: '1',
  dim: '2',
  red: '31',
  green: '32',
  yellow: '33',
  cyan: '36',
};

export type Terminal = {
  /** A person looks at it: colours and live lines make sense. */
  readonly live: boolean;
  /** As wide as it is now. */
  readonly columns: number;
  readonly rows: number;
  /** `columns` of a terminal; null where lines may be of any length. */
  readonly width: number | null;
  readonly paint: Paint;
  line(text?: string): void;
  /** For people who pipe the answer on: to stderr. With `--json` a document `{"note": …}`. */
  note(text: string): void;
  json(value: unknown): void;
  /** Replaces the line it wrote last; the next `line` starts below it. */
  redraw(text: string): void;
  /** Replaces the lines it drew last; none: takes them away. Each must fit `columns`. */
  draw(lines: readonly string[]): void;
  /** Told when the terminal has another size. Answers how to stop that. */
  onResize(listener: () => void): () => void;
};

export type TerminalOptions = {
  stdout: TextStream;
  stderr: TextStream;
  env: Readonly<Record<string, string | undefined>>;
  json?: boolean;
};

export function createTerminal({ stdout, stderr, env, json = false }: TerminalOptions): Terminal {
  const live = stdout.isTTY === true && env.TERM !== 'dumb';
  const coloured = live && (env.NO_COLOR ?? '') === '';
  let drawn: readonly string[] = [];
  // A pseudo terminal may say 0.
  const columns = () => stdout.columns || 80;

  function settle(): void {
    if (drawn.length > 0) stdout.write('\n');
    drawn = [];
  }

  function draw(lines: readonly string[]): void {
    if (lines.length === 0 && drawn.length === 0) return;
    const up = Math.max(0, toRows(drawn, columns()) - 1);
    const back = up === 0 ? '\r' : `\u001b[${up}A\r`;
    const rest = up === 0 ? '' : '\u001b[J';
    stdout.write(`${back}${lines.join('\u001b[K\r\n')}\u001b[K${rest}`);
    drawn = [...lines];
  }

  return {
    live,
    get columns() {
      return columns();
    },
    get rows() {
      return stdout.rows || 24;
    },
    get width() {
      return stdout.isTTY === true ? columns() : null;
    },
    paint: (colour, text) => (coloured ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text),
    line(text = '') {
      settle();
      stdout.write(`${text}\n`);
    },
    note(text) {
      settle();
      stderr.write(json ? `${JSON.stringify({ note: text })}\n` : `${text}\n`);
    },
    json(value) {
      stdout.write(`${JSON.stringify(value)}\n`);
    },
    redraw: (text) => draw([text]),
    draw,
    onResize(listener) {
      if (!live) return () => undefined;
      stdout.on?.('resize', listener);
      return () => void stdout.off?.('resize', listener);
    },
  };
}

/** A terminal made narrower has broken the lines that were drawn: they are more rows now. */
function toRows(lines: readonly string[], columns: number): number {
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
}
