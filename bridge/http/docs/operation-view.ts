/** One operation as HTML: what it does, a line to try it, what it takes, what it answers and refuses. */
import { html } from 'hono/html';
import type { ApiContent, ApiDocument, ApiOperation, ApiResponse } from '../api-description/to-document.ts';
import { PROBLEM_TYPE } from '../problem.ts';
import { type Call, toCurl } from './curl.ts';
import { toExample, toTypeLine } from './schema-view.ts';
import { type Html, nothing, toHtml, toInline, toScroller } from './words.ts';

export function toOperationView(call: Call, document: ApiDocument): Html {
  const { method, path, operation } = call;
  const known = new Set(Object.keys(document.components.schemas));
  const { operationId, summary, description } = operation;
  return html`<article id="${operationId}">
<h3><a class="self" href="#${operationId}"><span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code></a></h3>
<p class="summary">${summary}</p>
${description === undefined ? nothing : toHtml(description, known)}
<pre class="line"><code>${toCurl(call)}</code></pre>
${toParameters(operation)}
${toBody(operation)}
${toAnswers(operation)}
${toRefusals(operation, document)}
</article>`;
}

function toParameters({ operationId, parameters = [] }: ApiOperation): Html {
  if (parameters.length === 0) return nothing;
  return toScroller(
    `Parameters of ${operationId}`,
    html`<table><caption>Parameters</caption>
<thead><tr><th scope="col">Name</th><th scope="col">In</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
<tbody>${parameters.map(
      (
        one,
      ) => html`<tr><th scope="row"><code>${one.name}</code>${one.required ? html` <span class="must" title="must be given">*</span>` : ''}</th>
<td>${one.in}</td><td>${toTypeLine(one.schema)}</td><td>${toInline(one.description ?? '')}</td></tr>`,
    )}</tbody></table>`,
  );
}

function toBody({ operationId, requestBody }: ApiOperation): Html {
  if (requestBody === undefined) return nothing;
  return html`<h4>Body${requestBody.required ? '' : ' (may be left out)'}</h4>
${Object.entries(requestBody.content).map(
  ([type, content]) => html`<p><code>${type}</code>: ${toTypeLine(content.schema ?? {})}</p>
${toExamples(`${operationId}, body`, content)}`,
)}`;
}

function toAnswers({ operationId, responses }: ApiOperation): Html {
  const answers = Object.entries(responses).filter(
    (entry): entry is [string, ApiResponse] => Number(entry[0]) < 400 && 'description' in entry[1],
  );
  return html`<h4>Answers</h4>
${answers.map(
  ([
    status,
    { description, headers = {}, content = {} },
  ]) => html`<p><b>${status}</b> ${toInline(description)}${Object.entries(headers).map(
    ([name, header]) => html` Header <code>${name}</code>: ${toInline(header.description)}`,
  )}</p>
${Object.entries(content).map(
  ([
    type,
    form,
  ]) => html`<p><code>${type}</code>${form.schema && Object.keys(form.schema).length > 0 ? html`: ${toTypeLine(form.schema)}` : ''}</p>
${toExamples(`${operationId}, answer ${status}`, form)}`,
)}`,
)}`;
}

function toExamples(label: string, { example, examples = {} }: ApiContent): Html {
  const all = Object.values(examples).filter((one) => 'value' in one);
  const shown = example === undefined ? all : [{ summary: 'Example', value: example }, ...all];
  return html`${shown.map(
    ({ summary = 'Example', value }) =>
      html`<details><summary>${summary}</summary>${toExample(`${label}: ${summary}`, value)}</details>`,
  )}`;
}

/** Codes by status; what every route refuses stands once, at the top of the page. */
function toRefusals({ operationId, responses }: ApiOperation, document: ApiDocument): Html {
  return html`<details><summary>Refusals</summary>${toCodeTable(
    `Refusals of ${operationId}`,
    Object.values(responses),
    document,
  )}</details>`;
}

export function toCodeTable(
  label: string,
  responses: readonly (ApiResponse | { $ref: string })[],
  document: ApiDocument,
): Html {
  const codes = responses.flatMap((response) =>
    Object.keys('content' in response ? (response.content?.[PROBLEM_TYPE]?.examples ?? {}) : {}),
  );
  return toScroller(
    label,
    html`<table><thead><tr><th scope="col">Status</th><th scope="col">Code</th><th scope="col">For example</th></tr></thead>
<tbody>${codes.map((code) => {
      const { status = '', error = '' } = toProblem(document, code);
      return html`<tr><td>${status}</td><th scope="row"><code>${code}</code></th><td>${error}</td></tr>`;
    })}</tbody></table>`,
  );
}

function toProblem({ components }: ApiDocument, code: string): { status?: number; error?: string } {
  const value = components.examples[code]?.value;
  return typeof value === 'object' && value !== null ? value : {};
}
