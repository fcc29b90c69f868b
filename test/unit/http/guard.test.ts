import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRequest, createGuardRules } from '../../../bridge/http/guard.ts';

const PORT = 5100;
const rules = createGuardRules({ port: PORT, allowedHosts: [], allowedOrigins: [] });

type Variant = { target?: string; method?: string; headers?: [string, string][] };

function codeOf({ target = '/batch/list', method = 'GET', headers = [] }: Variant, with_ = rules): string {
  const { refusal } = checkRequest({ target, method, rawHeaders: headers.flat() }, with_);
  return refusal === null ? 'ok' : refusal.code;
}
const host = (value: string): [string, string] => ['Host', value];
const good = host('localhost:5100');

const names = ['localhost', '127.0.0.1', '[::1]'];
const cases = (text: string) => [text, text.toUpperCase(), text[0]?.toUpperCase() + text.slice(1)];
const oddHosts = names.flatMap((name) => [
  name,
  `${name}:`,
  `${name}:5101`,
  `${name}:05100`,
  `${name}:51000`,
  `${name}.:5100`,
  `${name}.evil.com:5100`,
  `evil.com.${name}:5100`,
  `evil-${name}:5100`,
  `user@${name}:5100`,
  `${name}:5100@evil.com`,
  `${name}:5100, evil.com`,
  `${name}:5100/`,
  `${name}:5100#`,
  `http://${name}:5100`,
]);
const strangeHosts = [
  '',
  ' ',
  'evil.com',
  'evil.com:5100',
  '0.0.0.0:5100',
  '127.0.0.2:5100',
  '127.1:5100',
  '2130706433:5100',
];
const moreStrangeHosts = [
  '0x7f.1:5100',
  '::1:5100',
  '[::]:5100',
  '[0:0:0:0:0:0:0:1]:5100',
  '[::ffff:127.0.0.1]:5100',
  'lоcalhost:5100',
];

