/** Two parts of a start body made into one. Pure. */

type Part = Readonly<Record<string, unknown>>;

/**
 * What `over` says wins, key by key; of `config`, and of `output` in it, each key by itself. A `config` of null is one: then
 * nothing of the other is left.
 */
export function mergeStart(under: Part, over: Part): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...under, ...over };
  const [low, high] = [under.config, over.config];
  if (!isObject(low) || !isObject(high)) return merged;
  const output = isObject(low.output) && isObject(high.output) && { ...low.output, ...high.output };
  return { ...merged, config: { ...low, ...high, ...(output && { output }) } };
}

function isObject(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
