/** Templates as text and back. Pure. */
import { basename } from 'node:path';
import { explainIssues, type Template, templateFileSchema } from '../contract/index.ts';
import { toError } from '../errors.ts';

const MAX_NAMED = 3;

/** Throws Error with what is wrong, for people. `file`: gives the name when the text has none. */
export function parseTemplate(text: string, file: string): Template {
  const value = parseJson(text);
  const parsed = templateFileSchema.safeParse(value);
  if (!parsed.success) {
    const whole = 'the template';
    const problems = explainIssues(parsed.error.issues, { schema: templateFileSchema, value, whole });
    throw new Error(
      problems
        .slice(0, MAX_NAMED)
        .map(({ message }) => message)
        .join('; '),
    );
  }
  const { name = basename(file, '.json'), description = null, start, saved_at = null } = parsed.data;
  return { name, description, operation: start.operation ?? null, saved_at, start };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (thrown) {
    throw new Error(`not valid JSON: ${toError(thrown).message}`);
  }
}

/** For people too: they may read it, copy it, and mend it. */
export function toTemplateText({ name, description, saved_at, start }: Template): string {
  return `${JSON.stringify({ name, ...(description !== null && { description }), saved_at, start }, null, 2)}\n`;
}
