/** Parses what a client sends; a refusal is a sentence, never a throw. */
import { type ClientFrame, clientFrameSchema, explainIssues } from '../contract/index.ts';

export type ParsedFrame = { ok: true; frame: ClientFrame } | { ok: false; error: string };

export function parseClientFrame(text: string): ParsedFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, error: 'the message is not valid JSON' };
  }
  const parsed = clientFrameSchema.safeParse(value);
  if (parsed.success) return { ok: true, frame: parsed.data };
  const issues = parsed.error.issues.slice(0, 3);
  const explained = explainIssues(issues, { schema: clientFrameSchema, value, whole: 'the message' });
  return { ok: false, error: explained.map(({ message }) => message).join('; ') };
}
