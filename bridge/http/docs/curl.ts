/** The curl line of an operation, from its examples. For a POSIX shell. */
import type { ApiOperation } from '../api-description/to-document.ts';

export type Call = { origin: string; method: string; path: string; operation: ApiOperation };

export function toCurl({ origin, method, path, operation }: Call): string {
  const { parameters = [], requestBody } = operation;
  const filled = path.replace(/\{(\w+)\}/g, (_all, name) =>
    encodeURIComponent(String(parameters.find((one) => one.name === name)?.example ?? name)),
  );
  const query = parameters
    .filter(({ in: place, example }) => place === 'query' && example !== undefined)
    .map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`);
  const url = origin + filled + (query.length === 0 ? '' : `?${query.join('&')}`);
  const [example] = Object.values(requestBody?.content['application/json']?.examples ?? {});
  const body = example !== undefined && 'value' in example ? example.value : undefined;
  const needsBody = body !== undefined && (requestBody?.required === true || !isEmpty(body));
  const isBytes = Object.keys(toContent(operation)).some((type) => type.startsWith('image/'));
  return [
    'curl',
    ...(method === 'get' || (method === 'post' && needsBody) ? [] : ['-X', method.toUpperCase()]),
    toWord(url),
    ...(needsBody ? ['-H', "'Content-Type: application/json'", '-d', toWord(JSON.stringify(body))] : []),
    ...(isBytes ? ['-o', 'photo.jpg'] : []),
  ].join(' ');
}

function toContent({ responses }: ApiOperation): object {
  const answer = responses['200'];
  return answer !== undefined && 'content' in answer ? (answer.content ?? {}) : {};
}

function isEmpty(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.keys(body).length === 0;
}

function toWord(text: string): string {
  return /^[\w:/.%-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