describe('the guard', () => {
  it('accepts exactly the three hosts with our port in any case', () => {
    const accepted = names.flatMap(cases).map((name) => `${name}:5100`);
    for (const value of accepted) expect([value, codeOf({ headers: [host(value)] })]).toEqual([value, 'ok']);
    for (const value of [...oddHosts, ...strangeHosts, ...moreStrangeHosts]) {
      expect([value, codeOf({ headers: [host(value)] })]).toEqual([value, 'misdirected_host']);
    }
  });

  it('lets no generated host through that is not in the list', () => {
    const list = new Set(names.map((name) => `${name}:5100`));
    const pieces = fc.constantFrom(
      'localhost',
      '127.0.0.1',
      '[::1]',
      ':',
      '5100',
      '.',
      '@',
      'evil.com',
      '%',
      '\t',
      '0',
      ',',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 5 }), (parts) => {
        const value = parts.join('');
        const isListed = list.has(value.trim().toLowerCase());
        expect(codeOf({ headers: [host(value)] })).toBe(isListed ? 'ok' : 'misdirected_host');
      }),
    );
  });

  it('refuses a missing or doubled host', () => {
    expect(codeOf({})).toBe('bad_request');
    expect(codeOf({ headers: [good, good] })).toBe('bad_request');
    expect(codeOf({ headers: [good, ['hOsT', 'evil.com']] })).toBe('bad_request');
  });

  it.each([
    'http://localhost:5100/batch/list',
    'http://evil.com/',
    '*',
    '',
    'batch/list',
    'localhost:5100',
    '\\\\x',
    '/a\\b',
  ])('refuses the request target %j', (target) =>
    expect(codeOf({ target, headers: [good] })).toBe('invalid_target'),
  );

  it('accepts our own three origins and refuses every other, empty and null included, for every method', () => {
    const own = names.map((name) => `http://${name}:5100`);
    const others = [
      '',
      'null',
      'http://evil.com',
      'http://localhost',
      'http://localhost:3000',
      'https://localhost:5100',
    ];
    const tricky = [
      'http://localhost:5100/',
      'http://LOCALHOST:5100',
      'http://localhost:5100.evil.com',
      'http://localhost:5100 http://evil.com',
      'chrome-extension://abc',
      'file://',
    ];
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PATCH', 'FOO']) {
      for (const origin of own) expect(codeOf({ method, headers: [good, ['Origin', origin]] })).toBe('ok');
      for (const origin of [...others, ...tricky]) {
        expect([origin, codeOf({ method, headers: [good, ['Origin', origin]] })]).toEqual([
          origin,
          'forbidden_origin',
        ]);
      }
    }
    const doubled: [string, string][] = [good, ['Origin', own[0] ?? ''], ['origin', 'http://evil.com']];
    expect(codeOf({ headers: doubled })).toBe('forbidden_origin');
  });

  it('accepts only same-origin fetches, and address-bar visits by GET', () => {
    const sites = [
      'same-origin',
      'none',
      'same-site',
      'cross-site',
      '',
      'SAME-ORIGIN',
      'same-origin, cross-site',
    ];
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
      for (const site of sites) {
        const expected =
          site === 'same-origin' || (site === 'none' && method === 'GET') ? 'ok' : 'forbidden_origin';
        expect([method, site, codeOf({ method, headers: [good, ['Sec-Fetch-Site', site]] })]).toEqual([
          method,
          site,
          expected,
        ]);
      }
    }
    expect(codeOf({ method: 'POST', headers: [good, ['Sec-Fetch-Mode', 'cors']] })).toBe('ok');
  });

  it('takes a body only as JSON, and needs no type where there is none', () => {
    const body: [string, string] = ['Content-Length', '5'];
    const typed = (type: string): [string, string][] => [good, body, ['Content-Type', type]];
    for (const type of [
      'application/json',
      'Application/JSON; charset=UTF-8',
      'application/json;charset="utf-8"',
    ]) {
      expect(codeOf({ method: 'POST', headers: typed(type) })).toBe('ok');
    }
    const simple = [
      'text/plain',
      'text/plain; application/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ];
    for (const type of [...simple, 'application/jsonp', 'application/json, text/plain', 'text/csv', '']) {
      expect([type, codeOf({ method: 'POST', headers: typed(type) })]).toEqual([
        type,
        'unsupported_media_type',
      ]);
    }
    expect(codeOf({ method: 'POST', headers: [good, body] })).toBe('unsupported_media_type');
    expect(codeOf({ method: 'POST', headers: [good, ['Transfer-Encoding', 'chunked']] })).toBe(
      'unsupported_media_type',
    );
    expect(
      codeOf({ method: 'POST', headers: [...typed('application/json'), ['Content-Encoding', 'gzip']] }),
    ).toBe('unsupported_media_type');
    expect(codeOf({ method: 'POST', headers: [good, ['Content-Length', '0']] })).toBe('ok');
    expect(codeOf({ method: 'POST', headers: [good] })).toBe('ok');
    expect(
      codeOf({ method: 'POST', target: '/content?x=1', headers: typed('text/csv; charset=utf-8') }),
    ).toBe('ok');
  });

  it('keeps the order of its rules', () => {
    const all: [string, string][] = [
      host('evil.com'),
      ['Origin', 'null'],
      ['Sec-Fetch-Site', 'cross-site'],
      ['Content-Length', '1'],
    ];
    expect(codeOf({ target: 'x', headers: all })).toBe('invalid_target');
    expect(codeOf({ headers: all })).toBe('misdirected_host');
    expect(codeOf({ headers: [good, ...all.slice(1)] })).toBe('forbidden_origin');
    expect(codeOf({ headers: [good, ...all.slice(3)] })).toBe('unsupported_media_type');
  });

  it('names the setting that would allow what it refuses', () => {
    const sentenceOf = (headers: [string, string][]) =>
      checkRequest({ target: '/', method: 'GET', rawHeaders: headers.flat() }, rules).refusal?.message;
    expect(sentenceOf([host('studio.local:5100')])).toContain('security.allowed_hosts');
    expect(sentenceOf([good, ['Origin', 'http://a']])).toContain('security.allowed_origins');
    expect(sentenceOf([good, ['Sec-Fetch-Site', 'cross-site']])).toContain('security.allowed_origins');
  });

  it('widens to exactly the hosts and origins that are named, never to null or a star', () => {
    const wider = createGuardRules({
      port: PORT,
      allowedHosts: ['Studio.local', 'proxy:80'],
      allowedOrigins: ['https://panel.example', 'null', '*'],
    });
    expect(codeOf({ headers: [host('studio.LOCAL:5100')] }, wider)).toBe('ok');
    expect(codeOf({ headers: [host('proxy:80')] }, wider)).toBe('ok');
    expect(codeOf({ headers: [host('studio.local')] }, wider)).toBe('misdirected_host');
    expect(codeOf({ headers: [good, ['Origin', 'null']] }, wider)).toBe('forbidden_origin');
    const named = {
      target: '/',
      method: 'POST',
      rawHeaders: [
        'Host',
        'localhost:5100',
        'Origin',
        'https://panel.example',
        'Sec-Fetch-Site',
        'cross-site',
      ],
    };
    expect(checkRequest(named, wider)).toEqual({ refusal: null, foreignOrigin: 'https://panel.example' });
  });

  it('takes hosts and origins without a port on port 80 only', () => {
    const web = createGuardRules({ port: 80, allowedHosts: [], allowedOrigins: [] });
    expect(codeOf({ headers: [host('localhost'), ['Origin', 'http://localhost']] }, web)).toBe('ok');
    expect(codeOf({ headers: [host('localhost:80')] }, web)).toBe('ok');
  });
});
