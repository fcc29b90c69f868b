/** The known word a mistyped one was probably meant to be. Pure. */

/** Longer words are no slips of the finger, and comparing them costs their product. */
const MAX_LENGTH = 64;
const MAX_SUGGESTIONS = 3;

/**
 * The candidate nearest to `word` within a third of the longer one's length in edits (insert, delete, replace, swap
 * neighbours; upper and lower case alike), else null.
 */
export function toNearest(word: string, candidates: readonly string[]): string | null {
  if (word.length > MAX_LENGTH) return null;
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of candidates) {
    if (candidate.length > MAX_LENGTH) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (distance <= allowed && (best === null || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate ?? null;
}

/** Up to three names that `word` may have been meant for, the nearest first. */
export function toSuggestions(word: string, names: readonly string[]): string[] {
  const suggestions: string[] = [];
  while (suggestions.length < MAX_SUGGESTIONS) {
    const nearest = toNearest(
      word,
      names.filter((known) => !suggestions.includes(known)),
    );
    if (nearest === null) break;
    suggestions.push(nearest);
  }
  return suggestions;
}

/** `; did you mean "a" or "b"?`, or nothing. */
export function toHint(suggestions: readonly string[]): string {
  if (suggestions.length === 0) return '';
  return `; did you mean ${suggestions.map((name) => `"${name}"`).join(' or ')}?`;
}

/** Optimal string alignment distance (Damerau 1964, without edits inside a swap), by rows. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(at(row, j) + 1, at(next, j - 1) + 1, replaced, swapped));
    }
    before = row;
    row = next;
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
