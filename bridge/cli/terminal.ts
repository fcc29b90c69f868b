/** What commands print with: lines, colours, JSON, one live line. It knows no batch. */
export type TextStream = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
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
  /** A person looks at it: colours and a live line make sense. */
  readonly live: boolean;
  readonly columns: number;
  readonly paint: Paint;
  line(text?: string): void;
  /** For people who pipe the answer on: to stderr. */
  note(text: string): void;
  json(value: unknown): void;
  /** Replaces the line it wrote last; the next `line` starts below it. */
  redraw(text: string): void;
};

export type TerminalOptions = {
  stdout: TextStream;
  stderr: TextStream;
  env: Readonly<Record<string, string | undefined>>;
};

export function createTerminal({ stdout, stderr, env }: TerminalOptions): Terminal {
  const live = stdout.isTTY === true && env.TERM !== 'dumb';
  const coloured = live && (env.NO_COLOR ?? '') === '';
  let drawn = false;

  function settle(): void {
    if (drawn) stdout.write('\n');
    drawn = false;
  }

  return {
    live,
    // A pseudo terminal may say 0.
    columns: stdout.columns || 80,
    paint: (colour, text) => (coloured ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text),
    line(text = '') {
      settle();
      stdout.write(`${text}\n`);
    },
    note(text) {
      settle();
      stderr.write(`${text}\n`);
    },
    json(value) {
      stdout.write(`${JSON.stringify(value)}\n`);
    },
    redraw(text) {
      stdout.write(`\r${text}\u001b[K`);
      drawn = true;
    },
  };
}
