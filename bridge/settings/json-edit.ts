/** Changes single keys in a JSON text and leaves everything else, comments and layout too, as it is. Knows no settings. */
import { type JsonMember, type JsonNode, parseJsonText } from './json-text.ts';

type JsonObject = JsonNode & { kind: 'object' };
type Tree = Readonly<Record<string, unknown>>;

/** The text after a JSON merge patch (RFC 7396). Throws Error when the text is no JSON object. */
export function mergeJsonText(text: string, patch: Tree): string {
  return mergeAt(text, [], patch);
}

function mergeAt(text: string, path: readonly string[], patch: Tree): string {
  let edited = text;
  for (const [key, value] of Object.entries(patch)) {
    const place = [...path, key];
    const object = findObject(edited, path);
    const member = findMember(object, key);
    if (value === null) {
      edited = removeMember(edited, path, key);
    } else if (!isTree(value)) edited = setMember(edited, object, key, value);
    else {
      if (member?.value.kind !== 'object') edited = setMember(edited, object, key, {});
      edited = mergeAt(edited, place, value);
    }
  }
  return edited;
}

function findObject(text: string, path: readonly string[]): JsonObject {
  let node = parseJsonText(text);
  for (const key of path) {
    const member = node.kind === 'object' ? findMember(node, key) : undefined;
    if (member === undefined) throw new Error(`has no section "${path.join('.')}"`);
    node = member.value;
  }
  if (node.kind !== 'object') throw new Error('must hold one JSON object');
  return node;
}

/** Of a doubled key the last: the one that counts. */
function findMember({ members }: JsonObject, key: string): JsonMember | undefined {
  return members.findLast((member) => member.key === key);
}

function setMember(text: string, object: JsonObject, key: string, value: unknown): string {
  const member = findMember(object, key);
  const indent = indentAt(text, object.start);
  if (member !== undefined)
    return splice(text, member.value.start, member.value.end, write(value, indentAt(text, member.start)));
  const isOneLine = object.members.length > 0 && !text.slice(object.start, object.end).includes('\n');
  const [first] = object.members;
  const inner = first === undefined || isOneLine ? `${indent}  ` : indentAt(text, first.start);
  const line = `${isOneLine ? ' ' : `\n${inner}`}${JSON.stringify(key)}: ${write(value, inner)}`;
  const last = object.members.at(-1);
  if (last === undefined) {
    const kept = text.slice(object.start + 1, object.end - 1).trimEnd();
    return splice(text, object.start, object.end, `{${kept}${line}\n${indent}}`);
  }
  const behind = endOfLineComment(text, last.comma === -1 ? last.value.end : last.comma + 1);
  const withLine = splice(text, behind, behind, line);
  return last.comma === -1 ? splice(withLine, last.value.end, last.value.end, ',') : withLine;
}

/** All of a doubled key: else an older one would count again. */
function removeMember(text: string, path: readonly string[], key: string): string {
  let edited = text;
  while (true) {
    const { members } = findObject(edited, path);
    const index = members.findLastIndex((member) => member.key === key);
    const member = members[index];
    if (member === undefined) return edited;
    edited = removeOne(edited, member, members[index - 1]);
  }
}

/** The member before loses its comma when nothing follows any more. */
function removeOne(text: string, member: JsonMember, before: JsonMember | undefined): string {
  const isLast = member.comma === -1;
  const cut = cutLines(text, member.start, isLast ? member.value.end : member.comma + 1);
  return isLast && before !== undefined ? splice(cut, before.comma, before.comma + 1, '') : cut;
}

/** Cuts from `start` to `end`, and the line with it when nothing else is left on it. */
function cutLines(text: string, start: number, end: number): string {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = text.indexOf('\n', end);
  const isAlone =
    lineStart > 0 &&
    lineEnd !== -1 &&
    `${text.slice(lineStart, start)}${text.slice(end, lineEnd)}`.trim() === '';
  return isAlone ? splice(text, lineStart, lineEnd + 1, '') : splice(text, start, end, '');
}

/** Behind a comment that stands on the same line, else `from`. */
function endOfLineComment(text: string, from: number): number {
  const comment = /^[ \t]*(?:\/\/[^\n\r]*|(?:\/\*(?:(?!\*\/)[^\n])*\*\/[ \t]*)+(?=[\r\n]))/.exec(
    text.slice(from),
  );
  return from + (comment?.[0].length ?? 0);
}

function indentAt(text: string, place: number): string {
  const line = text.slice(text.lastIndexOf('\n', place - 1) + 1);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function write(value: unknown, indent: string): string {
  const json =
    Array.isArray(value) && JSON.stringify(value).length < 80
      ? JSON.stringify(value)
      : JSON.stringify(value, null, 2);
  return json.replaceAll('\n', `\n${indent}`);
}

function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
