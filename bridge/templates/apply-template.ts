/** A start body and the template it names, made into one. Pure. */
import { mergeStart, type TemplateStart } from '../contract/index.ts';

/**
 * The start body as it was sent, without `template` and with what only the template says. What the body says wins, key by key,
 * in `config` and `config.output` too. What neither says is absent, for the defaults to fill.
 */
export function applyTemplate(
  body: Readonly<Record<string, unknown>>,
  start: TemplateStart,
): Record<string, unknown> {
  const { template: _name, ...own } = body;
  return mergeStart({ ...start }, own);
}
