import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { errorTable } from '../../../bridge/errors.ts';
import { apiGroups, apiOperations } from '../../../bridge/http/api-description/groups.ts';
import { refusalExamples, refusalsOf } from '../../../bridge/http/api-description/refusals.ts';
import { toApiDocument } from '../../../bridge/http/api-description/to-document.ts';
import { createApp } from '../../../bridge/http/app.ts';
import { createValidator, judgeAnswer, operationsOf } from '../../helpers/api-document.ts';
import { createStandIn } from '../../medium/http/stand-in.ts';

const document = toApiDocument(apiGroups, '1.2.3');
const operations = operationsOf(document);
const linter = fileURLToPath(new URL('../../../node_modules/@redocly/cli/bin/cli.js', import.meta.url));

describe('the description of the routes', () => {
  it('has every route of the app, and no other', () => {
    const { routes } = createApp(createStandIn().services);
    const registered = routes.map(
      ({ method, path }) => `${method} ${path.replace(/:(\w+)(\{[^}]*\})?/g, '{$1}')}`,
    );
    const described = operations.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(described).size).toBe(described.length);
    expect(described.sort()).toEqual([...new Set(registered)].sort());
  });

  it('names each operation once', () => {
    const ids = apiOperations.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(ids.filter((id) => !/^[a-z][A-Za-z]+$/.test(id))).toEqual([]);
  });

  it('has a sentence for every code a route can refuse with', () => {
    const codes = new Set(apiOperations.flatMap((operation) => [...refusalsOf(operation).values()].flat()));
    expect([...codes].filter((code) => refusalExamples[code] === undefined)).toEqual([]);
    // Only those that belong to no route are told in words instead.
    const told = Object.keys(errorTable).filter((code) => !(code in refusalExamples));
    expect(told).toEqual(['method_not_allowed']);
  });

  const validate = createValidator(document);
  it.each(operations)(
    'gives examples of $method $path that fit their own schemas',
    ({ method, path, operation }) => {
      const place = ['paths', path, method.toLowerCase()];
      const problems: (string | null)[] = [];
      for (const [type, content] of Object.entries(operation.requestBody?.content ?? {})) {
        for (const example of Object.values(content.examples ?? {}))
          if ('value' in example)
            problems.push(validate([...place, 'requestBody', 'content', type, 'schema'], example.value));
      }
      for (const [index, { example }] of (operation.parameters ?? []).entries())
        if (example !== undefined)
          problems.push(validate([...place, 'parameters', String(index), 'schema'], example));
      for (const [status, response] of Object.entries(operation.responses)) {
        if (!('content' in response)) continue;
        for (const [type, { example, examples = {} }] of Object.entries(response.content ?? {})) {
          const schema = [...place, 'responses', status, 'content', type, 'schema'];
          if (example !== undefined) problems.push(validate(schema, example));
          for (const code of Object.keys(examples))
            problems.push(validate(schema, document.components.examples[code]?.value));
        }
      }
      expect(problems.filter((problem) => problem !== null)).toEqual([]);
      expect(problems.length).toBeGreaterThan(0);
    },
  );

  it('gives an example of every JSON body and answer', () => {
    const bare = operations.flatMap(({ operation }) => {
      const bodies = Object.values(operation.requestBody?.content ?? {});
      const answers = Object.values(operation.responses).flatMap((response) =>
        'content' in response ? Object.values(response.content ?? {}) : [],
      );
      const isBare = [...bodies, ...answers].some(
        ({ schema, example, examples }) =>
          schema?.$ref !== undefined && example === undefined && examples === undefined,
      );
      return isBare ? [operation.operationId] : [];
    });
    expect(bare).toEqual([]);
  });

  it('is held so that an answer with another field, another code or another status is seen', () => {
    const one = operations.find(({ operation }) => operation.operationId === 'setPriority');
    if (one === undefined) throw new Error('the operation is gone');
    const judge = (status: number, body: object) =>
      judgeAnswer({ document, validate }, one, {
        status,
        type: status < 400 ? 'application/json' : 'application/problem+json',
        body: JSON.stringify(body),
      });
    const good = one.operation.responses['200'];
    const example = good && 'content' in good ? good.content?.['application/json']?.example : {};
    const problem = document.components.examples.illegal_transition?.value as object;
    expect(judge(200, example as object)).toBe(null);
    expect(judge(409, problem)).toBe(null);
    expect(judge(200, { ...(example as object), extra: 1 })).toContain('additional properties');
    expect(judge(200, { ...(example as object), priority: 11 })).toContain('<= 10');
    expect(judge(409, { ...problem, code: 'conflict' })).toContain('allowed values');
    expect(judge(202, example as object)).toContain('not in the document');
    expect(judge(422, { ...problem, status: 422, code: 'unprocessable' })).toContain('allowed values');
  });

  it('passes a public linter in its strictest set of rules', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-lint-'));
    const file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    expect(await lint(file)).toEqual([
      // The frames of the WebSocket, which no operation can refer to; they are there for those who generate types.
      'no-unused-components #/components/schemas/ClientFrame',
      'no-unused-components #/components/schemas/ServerFrame',
    ]);
    const spoilt = structuredClone(document);
    const { get } = spoilt.paths['/batch/list'] ?? {};
    if (get) get.operationId = 'startBatch';
    await writeFile(file, JSON.stringify(spoilt));
    expect((await lint(file)).join()).toContain('operation-operationId-unique');
  });
});

type LintReport = { problems: { ruleId: string; location: { pointer?: string }[] }[] };

async function lint(file: string): Promise<string[]> {
  const report = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      [linter, 'lint', '--extends', 'recommended-strict', '--format', 'json', file],
      {
        maxBuffer: 64 * 1024 * 1024,
        env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
      },
      (_error, stdout) => resolve(stdout),
    );
  });
  const { problems } = JSON.parse(report) as LintReport;
  return problems.map(({ ruleId, location }) => `${ruleId} ${location[0]?.pointer ?? ''}`).sort();
}
