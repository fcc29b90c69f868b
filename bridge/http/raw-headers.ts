/** Reads header lines as they were received, doubled ones included. Pure. */

/** All values of a header (name in lower case), in order, without the blanks around them. */
export function toHeaderValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) values.push(trimBlanks(rawHeaders[index + 1] ?? ''));
  }
  return values;
}

/** Whether the headers say that a body follows; a declared length of 0 is none. */
export function isBodyAnnounced(rawHeaders: readonly string[]): boolean {
  if (toHeaderValues(rawHeaders, 'transfer-encoding').length > 0) return true;
  return toHeaderValues(rawHeaders, 'content-length').some((length) => length !== '0');
}

/** RFC 9110, 5.5: spaces and tabs. `trim` would take away a no-break space too, which is a byte of the value. */
function trimBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start += 1;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
