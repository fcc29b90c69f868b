import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { apiGroups } from '../../../bridge/http/api-description/groups.ts';
import { type ApiDocument, toApiDocument } from '../../../bridge/http/api-description/to-document.ts';
import { createApp } from '../../../bridge/http/app.ts';
import { toDocsPage } from '../../../bridge/http/docs/page.ts';
import { operationsOf } from '../../helpers/api-document.ts';
import { createStandIn } from '../../medium/http/stand-in.ts';

const origin = 'http://localhost:5100';

function setUp() {
  const { services, health } = createStandIn();
  const app = createApp(services);
  const call = (method: string, path: string, headers: Record<string, string> = {}) =>
    app.fetch(new Request(origin + path, { method, headers }));
  return { call, health, version: services.version().version };
}

describe('GET /openapi.json', () => {
  it('is the document with the version of the program, in every state of the daemon', async () => {
    const { call, health, version } = setUp();
    health.state = 'starting';
    const response = await call('GET', '/openapi.json');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const document = (await response.json()) as ApiDocument;
    expect(document).toEqual(toApiDocument(apiGroups, version));
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.servers).toEqual([expect.objectContaining({ url: '/' })]);
  });

  it.each(['/openapi.json', '/docs'])(
    '%s answers 304 to who has it already, and HEAD like GET without a body',
    async (path) => {
      const { call } = setUp();
      const whole = await call('GET', path);
      const etag = whole.headers.get('etag') ?? '';
      expect(etag).toMatch(/^"[\w-]{43}"$/);
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await call('GET', path, { 'if-none-match': known });
        expect([known, again.status, await again.text(), again.headers.get('etag')]).toEqual([
          known,
          304,
          '',
          etag,
        ]);
      }
      expect((await call('GET', path, { 'if-none-match': '"other"' })).status).toBe(200);
      const head = await call('HEAD', path);
      expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, etag, '']);
    },
  );
});

describe('GET /docs', () => {
  it('shows every operation, every schema and every code', async () => {
    const { call } = setUp();
    const page = await (await call('GET', '/docs')).text();
    const document = toApiDocument(apiGroups, '1');
    const absent = [
      ...operationsOf(document).map(({ operation }) => `<article id="${operation.operationId}">`),
      ...Object.keys(document.components.examples).map((code) => `<code>${code}</code></th>`),
      ...Object.keys(document.components.schemas).map((name) => `<article id="schema-${name}">`),
    ].filter((text) => !page.includes(text));
    expect(absent).toEqual([]);
  });

  it('leads only to places that it has', async () => {
    const { call } = setUp();
    const page = await (await call('GET', '/docs')).text();
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    const links = [...page.matchAll(/href="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(new Set(ids).size).toBe(ids.length);
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter((link) => !ids.includes(link.slice(1)) && link !== '/openapi.json')).toEqual([]);
  });

  it('has one style, which its policy names by its sum, and no script', async () => {
    const { call } = setUp();
    const response = await call('GET', '/docs');
    const page = await response.text();
    const [style, ...more] = [...page.matchAll(/<style>([\s\S]*?)<\/style>/g)].map((match) => match[1] ?? '');
    const sum = createHash('sha256')
      .update(style ?? '')
      .digest('base64');
    expect(more).toEqual([]);
    expect(response.headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${sum}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
    );
    expect(/<script|\son\w+=|style="|src=|@import|url\(/.exec(page)?.[0]).toBe(undefined);
  });

  it('gives command lines for the address the reader came by', async () => {
    const { call } = setUp();
    const page = await (await call('GET', '/docs')).text();
    const lines = [...page.matchAll(/<pre class="line"><code>(.*?)<\/code>/g)].map((match) => match[1] ?? '');
    expect(lines.length).toBe(operationsOf(toApiDocument(apiGroups, '1')).length);
    expect(lines.filter((line) => !line.includes(origin))).toEqual([]);
    expect(lines[0]).toContain(
      `curl ${origin}/batch/start -H &#39;Content-Type: application/json&#39; -d &#39;{&quot;photo_ids&quot;:[1,2,3,4,5,6,7,8,9,10]`,
    );
  });

  it('shows text as text, whatever it holds', () => {
    const document = toApiDocument(apiGroups, '1');
    document.info.description = 'a <script>alert(1)</script> & `<b>`';
    const page = toDocsPage(document, origin);
    const main = page.slice(page.indexOf('<h1>'), page.indexOf('</header>'));
    expect(main).toContain('a &lt;script&gt;alert(1)&lt;/script&gt; &amp; <code>&lt;b&gt;</code>');
  });
});
