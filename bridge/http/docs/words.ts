/** The few marks of Markdown that the descriptions use, as HTML: paragraphs, lists, code, and links to schemas by name. */
import { html, raw } from 'hono/html';

export type Html = ReturnType<typeof html>;

/** `known`: names of schemas, which become links where they stand as code. */
export function toHtml(text: string, known: ReadonlySet<string> = new Set()): Html {
  const blocks = text.split(/\n\n+/).map((block) => {
    const lines = block.split('\n');
    if (!lines.every((line) => line.startsWith('- '))) return html`<p>${toInline(block, known)}</p>`;
    return html`<ul>${lines.map((line) => html`<li>${toInline(line.slice(2), known)}</li>`)}</ul>`;
  });
  return html`${blocks}`;
}

export function toInline(text: string, known: ReadonlySet<string> = new Set()): Html {
  const parts = text.split(/(`[^`]+`)/).map((part) => {
    if (part.length < 3 || !part.startsWith('`')) return html`${part}`;
    const code = part.slice(1, -1);
    return known.has(code)
      ? html`<a href="#schema-${code}"><code>${code}</code></a>`
      : html`<code>${code}</code>`;
  });
  return html`${parts}`;
}

/** Something wide that scrolls by itself, also with the keyboard. */
export function toScroller(label: string, content: Html): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${label}">${content}</div>`;
}

export function toCode(label: string, text: string): Html {
  return html`<pre role="region" tabindex="0" aria-label="${label}"><code>${text}</code></pre>`;
}

export const nothing = raw('');
