/** The daemon's refusal of a form, put where it belongs. Pure. */
import { BridgeProblem } from '../../../client/index.ts';

export type FieldRules<Name extends string> = {
  /** The first that fits the field's path, or the beginning of the sentence. */
  fieldOf: readonly (readonly [RegExp, Name])[];
  fieldOfCode?: Readonly<Record<string, Name>>;
};

export type FieldRefusal<Name extends string> = {
  fields: Partial<Record<Name, string>>;
  rest: string | null;
};

export const noRefusal = { fields: {}, rest: null } as const;

/** What names no field of the form goes to `rest`. */
export function toFieldRefusal<Name extends string>(
  thrown: unknown,
  { fieldOf, fieldOfCode = {} }: FieldRules<Name>,
): FieldRefusal<Name> {
  if (!(thrown instanceof BridgeProblem)) return { fields: {}, rest: String(thrown) };
  if (thrown.status === 0) return { fields: {}, rest: 'The daemon does not answer.' };
  const find = (text: string) => fieldOf.find(([pattern]) => pattern.test(text))?.[1];
  const told = new Map<Name, string[]>();
  const rest: string[] = [];
  for (const { field, message } of toErrors(thrown.problem)) {
    const name = find(field) ?? find(message) ?? fieldOfCode[thrown.code];
    if (name === undefined) rest.push(message);
    else told.set(name, [...(told.get(name) ?? []), message]);
  }
  const fields = Object.fromEntries([...told].map(([name, messages]) => [name, join(messages)]));
  return { fields: fields as Partial<Record<Name, string>>, rest: rest.length === 0 ? null : join(rest) };
}

const MOST = 5;

function join(messages: readonly string[]): string {
  const more = messages.length - MOST;
  return [...messages.slice(0, MOST), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function toErrors(
  problem: Record<string, unknown> & { detail: string },
): { field: string; message: string }[] {
  const { errors, field, detail } = problem;
  if (Array.isArray(errors) && errors.length > 0) {
    return errors.map((entry: { field?: unknown; message?: unknown }) => ({
      field: String(entry.field ?? ''),
      message: String(entry.message ?? ''),
    }));
  }
  return [{ field: typeof field === 'string' ? field : '', message: detail }];
}
