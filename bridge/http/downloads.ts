/** Item results as streamed CSV and JSON of any length. One chunk is in memory at a time. */
import type { Context } from 'hono';
import type { ItemResult } from '../contract/index.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { AppEnv } from './services.ts';

const CHUNK_LENGTH = 64 * 1024;

const columns: readonly (readonly [name: string, value: (item: ItemResult) => unknown])[] = [
  ['photo_id', (item) => item.photo_id],
  ['ref', (item) => item.ref],
  ['path', (item) => item.path],
  ['status', (item) => item.status],
  ['attempts', (item) => item.attempts],
  ['started_at', (item) => item.started_at],
  ['duration_ms', (item) => item.duration_ms],
  ['output_path', (item) => item.output?.path],
  ['output_bytes', (item) => item.output?.bytes],
  ['output_width', (item) => item.output?.width],
  ['output_height', (item) => item.output?.height],
  ['output_format', (item) => item.output?.format],
  ['failure_code', (item) => item.failure?.code],
  ['failure_stage', (item) => item.failure?.stage],
  ['failure_message', (item) => item.failure?.message],
  ['warnings', (item) => item.warnings.join('; ')],
];

/** RFC 4180 lines with a header line. `detailKeys`: further columns, of the operation's own details. */
export async function* toCsvLines(
  items: AsyncIterable<ItemResult>,
  detailKeys: readonly string[] = [],
): AsyncGenerator<string, void, void> {
  const all: typeof columns = [
    ...columns,
    ...detailKeys.map((key) => [key, (item: ItemResult) => item.details?.[key]] as const),
  ];
  yield `${all.map(([name]) => name).join(',')}\r\n`;
  for await (const item of items) yield `${all.map(([, value]) => toCell(value(item))).join(',')}\r\n`;
}

/**
 * A cell that a spreadsheet would run as a formula (`= + - @`, also after a tab or line break) gets an apostrophe in
 * front (OWASP, CSV injection).
 */
export function toCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  const safe = /^[\t\r\n ]*[=+\-@]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** `{photos: [...], next_cursor: null}`, the shape of the paged route. */
export async function* toJsonParts(items: AsyncIterable<ItemResult>): AsyncGenerator<string, void, void> {
  yield '{"photos":[';
  let comma = '';
  for await (const item of items) {
    yield comma + JSON.stringify(item);
    comma = ',\n';
  }
  yield '],"next_cursor":null}\n';
}

type Download = { parts: AsyncGenerator<string, void, void>; log: Log; type: string; name: string };

export function toDownload(c: Context<AppEnv>, { parts, log, type, name }: Download): Response {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { text, done } = await readChunk(parts);
          if (text !== '') controller.enqueue(encoder.encode(text));
          if (done) controller.close();
        } catch (thrown) {
          // The status line is out: only a broken connection can still say that the list is not whole.
          log.error({ err: toError(thrown) }, 'a download broke off');
          c.env?.outgoing?.destroy();
          controller.error(toError(thrown));
        }
      },
      async cancel() {
        await parts.return();
      },
    },
    { highWaterMark: 0 },
  );
  return c.body(stream, 200, {
    'content-type': type,
    'content-disposition': `attachment; filename="${name}"`,
  });
}

async function readChunk(
  parts: AsyncGenerator<string, void, void>,
): Promise<{ text: string; done: boolean }> {
  let text = '';
  while (text.length < CHUNK_LENGTH) {
    const next = await parts.next();
    if (next.done) return { text, done: true };
    text += next.value;
  }
  return { text, done: false };
}
