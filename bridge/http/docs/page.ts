/** The page at `/docs`: the whole OpenAPI document as one HTML page that needs no script and nothing from elsewhere. */
import { html } from 'hono/html';
import type { ApiDocument } from '../api-description/to-document.ts';
import { toCodeTable, toOperationView } from './operation-view.ts';
import { toExample, toTypeLine, toVariants } from './schema-view.ts';
import { docsStyle } from './style.ts';
import { type Html, nothing, toHtml } from './words.ts';

type Entry = { method: string; path: string; operation: ApiDocument['paths'][string][string] };

export function toDocsPage(document: ApiDocument, origin: string): string {
  const entries: Entry[] = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const groups = document.tags.map((tag) => ({
    ...tag,
    id: `group-${tag.name.toLowerCase().replaceAll(' ', '-')}`,
    entries: entries.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  const known = new Set(Object.keys(document.components.schemas));
  const { title, version, description } = document.info;
  const nav = toNav(groups, document);
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} ${version}: the API</title>
<style>${docsStyle}</style>
</head>
<body>
<a class="skip" href="#start">Skip to the description</a>
<nav class="side" aria-label="Operations">${nav}</nav>
<main id="start">
<header>
<h1>${title} <small>${version}</small></h1>
${toHtml(description, known)}
<p>For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI ${document.openapi}).
In the tables <span class="must">*</span> means: must be given, or is always there.</p>
<details class="menu"><summary>All operations</summary><nav aria-label="Operations, short">${nav}</nav></details>
</header>
${toGeneral(document)}
${groups.map(
  ({ id, name, description: about, entries: own }) => html`<section aria-labelledby="${id}">
<h2 id="${id}">${name}</h2>
${toHtml(about, known)}
${own.map((entry) => toOperationView({ origin, ...entry }, document))}
</section>`,
)}
${toSchemaSection(document)}
</main>
</body>
</html>
`);
}

type NavGroup = { id: string; name: string; entries: readonly Entry[] };

function toNav(groups: readonly NavGroup[], { components }: ApiDocument): Html {
  return html`${groups.map(
    ({ id, name, entries }) => html`<p><a href="#${id}">${name}</a></p>
<ul>${entries.map(
      ({ method, operation }) =>
        html`<li><a href="#${operation.operationId}"><span class="method ${method}">${method.toUpperCase()}</span> ${operation.summary}</a></li>`,
    )}</ul>`,
  )}
<p><a href="#schemas">Schemas</a></p>
<ul>${Object.keys(components.schemas).map(
    (name) => html`<li><a href="#schema-${name}">${name}</a></li>`,
  )}</ul>`;
}

function toGeneral(document: ApiDocument): Html {
  const { responses, examples } = document.components;
  return html`<section aria-labelledby="refusals">
<h2 id="refusals">Refusals</h2>
<p>All have this form, as <code>application/problem+json</code>: <a href="#schema-Problem">Problem</a>.</p>
${toExample('A refusal', examples.illegal_transition?.value ?? {})}
<p>Beside those that are named with it, every operation may be refused with these:</p>
${toCodeTable('Refusals of every operation', Object.values(responses), document)}
</section>`;
}

function toSchemaSection({ components }: ApiDocument): Html {
  const known = new Set(Object.keys(components.schemas));
  return html`<section aria-labelledby="schemas">
<h2 id="schemas">Schemas</h2>
${Object.entries(components.schemas).map(
  ([name, schema]) => html`<article id="schema-${name}">
<h3><a class="self" href="#schema-${name}">${name}</a></h3>
${typeof schema.description === 'string' ? toHtml(schema.description, known) : nothing}
${schema.properties === undefined && schema.oneOf === undefined ? html`<p>${toTypeLine(schema)}</p>` : nothing}
${toVariants(name, schema)}
</article>`,
)}
</section>`;
}
