/** Reads the text of a native preset file. Every refusal names the field, the value and what would be right. */
import { explainIssues, type NativePreset, nativePresetSchema } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';

const MAX_DEPTH = 32;
const MAX_NAMED = 5;

/** Throws BridgeError `preset_invalid`. */
export function parseNativePreset(text: string): NativePreset {
  const value = parseJson(text);
  refuseUnsafe(value);
  const parsed = nativePresetSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = explainIssues(parsed.error.issues, {
    schema: nativePresetSchema,
    value,
    whole: 'the preset',
  });
  const named = problems.slice(0, MAX_NAMED).map((problem) => problem.message);
  const more = problems.length - named.length;
  throw invalid(`${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`, { errors: problems });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What a schema cannot say, or would say badly: nesting without end, keys that reach into prototypes, numbers without end. */
function refuseUnsafe(root: unknown): void {
  const open = [{ value: root, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === 'number' && !Number.isFinite(value)) throw invalid('numbers must be finite');
    if (typeof value !== 'object' || value === null) continue;
    if (depth > MAX_DEPTH) throw invalid(`nested deeper than ${MAX_DEPTH} levels`);
    if (Object.hasOwn(value, '__proto__')) throw invalid('the key "__proto__" is not allowed; remove it');
    for (const member of Object.values(value)) open.push({ value: member, depth: depth + 1 });
  }
}

function invalid(message: string, extensions: Readonly<Record<string, unknown>> = {}): BridgeError {
  return new BridgeError('preset_invalid', message, extensions);
}
