/** Reads a list of captions, JSON or CSV, into rows for the daemon, and says which of them it would publish. Pure. */
import type { CaptionText } from './caption-texts.ts';
import { parseCsv } from './csv.ts';

export type CaptionRow = Readonly<Record<string, unknown>>;
export type CaptionFile = { ok: true; rows: readonly CaptionRow[] } | { ok: false; problem: string };
export type CaptionPost = { post: string; captions: readonly { imageId: string; text: string }[] };

/** Faults of single rows are the daemon's to tell: it counts them from 1 in this order. */
export function readCaptionFile(text: string): CaptionFile {
  const given = text.replace(/^\uFEFF/, '').trim();
  if (given === '') return { ok: false, problem: 'Choose a file, or paste its text.' };
  return /^[[{]/.test(given) ? readJson(given) : readCsv(given);
}

function readJson(text: string): CaptionFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    return { ok: false, problem: `This is no JSON: ${thrown instanceof Error ? thrown.message : thrown}` };
  }
  const list = isObject(value) ? value.captions : value;
  if (!Array.isArray(list))
    return { ok: false, problem: 'Give a list of captions, or an object with the list in "captions".' };
  return isEmpty(list) ?? { ok: true, rows: list };
}

function readCsv(text: string): CaptionFile {
  const records = parseCsv(text);
  if (records === null)
    return { ok: false, problem: 'A quotation mark is opened in this CSV and never closed.' };
  const [header = [], ...rest] = records;
  const names = header.map((name) => name.trim().toLowerCase());
  if (!names.includes('image_id')) {
    return {
      ok: false,
      problem: 'The first line must name the columns: image_id, post_id, media_id, caption, status …',
    };
  }
  const rows = rest.map((record) =>
    Object.fromEntries(names.map((name, place) => [name, record[place] ?? ''])),
  );
  return isEmpty(rows) ?? { ok: true, rows };
}

function isEmpty(rows: readonly unknown[]): CaptionFile | null {
  return rows.length === 0 ? { ok: false, problem: 'There is no caption in it.' } : null;
}

/** Approved captions as they would go out: the newest post first, `limit` at most. */
export function toPosts(rows: readonly CaptionRow[], limit: number): CaptionPost[] {
  const approved = rows.filter((row) => isObject(row) && toText(row.status).toLowerCase() === 'approved');
  const groups = [...Map.groupBy(approved, toPostName)]
    .map(([post, members]) => ({ post, members, at: Math.max(...members.map(toTime)) }))
    .sort((a, b) => b.at - a.at || compareIds(b.post, a.post));
  const chosen = new Set(groups.flatMap(({ members }) => members).slice(0, limit));
  return groups.flatMap(({ post, members }) => {
    const captions = members
      .filter((row) => chosen.has(row))
      .map((row) => ({
        imageId: toText(row.image_id),
        text: toText(row.reviewed_caption) || toText(row.caption),
      }));
    return captions.length === 0 ? [] : [{ post, captions }];
  });
}

/** By image id. */
export function toCaptionTexts(posts: readonly CaptionPost[]): Map<string, CaptionText> {
  return new Map(
    posts.flatMap(({ post, captions }) =>
      captions.map(({ imageId, text }) => [imageId, { post, text }] as const),
    ),
  );
}

function toPostName(row: CaptionRow): string {
  const url = toText(row.post_url).replace(/\/+$/, '');
  return toText(row.post_id) || url.slice(url.lastIndexOf('/') + 1);
}

function toTime(row: CaptionRow): number {
  const at = Date.parse(toText(row.updated_at));
  return Number.isNaN(at) ? 0 : at;
}

/** Servers number posts in time order. */
function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
