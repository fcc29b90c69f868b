/** Reads header lines as they were received, doubled ones included. Pure. */

/** All values of a header (name in lower case), in order, without the blanks around them. */
export function toHeaderValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) values.push((rawHeaders[index + 1] ?? '').trim());
  }
  return values;
}

/** Whether the headers say that a body follows; a declared length of 0 is none. */
export function isBodyAnnounced(rawHeaders: readonly string[]): boolean {
  if (toHeaderValues(rawHeaders, 'transfer-encoding').length > 0) return true;
  return toHeaderValues(rawHeaders, 'content-length').some((length) => length !== '0');
}
