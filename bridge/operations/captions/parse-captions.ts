/** Checks rows and chooses the captions to publish: approved ones, newest post first. All faults are told at once. */
import { MAX_NAME_LENGTH } from '../../contract/index.ts';
import type { Caption, PostGroup } from './caption.ts';
import { type InputProblem, toProblem } from './input-problem.ts';
import { parsePostUrl } from './post-url.ts';
import { type InputFormat, type RawRow, type RawRows, readRows, toRows } from './read-rows.ts';

/** `left_out`: rows that are not approved, or are beyond the limit. */
export type ParsedCaptions =
  | { ok: true; captions: Caption[]; left_out: number }
  | { ok: false; problems: InputProblem[] };

export type ParseOptions = {
  /** Captions at most; the newest posts come first. Absent: all. */
  limit?: number;
  /** The server's URL: a `post_url` must be one of its posts. */
  server?: string;
};

export function parseCaptions(text: string, format: InputFormat, options: ParseOptions = {}): ParsedCaptions {
  return chooseCaptions(readRows(text, format), options);
}

/** For a request body that is JSON already. */
export function parseCaptionList(value: unknown, options: ParseOptions = {}): ParsedCaptions {
  return chooseCaptions(toRows(value), options);
}

/** Captions in the order given, gathered by post. */
export function groupByPost(captions: readonly Caption[]): PostGroup[] {
  return [...Map.groupBy(captions, ({ post_id }) => post_id)].map(([post_id, members]) => ({
    post_id,
    captions: members,
  }));
}

function chooseCaptions(
  read: RawRows,
  { limit = Number.POSITIVE_INFINITY, server }: ParseOptions,
): ParsedCaptions {
  if (!read.ok) return read;
  const problems: InputProblem[] = [];
  const captions: Caption[] = [];
  const places = new Map<string, string>();
  for (const row of read.rows) {
    const status = toText(row.fields.status).toLowerCase();
    if (status === '')
      problems.push(toProblem(row.where, 'status', undefined, 'write approved, or what else it is'));
    if (status !== 'approved') continue;
    const found = toCaption(row, server);
    if (!found.ok) problems.push(...found.problems);
    else if (places.has(found.caption.image_id)) {
      const first = places.get(found.caption.image_id);
      problems.push(
        toProblem(
          row.where,
          'image_id',
          found.caption.image_id,
          `it is on ${first} already: keep one of them`,
        ),
      );
    } else {
      places.set(found.caption.image_id, row.where);
      captions.push(found.caption);
    }
  }
  if (problems.length > 0) return { ok: false, problems };
  const chosen = sortNewestFirst(captions).slice(0, limit);
  return { ok: true, captions: chosen, left_out: read.rows.length - chosen.length };
}

/** By the newest `updated_at` of a post; posts without one follow, by id, as servers number posts in time order. */
function sortNewestFirst(captions: readonly Caption[]): Caption[] {
  const age = ({ captions: members }: PostGroup) =>
    Math.max(...members.map(({ updated_at }) => (updated_at === null ? 0 : Date.parse(updated_at))));
  return groupByPost(captions)
    .map((group) => ({ group, at: age(group) }))
    .toSorted((one, other) => other.at - one.at || compareIds(other.group.post_id, one.group.post_id))
    .flatMap(({ group }) => group.captions);
}

function compareIds(one: string, other: string): number {
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : one > other ? 1 : 0;
}

type Field<T> = { value: T } | { problem: InputProblem };

function toCaption(
  { where, fields }: RawRow,
  server: string | undefined,
): { ok: true; caption: Caption } | { ok: false; problems: InputProblem[] } {
  const image = toImageId(where, fields);
  const post = toPostId(where, fields, server);
  const target = toTarget(where, fields);
  const text = toCaptionText(where, fields);
  const updated = toTime(where, fields);
  const all = [image, post, target, text, updated];
  const problems = all.flatMap((field) => ('problem' in field ? [field.problem] : []));
  if (
    'problem' in image ||
    'problem' in post ||
    'problem' in target ||
    'problem' in text ||
    'problem' in updated
  ) {
    return { ok: false, problems };
  }
  return {
    ok: true,
    caption: {
      image_id: image.value,
      post_id: post.value,
      target: target.value,
      text: text.value,
      updated_at: updated.value,
    },
  };
}

