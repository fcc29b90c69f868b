import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startBodySchema } from '../../../bridge/contract/index.ts';
import { apiOperations } from '../../../bridge/http/api-description/groups.ts';
import { createApp } from '../../../bridge/http/app.ts';
import { parseFormat, toPlainAnswer } from '../../../bridge/http/plain/answer.ts';
import { toKeyLines, toPairs, toTable } from '../../../bridge/http/plain/lines.ts';
import { findTable, listMembers } from '../../../bridge/http/plain/tables.ts';
import { createStandIn } from '../../medium/http/stand-in.ts';

/** What a reader needs to know: ten lines. */
function unescapeText(text: string): string {
  const meant: Record<string, string> = { n: '\n', r: '\r', t: '\t', e: '=' };
  return text.replace(/\\(.)/g, (_all, letter: string) => meant[letter] ?? letter);
}
function readPairs(text: string): Map<string, string> {
  const lines = text.split('\n').slice(0, -1);
  return new Map(
    lines.map((line) => [line.split('=', 1)[0]!, unescapeText(line.slice(line.indexOf('=') + 1))]),
  );
}
function readTable(text: string): Map<string, string>[] {
  const [header, ...rows] = text.split('\n').slice(0, -1);
  const names = header!.split('\t');
  return rows.map(
    (row) => new Map(row.split('\t').map((cell, index) => [names[index]!, unescapeText(cell)])),
  );
}

const awkward = fc.string({
  unit: fc.constantFrom('a', '=', '.', '\\', '\n', '\r', '\t', 'n', 'e', 'é', '😀', ' '),
});
const scalar = fc.oneof(awkward, fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null));
const text = (value: unknown) => (value === null ? '' : String(value));

describe('an object as lines', () => {
  it('gives back every key and every value, whatever is in them', () => {
    fc.assert(
      fc.property(fc.dictionary(awkward, scalar), (object) => {
        const read = [...readPairs(toKeyLines(object))].map(([key, value]) => [unescapeText(key), value]);
        expect(read).toEqual(Object.entries(object).map(([key, value]) => [key, text(value)]));
      }),
    );
  });

  it('gives every value of a nested one its own key and its own line', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), (value) => {
        fc.pre(!hasLoneSurrogate(value));
        const pairs = [...toPairs(value)];
        expect(new Set(pairs.map(([key]) => key)).size).toBe(pairs.length);
        expect(toKeyLines(value).split('\n')).toHaveLength(pairs.length + 1);
        expect([...readPairs(toKeyLines(value)).values()]).toEqual(
          pairs.map(([, cell]) => unescapeText(cell)),
        );
      }),
    );
  });

  it('names values by their path and counts lists from 1', () => {
    const holds = [{ owner: 'user', until: null }, { owner: 'client:a=b' }];
    expect(toKeyLines({ status: 'paused', holds, warnings: [], codes: {}, 'a.b': 1, 'a=b\n': 'c\n=d' })).toBe(
      [
        'status=paused',
        'holds.count=2',
        'holds.1.owner=user',
        'holds.1.until=',
        'holds.2.owner=client:a=b',
        'warnings.count=0',
        'codes=',
        String.raw`a\.b=1`,
        String.raw`a\eb\n=c\n=d`,
        '',
      ].join('\n'),
    );
  });
});

describe('a list as a table', () => {
  it('gives back every cell, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ a: scalar, b: awkward, list: fc.array(awkward) })), (elements) => {
        const read = readTable(toTable(elements, ['a', 'b', 'list']));
        expect(read).toHaveLength(elements.length);
        for (const [index, { a, b, list }] of elements.entries()) {
          const row = read[index]!;
          expect([row.get('a'), row.get('b')]).toEqual([text(a), b]);
          const members = row.get('list')!.split('\n').map(unescapeText);
          expect(list.length === 0 ? [''] : list).toEqual(members);
        }
      }),
    );
  });

  it('has its known columns first and always, and those of the data behind them', () => {
    const elements = [
      { id: 1, output: null, details: { title: 'x', empty: null } },
      { id: 2, tags: [{}, {}] },
    ];
    expect(toTable(elements, ['id', 'output.path'])).toBe(
      'id\toutput.path\tdetails.title\ttags.count\n1\t\tx\t\n2\t\t\t2\n',
    );
    expect(toTable([], ['id', 'output.path'])).toBe('id\toutput.path\n');
  });

  it.each(Object.keys(listMembers))('knows the columns of %s, so that no line of it is empty', (id) => {
    const { method, path } = apiOperations.find((one) => one.id === id)!;
    const { columns } = findTable(method, path.replace(/\{(\w+)\}/g, ':$1'))!;
    expect(columns.length).toBeGreaterThan(1);
    expect(columns.filter((column) => !/^\w+(\.\w+)*$/.test(column))).toEqual([]);
  });

  it('leaves out no answer that is a page of things', () => {
    const paged = apiOperations.filter(
      ({ id, query }) => /^list/.test(id) || query?.schema.shape.cursor !== undefined,
    );
    expect(paged.map(({ id }) => id).filter((id) => !(id in listMembers))).toEqual([]);
    expect(paged.length).toBeGreaterThan(4);
  });
});

