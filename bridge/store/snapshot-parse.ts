/** Bytes of a state file to its content or the reason it has none. Pure; never throws because of what the bytes are. */
import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { STATE_SCHEMA, type StateFile, stateFileSchema } from '../contract/index.ts';
import { toHex } from './journal-record.ts';

export type ParsedSnapshot =
  | { kind: 'ok'; file: StateFile }
  /** Written by a later version: not ours to touch. */
  | { kind: 'newer' }
  | { kind: 'bad'; reason: string };

const SUM_TAIL = /,\n {2}"_sum": "([0-9a-f]{8})"\n\}\n$/;
const SUM_TAIL_BYTES = 25;
const MAX_BYTES = 512 * 1024 * 1024;
const MAX_DEPTH = 64;
const BYTE_ORDER_MARK = 0xfeff;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** The journal goes on above the highest `_seq`: a number from other hands must not use up those that can be counted. */
const MAX_SEQ = { own: 2 ** 53 - 2 ** 40, foreign: 2 ** 50 };

type Raw = Record<string, unknown>;
const isInteger = (value: unknown) => Number.isSafeInteger(value);
const isPair = (value: unknown) => Array.isArray(value) && value.length === 2 && value.every(isInteger);
/** Lists as long as the batch: checked by a plain loop, because a schema would take most of the load time. */
const longLists: Record<string, (value: unknown) => boolean> = {
  photo_ids: isInteger,
  processed_photo_ids: isInteger,
  failed_photo_ids: isInteger,
  _skipped: isInteger,
  _attempts: isPair,
  _crashes: isPair,
  _refs: (value) => value === null || typeof value === 'string' || typeof value === 'number',
};

/** A file without `_sum` (dropped in by hand, the seed's form) is accepted; one with a wrong `_sum` is not. */
export function parseSnapshot(bytes: Buffer, batchId: string): ParsedSnapshot {
  if (bytes.length === 0) return bad('the file is empty');
  if (bytes.length > MAX_BYTES) return bad('the file is too large');
  if (!isUtf8(bytes)) return bad('the file is not UTF-8 text');
  const sum = checkSum(bytes);
  if (sum === 'wrong') return bad('the checksum does not match');
  if (sum === 'absent' && isDeep(bytes)) return bad('the file is nested too deep');
  let raw: unknown;
  try {
    const text = bytes.toString('utf8');
    raw = JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text);
  } catch {
    return bad('the file is not valid JSON');
  }
  if (!isRecord(raw)) return bad('the file is not a JSON object');
  if (typeof raw._schema === 'number' && raw._schema > STATE_SCHEMA) return { kind: 'newer' };
  if (sum === 'absent' && '_sum' in raw) return bad('the checksum is not in its place');
  if (sum === 'absent' && !isTame(raw)) return bad('the file is nested too deep or holds a forbidden key');
  delete raw._sum;
  const file = checkState(raw);
  if (file.kind !== 'ok') return file;
  if (file.file.batch_id !== batchId) return bad('the batch id is not that of the file name');
  return sum === 'absent' ? checkForeign(file.file) : checkSeq(file.file, MAX_SEQ.own);
}

/** What the checksum vouches for otherwise: in our own form, items are known by their place among the ids. */
function checkForeign(file: StateFile): ParsedSnapshot {
  if (file._schema !== undefined && new Set(file.photo_ids).size < file.photo_ids.length)
    return bad('photo_ids holds an id twice');
  return checkSeq(file, MAX_SEQ.foreign);
}

function checkSeq(file: StateFile, most: number): ParsedSnapshot {
  const { _seq = 0 } = file;
  return _seq >= 0 && _seq <= most ? { kind: 'ok', file } : bad('_seq: not a number a record can have');
}

/** The schema of a state file, in time that hardly grows with the batch. Carries unknown keys through. */
export function checkState(raw: Raw): ParsedSnapshot {
  const short: Raw = { ...raw };
  const long: Raw = {};
  for (const [key, isValid] of Object.entries(longLists)) {
    const list = raw[key];
    if (!Array.isArray(list) || list.length < 16) continue;
    if (!list.every(isValid)) return bad(`${key} holds a wrong value`);
    long[key] = list;
    short[key] = [];
  }
  const parsed = stateFileSchema.safeParse(short);
  if (parsed.success) return { kind: 'ok', file: Object.assign(parsed.data, long) };
  const issue = parsed.error.issues[0];
  return bad(`${issue?.path.join('.') ?? 'the file'}: ${issue?.message ?? 'not a state file'}`);
}

function bad(reason: string): ParsedSnapshot {
  return { kind: 'bad', reason };
}

function checkSum(bytes: Buffer): 'right' | 'wrong' | 'absent' {
  const start = bytes.length - SUM_TAIL_BYTES;
  if (start < 0) return 'absent';
  const match = SUM_TAIL.exec(bytes.toString('latin1', start));
  if (match === null) return 'absent';
  return toHex(crc32(bytes.subarray(0, start))) === match[1] ? 'right' : 'wrong';
}

function isRecord(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Before it is parsed: megabytes of brackets would cost seconds, and end at the first few of them here. */
function isDeep(bytes: Buffer): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === BACKSLASH && inText) at += 1;
    else if (byte === QUOTE) inText = !inText;
    else if (!inText && (byte === 0x5b || byte === 0x7b)) depth += 1;
    else if (!inText && (byte === 0x5d || byte === 0x7d)) depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/** Bounded depth (later code recurses) and no key that could reach a prototype. Iterative: depth must not hurt here. */
function isTame(root: unknown): boolean {
  const stack: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { value, depth } = entry;
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_DEPTH || Object.hasOwn(value, '__proto__')) return false;
    for (const inner of Object.values(value)) stack.push({ value: inner, depth: depth + 1 });
  }
  return true;
}
