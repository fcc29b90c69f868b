/**
 * Answers as plain text for whoever asks with `?format=plain` or `Accept: text/plain`: one step behind all routes, which know
 * nothing of it. Status and headers stay; only the form of the body changes.
 */
import { BridgeError } from '../../errors.ts';
import { toProblemResponse } from '../problem.ts';
import { toKeyLines, toTable } from './lines.ts';
import { findTable } from './tables.ts';

export const PLAIN_TYPE = 'text/plain; charset=utf-8';

export type Asked = { format: 'json' | 'plain'; problem: BridgeError | null };

/** `target` with or without origin. The query goes before the header. A wrong one is told as JSON. */
export function parseFormat(target: string, accept: string | undefined): Asked {
  const question = target.indexOf('?');
  const given =
    question === -1 ? [] : new URLSearchParams(target.slice(question)).getAll('format').filter(Boolean);
  const [format] = given;
  if (format === undefined) return { format: prefersPlain(accept) ? 'plain' : 'json', problem: null };
  if (given.length === 1 && (format === 'json' || format === 'plain')) return { format, problem: null };
  const message = given.length > 1 ? 'format is given more than once' : 'format must be "json" or "plain"';
  return { format: 'json', problem: new BridgeError('bad_request', message, { field: 'format' }) };
}

/** Only who names `text/plain` and likes it better than JSON: a browser or curl that takes anything gets JSON. */
function prefersPlain(accept: string | undefined): boolean {
  if (accept === undefined || !/text\/plain/i.test(accept)) return false;
  const weights = new Map(accept.split(',').map(toRange));
  const json = ['application/json', 'application/*', '*/*'].find((range) => weights.has(range));
  return (weights.get('text/plain') ?? 0) > (json === undefined ? 0 : (weights.get(json) ?? 0));
}

function toRange(text: string): [range: string, weight: number] {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const weight = quality === undefined ? 1 : Number(quality);
  return [range, Number.isFinite(weight) ? weight : 0];
}

type Asker = { method: string; route: string | null; path: string };

/**
 * A JSON answer in plain form; any other (a picture, a table, metrics) as it is. A download is refused with `bad_request`: it
 * is streamed, whatever its length, and nobody knows its columns before its end.
 */
export async function toPlainAnswer(response: Response, asker: Asker): Promise<Response> {
  const { method, route, path } = asker;
  const type = response.headers.get('content-type')?.split(';', 1)[0] ?? '';
  if (type !== 'application/json' && type !== 'application/problem+json') return response;
  if (response.headers.has('content-disposition')) {
    await response.body?.cancel();
    return await toPlainAnswer(toProblemResponse(noPlainDownload(), path), asker);
  }
  const headers = new Headers(response.headers);
  headers.set('content-type', PLAIN_TYPE);
  // Both are of the JSON text.
  headers.delete('etag');
  headers.delete('content-length');
  const { status } = response;
  if (method === 'HEAD' || response.body === null) return new Response(null, { status, headers });
  const body: unknown = await response.json();
  const table = response.ok ? findTable(method, route) : null;
  const text = table === null ? toPlainObject(body) : toPlainList(body as Record<string, unknown>, table);
  return new Response(text, { status, headers });
}

function noPlainDownload(): BridgeError {
  return new BridgeError(
    'bad_request',
    'a download has no plain form: page through /batch/{batch_id}/photos?format=plain, or take results.csv',
    { field: 'format' },
  );
}

/** The table, an empty line, and what the answer says beside it. */
function toPlainList(
  body: Record<string, unknown>,
  { member, columns }: { member: string; columns: readonly string[] },
): string {
  const { [member]: elements, ...rest } = body;
  return `${toTable(elements as readonly unknown[], columns)}\n${toKeyLines(rest)}`;
}

/** Of a refusal, the three that everyone reads come first. */
export function toPlainObject(body: unknown): string {
  if (typeof body !== 'object' || body === null || !('error' in body && 'code' in body && 'status' in body))
    return toKeyLines(body);
  const { error, code, status, ...rest } = body;
  return toKeyLines({ error, code, status, ...rest });
}
