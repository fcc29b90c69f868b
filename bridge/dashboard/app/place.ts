/** What an address behind `#` means. Pure. */
export type Place = { path: string; query: URLSearchParams };

export function toPlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  return { path: path === '' || path === '/' ? '/batches' : path, query: new URLSearchParams(query) };
}

/** The parameters when the path fits the pattern, else null. */
export function matchPattern(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const piece = given[index] ?? '';
    if (part.startsWith(':') && piece !== '') params[part.slice(1)] = decodePiece(piece);
    else if (part !== piece) return null;
  }
  return params;
}

function decodePiece(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}