function toImageId(where: string, fields: RawRow['fields']): Field<string> {
  const value = toText(fields.image_id);
  if (value.length > MAX_NAME_LENGTH) {
    const remedy = `an image id has ${MAX_NAME_LENGTH} characters at most`;
    return { problem: toProblem(where, 'image_id', value, remedy) };
  }
  if (value !== '' && isExact(fields.image_id)) return { value };
  return { problem: toProblem(where, 'image_id', fields.image_id, 'give the image an id of its own') };
}

function toPostId(where: string, fields: RawRow['fields'], server: string | undefined): Field<string> {
  const id = toText(fields.post_id);
  if (id !== '') return toServerId(where, 'post_id', fields.post_id);
  const url = toText(fields.post_url);
  if (url === '') return { problem: toProblem(where, 'post_id', undefined, 'give post_id or post_url') };
  const found = parsePostUrl(url);
  if (found === null) {
    return {
      problem: toProblem(
        where,
        'post_url',
        url,
        'no post of a known form is named there: give post_id instead',
      ),
    };
  }
  if (server !== undefined && new URL(server).host !== found.host) {
    const remedy = `that post is not on ${new URL(server).host}: publish it with a connection to its own server`;
    return { problem: toProblem(where, 'post_url', url, remedy) };
  }
  return { value: found.id };
}

function toTarget(where: string, fields: RawRow['fields']): Field<Caption['target']> {
  if (toText(fields.media_id) !== '') {
    const id = toServerId(where, 'media_id', fields.media_id);
    return 'problem' in id ? id : { value: { media_id: id.value } };
  }
  const index = toText(fields.attachment_index);
  if (/^\d{1,3}$/.test(index)) return { value: { attachment_index: Number(index) } };
  const remedy =
    index === ''
      ? 'say which image of the post it is: give media_id or attachment_index'
      : 'count the images of the post from 0: 0, 1, 2 ...';
  return { problem: toProblem(where, index === '' ? 'media_id' : 'attachment_index', index, remedy) };
}

/** Ids become part of a URL, so nothing else may be in them. */
function toServerId(where: string, field: string, given: unknown): Field<string> {
  const value = toText(given);
  if (!isExact(given)) {
    return {
      problem: toProblem(where, field, given, 'a number this large loses digits in JSON: put it in quotes'),
    };
  }
  if (/^\d(?:[.,]\d+)?e\+?\d+$/i.test(value)) {
    const remedy = 'a spreadsheet has rounded this id: format the column as text and enter it again';
    return { problem: toProblem(where, field, value, remedy) };
  }
  if (/^[A-Za-z0-9_-]{1,64}$/.test(value)) return { value };
  return { problem: toProblem(where, field, value, 'an id has letters, digits, _ and - only') };
}

function toCaptionText(where: string, fields: RawRow['fields']): Field<string> {
  const reviewed = toText(fields.reviewed_caption);
  const field = reviewed === '' ? 'caption' : 'reviewed_caption';
  const value = (reviewed === '' ? toText(fields.caption) : reviewed).replace(/\r\n?/g, '\n');
  if (value === '')
    return { problem: toProblem(where, 'caption', undefined, 'an approved caption needs a text') };
  if (value.includes('\0') || !value.isWellFormed()) {
    return { problem: toProblem(where, field, value, 'remove the characters that are no text') };
  }
  return { value };
}

function toTime(where: string, fields: RawRow['fields']): Field<string | null> {
  const text = toText(fields.updated_at);
  if (text === '') return { value: null };
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return { value: new Date(time).toISOString() };
  return { problem: toProblem(where, 'updated_at', text, 'write a time like 2026-05-01T12:00:00Z') };
}

function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

function isExact(value: unknown): boolean {
  return typeof value !== 'number' || Number.isSafeInteger(value);
}
