/** Which keys a schema knows at a place inside it, for "did you mean". Reads schemas, never parses with them. */
import type { z } from 'zod';

/** The parts of zod's schema definitions that are walked. */
type Definition = {
  type: string;
  shape?: Record<string, z.ZodType>;
  innerType?: z.ZodType;
  in?: z.ZodType;
  element?: z.ZodType;
  valueType?: z.ZodType;
  options?: z.ZodType[];
};

/** Keys of the object(s) found at `path`; empty when there is none. */
export function toKnownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let places = toPlain(schema);
  for (const key of path) places = places.flatMap((place) => toChild(place, key));
  return [...new Set(places.flatMap((place) => Object.keys(place.shape ?? {})))];
}

function toChild(place: Definition, key: PropertyKey): Definition[] {
  const child = place.shape?.[String(key)] ?? place.element ?? place.valueType;
  return child === undefined ? [] : toPlain(child);
}

/** Without optional, default, prefault, nullable, transform; a union gives all its options. */
function toPlain(schema: z.ZodType): Definition[] {
  const definition = schema.def as unknown as Definition;
  if (definition.options !== undefined) return definition.options.flatMap(toPlain);
  const inner = definition.innerType ?? definition.in;
  return inner === undefined ? [definition] : toPlain(inner);
}
