/** Requests near the border of what the guard lets in, and the list of what it must. It shares no code with the guard. */
import fc from 'fast-check';

export type Variant = { method: string; target: string; headers: [name: string, value: string][] };

export const PORT = 5100;

/** safety.md, rules 1 to 5, as a list: everything else is refused. */
export function isLetIn({ method, target, headers }: Variant, port: number): boolean {
  const of = (wanted: string) => headers.filter(([name]) => name.toLowerCase() === wanted);
  const hosts = of('host').map(([, value]) => withoutBlanks(value));
  const origins = of('origin').map(([, value]) => withoutBlanks(value));
  const sites = of('sec-fetch-site').map(([, value]) => withoutBlanks(value));
  const own = [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`];
  if (target[0] !== '/' || target.split('?')[0]?.includes('\\')) return false;
  if (hosts.length !== 1 || !own.some((name) => sameAscii(name, hosts[0] ?? ''))) return false;
  if (origins.length > 1 || origins.some((origin) => !own.includes(origin.slice('http://'.length))))
    return false;
  if (origins.some((origin) => !origin.startsWith('http://'))) return false;
  return (
    sites.length <= 1 &&
    sites.every((site) => site === 'same-origin' || (site === 'none' && method === 'GET'))
  );
}

function withoutBlanks(value: string): string {
  return value.replace(/^[ \t]*/, '').replace(/[ \t]*$/, '');
}

/** Case counts as equal only between the letters of ASCII. */
function sameAscii(a: string, b: string): boolean {
  const lower = (text: string) =>
    text.replace(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32));
  return lower(a) === lower(b);
}

const { constantFrom } = fc;
const ours = constantFrom('localhost', '127.0.0.1', '[::1]');
const strangers = constantFrom(
  ...[
    'evil.test',
    '127.1',
    '0.0.0.0',
    '2130706433',
    '0x7f000001',
    '127.0.0.2',
    '[::]',
    '::1',
    '[::ffff:127.0.0.1]',
  ],
  ...[
    'localhost.',
    'localhost.evil.test',
    'evil-localhost',
    'localhost@evil.test',
    'l\u00f6calhost',
    'localhost%00',
    '',
  ],
);
const ports = fc.oneof(
  { weight: 8, arbitrary: fc.constant(`:${PORT}`) },
  constantFrom(
    '',
    ':',
    ':0',
    ':80',
    `:0${PORT}`,
    `:${PORT}0`,
    `:${PORT + 1}`,
    `:${PORT}:${PORT}`,
    `:${PORT}/`,
  ),
);
const edges = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  constantFrom(' ', '\t', '\u00a0', '\u0085', ',', '.', '/', '#', '?', '@', ', evil.test', '\u000b'),
);
const names = fc.oneof({ weight: 4, arbitrary: ours }, strangers);
const letters = fc.tuple(names, fc.boolean(), fc.nat(9)).map(([name, isMixed, at]) => {
  return isMixed ? name.slice(0, at) + name.slice(at, at + 2).toUpperCase() + name.slice(at + 2) : name;
});
const hostValues = fc.tuple(edges, letters, ports, edges).map((parts) => parts.join(''));
const schemes = fc.oneof(
  { weight: 6, arbitrary: fc.constant('http://') },
  constantFrom('https://', 'HTTP://', 'ws://', 'file://', '//', '', 'http:', 'chrome-extension://'),
);
const originValues = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(schemes, names, ports, edges).map((parts) => parts.join('')) },
  constantFrom('null', '', '*', 'file://', 'Null', `http://localhost:${PORT} http://evil.test`),
);
const siteValues = constantFrom(
  ...[
    'same-origin',
    'same-origin',
    'same-origin',
    'none',
    'none',
    'same-site',
    'cross-site',
    '',
    'SAME-ORIGIN',
    'same-origin, none',
  ],
);
const methods = constantFrom('GET', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS');
const targets = fc.oneof(
  {
    weight: 8,
    arbitrary: constantFrom('/', '/batch/list', '/batch/list?limit=1', '//evil.test/', '/?a=\\', '/a%5cb'),
  },
  constantFrom(
    '*',
    'batch/list',
    `http://localhost:${PORT}/`,
    'http://evil.test/',
    '/a\\b',
    '\\',
    'x:/',
    '?',
    '#',
  ),
);

/** Mostly one good line of each kind; sometimes none, a wrong one, or two. */
function lines(name: string, values: fc.Arbitrary<string>, usual: readonly (0 | 1 | 2)[]) {
  const spelled = constantFrom(name, name, name.toLowerCase(), name.toUpperCase());
  const count = constantFrom(...usual);
  return count.chain((length) =>
    fc.array(fc.tuple(spelled, values), { minLength: length, maxLength: length }),
  ) as fc.Arbitrary<[string, string][]>;
}

const headers = fc
  .tuple(
    lines(
      'Host',
      fc.oneof({ weight: 2, arbitrary: fc.constant(`localhost:${PORT}`) }, hostValues),
      [1, 1, 1, 1, 1, 1, 0, 2],
    ),
    lines('Origin', originValues, [0, 0, 1, 1, 1, 2]),
    lines('Sec-Fetch-Site', siteValues, [0, 0, 0, 1, 1, 2]),
    lines('Accept', constantFrom('*/*', 'localhost'), [0, 1]),
  )
  .map((parts) => parts.flat());

export const variants: fc.Arbitrary<Variant> = fc.record({ method: methods, target: targets, headers });

/** The same request for a server on another port. */
export function toPort({ method, target, headers }: Variant, port: number): Variant {
  const move = (text: string) => text.replaceAll(String(PORT), String(port));
  return {
    method,
    target: move(target),
    headers: headers.map(([name, value]) => [name, move(value)]),
  };
}