function hasLoneSurrogate(value: unknown): boolean {
  return /\\ud[89a-f]/.test(JSON.stringify(value));
}

const app = createApp(createStandIn().services);
async function ask(target: string, init: RequestInit = {}) {
  const response = await app.fetch(new Request(`http://localhost:5100${target}`, init));
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe('who asks for plain text', () => {
  it('says so in the query, or names it in Accept before JSON', () => {
    const of = (target: string, accept?: string) => parseFormat(target, accept).format;
    expect(of('/health?format=plain')).toBe('plain');
    expect(of('/health', 'text/plain')).toBe('plain');
    expect(of('/health', 'text/plain;q=0.9, application/json;q=0.1')).toBe('plain');
    expect(of('/health', 'text/plain, */*;q=0.1')).toBe('plain');
    expect(of('/health?format=json', 'text/plain')).toBe('json');
    for (const accept of [
      undefined,
      '*/*',
      'application/json, text/plain, */*',
      'text/plain;q=0',
      'text/plain;q=x',
    ])
      expect(of('/health?format=', accept)).toBe('json');
  });

  it('is told of a format there is none of, before anything is done', async () => {
    const standIn = createStandIn();
    const own = createApp(standIn.services);
    for (const query of ['format=xml', 'format=plain&format=json']) {
      const request = new Request(`http://localhost:5100/batch/start?${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"photo_ids":[1]}',
      });
      const response = await own.fetch(request);
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { code: 'bad_request', field: 'format' },
      ]);
    }
    expect(standIn.services.batches.list({ limit: 10 }).count).toBe(0);
  });
});

describe('every route', () => {
  const isText = 'text/plain; charset=utf-8';
  const target = (path: string) =>
    path
      .replace('{batch_id}', 'batch_0123456789ab')
      .replace('{photo_id}', '1')
      .replace(/\{\w+\}/g, 'x');
  const json = apiOperations.filter(({ answers }) => answers.some(({ type }) => type === undefined));

  it.each(json)(
    'answers $method $path in plain text with the status of its JSON',
    async ({ method, path }) => {
      const init =
        method === 'GET' ? {} : { method, headers: { 'content-type': 'application/json' }, body: '{}' };
      const separator = '?timeout_s=0&format=plain';
      const plain = await ask(target(path) + (path === '/events' ? separator : '?format=plain'), init);
      const asJson = await ask(target(path) + (path === '/events' ? '?timeout_s=0' : ''), init);
      expect(plain.headers.get('content-type')).toBe(isText);
      if (!path.endsWith('results.json')) expect(plain.status).toBe(asJson.status);
      expect(plain.text.endsWith('\n')).toBe(true);
      const body = JSON.parse(asJson.text) as Record<string, unknown>;
      if (plain.status < 400) return;
      const lines = plain.text.split('\n');
      expect(lines[0]).toMatch(/^error=./);
      expect(lines[1]).toBe(`code=${String(body.code)}`);
      expect(lines[2]).toBe(`status=${plain.status}`);
    },
  );

  it('keeps its status and headers, and sends no body for HEAD', async () => {
    const missing = await ask('/nothing?format=plain');
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, isText]);
    const wrong = await ask('/health?format=plain', { method: 'POST' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const head = await ask('/health?format=plain', { method: 'HEAD' });
    expect([head.status, head.text, head.headers.get('content-type')]).toEqual([200, '', isText]);
    const document = await ask('/openapi.json?format=plain');
    expect(document.headers.get('etag')).toBeNull();
  });

  it('gives pictures, metrics and tables as they are', async () => {
    expect((await ask('/photos/1/thumbnail?format=plain')).headers.get('content-type')).toBe('image/jpeg');
    expect((await ask('/metrics?format=plain')).text).toBe('# none\n');
  });

  it('refuses a download, whose columns nobody knows before its end', async () => {
    const standIn = createStandIn();
    const own = createApp(standIn.services);
    const { batch_id } = await standIn.services.batches.start(startBodySchema.parse({ photo_ids: [1] }), {});
    const url = `http://localhost:5100/batch/${batch_id}`;
    const refused = await own.fetch(new Request(`${url}/results.json?format=plain`));
    expect([refused.status, refused.headers.get('content-type')]).toEqual([400, isText]);
    expect(await refused.text()).toMatch(
      /^error=a download has no plain form.*\ncode=bad_request\nstatus=400\n/,
    );
    const table = await own.fetch(new Request(`${url}/results.csv?format=plain`));
    expect([table.status, table.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    const page = await own.fetch(new Request(`${url}/photos?format=plain`));
    expect(await page.text()).toMatch(/^photo_id\tref\tpath\tstatus\t/);
  });

  it('puts what stands beside a list behind an empty line', async () => {
    const { text: list } = await ask('/photos?format=plain');
    expect(list).toBe('photo_id\tpath\tadded_at\tmissing\n\ncount=0\nnext_cursor=\n');
  });
});

/** Written again, so that a slip in the one is seen in the other. Of lists only what is outside of further lists. */
function leavesOf(value: unknown, path: string): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((member, index) => leavesOf(member, `${path}.${index + 1}`));
  if (typeof value !== 'object' || value === null) return [[path.slice(1), text(value)]];
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, `${path}.${key}`));
}

describe('the documented answers', () => {
  const answers = apiOperations.flatMap(({ id, method, path, answers }) =>
    answers
      .filter(({ type, headers }) => type === undefined && headers?.['content-disposition'] === undefined)
      .map(({ example }) => ({ id, method, path, example: example as Record<string, unknown> })),
  );

  it.each(answers)('of $id are read back whole', async ({ id, method, path, example }) => {
    const route = path.replace(/\{(\w+)\}/g, ':$1');
    const plain = await (await toPlainAnswer(Response.json(example), { method, route, path })).text();
    const { [listMembers[id] ?? '']: list, ...rest } = example;
    const [table = '', pairs = ''] = list === undefined ? ['', plain] : plain.split(/(?<=\n)\n/);
    const read = readPairs(pairs);
    for (const [key, value] of leavesOf(rest, '')) expect([key, read.get(key)]).toEqual([key, value]);
    if (list === undefined) return;
    const rows = readTable(table);
    expect(rows).toHaveLength((list as unknown[]).length);
    for (const [index, element] of (list as object[]).entries()) {
      const row = rows[index]!;
      for (const [key, value] of leavesOf(element, '').filter(([name]) => !/\.\d+(\.|$)/.test(name)))
        expect([key, row.get(key) ?? '']).toEqual([key, value]);
    }
  });
});

describe('a reader in Lua', () => {
  it('needs ten lines', (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'photo-bridge-plain-'));
    const script = join(folder, 'read.lua');
    writeFileSync(script, luaReader);
    const value = { status: 'a=b\\n\n\ttab', holds: [{ owner: 'é=' }], n: 3 };
    const input = join(folder, 'answer.txt');
    writeFileSync(input, toKeyLines(value));
    let said: string;
    try {
      said = execFileSync('lua5.1', [script, input], { encoding: 'utf8' });
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT' || process.env.CI) throw thrown;
      console.log('skipped: lua5.1 is missing');
      return context.skip('lua5.1 is missing');
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(said).toBe('a=b\\n\n\ttab|1|é=|3');
  });
});

const luaReader = String.raw`
local meant = { n = "\n", r = "\r", t = "\t", e = "=" }
local function unescapeText(text) return (text:gsub("\\(.)", function(c) return meant[c] or c end)) end
local answer = {}
for line in io.lines(arg[1]) do
  local key, value = line:match("^([^=]*)=(.*)$")
  answer[key] = unescapeText(value)
end
io.write(answer["status"], "|", answer["holds.count"], "|", answer["holds.1.owner"], "|", answer["n"])
`;
