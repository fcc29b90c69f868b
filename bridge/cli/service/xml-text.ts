/** Text as the content of an XML element. Pure. */
import { requirePlainText } from './definition.ts';

/** Throws DefinitionError for characters that XML 1.0 has no form for. */
export function escapeXml(text: string): string {
  return requirePlainText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}
