/** One line of the log for people: plain for a pipe, coloured and short for a terminal. Pure. */

const levels: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const colours: Readonly<Record<string, string>> = { warn: '33', error: '31', fatal: '1;31', info: '36' };
const DIM = '2';

/** `time level message key=value …`; a line that is no JSON as it is, without control characters. */
export function toReadableLine(line: string): string {
  const entry = parseLine(line);
  if (entry === null) return escapeControls(line);
  const { time, level, msg, ...fields } = entry;
  return [String(time), toLevel(level).padEnd(5), toText(msg), ...toPairs(fields)].join(' ').trimEnd();
}

/** `14:04:25.678 WARN  message  key=value …` in local time, ids by their digits alone, the stack of an error below. */
export function toTerminalLine(line: string, { isColoured }: { isColoured: boolean }): string {
  const entry = parseLine(line);
  if (entry === null) return escapeControls(line);
  const { time, level, msg, err, batch_id, request_id, ...fields } = entry;
  const paint = (code: string | undefined, text: string) =>
    isColoured && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text;
  const name = toLevel(level);
  const ids = {
    ...(batch_id === undefined ? {} : { batch: toShortId(batch_id) }),
    ...(request_id === undefined ? {} : { request: toShortId(request_id) }),
  };
  const { message, stack } = toError(err);
  const pairs = toPairs({ ...ids, ...fields, ...(message === null ? {} : { error: message }) });
  const head = [
    paint(DIM, toClock(time)),
    paint(colours[name], name.toUpperCase().padEnd(5)),
    toText(msg),
    ...(pairs.length === 0 ? [] : [paint(DIM, pairs.join(' '))]),
  ].join(' ');
  const below = Number(level) >= 50 ? stack : [];
  return [head, ...below.map((frame) => paint(DIM, `    ${frame}`))].join('\n');
}

function parseLine(line: string): Record<string, unknown> | null {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function toLevel(level: unknown): string {
  return levels[Number(level)] ?? escapeControls(String(level));
}

function toPairs(fields: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(fields).map(([key, value]) => `${escapeControls(key)}=${toValue(value)}`);
}

function toText(value: unknown): string {
  return value === undefined ? '' : escapeControls(String(value));
}

function toValue(value: unknown): string {
  const isBare = typeof value === 'string' && value !== '' && !/[\s"\p{Cc}]/u.test(value);
  return isBare ? value : escapeControls(JSON.stringify(value) ?? String(value));
}

function toShortId(id: unknown): string {
  return String(id)
    .replace(/^batch_/, '')
    .slice(0, 12);
}

function toClock(time: unknown): string {
  const at = new Date(String(time));
  if (Number.isNaN(at.getTime())) return toText(time);
  const pad = (value: number, length = 2) => String(value).padStart(length, '0');
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${pad(at.getMilliseconds(), 3)}`;
}

function toError(err: unknown): { message: string | null; stack: string[] } {
  if (typeof err !== 'object' || err === null) return { message: null, stack: [] };
  const { message, stack } = err as { message?: unknown; stack?: unknown };
  const frames = typeof stack === 'string' ? stack.split('\n').slice(1) : [];
  return {
    message: typeof message === 'string' ? message : null,
    stack: frames.map((frame) => escapeControls(frame.trim())),
  };
}

/** Names of files and words of clients may hold what moves a terminal's cursor or changes its title. */
function escapeControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
