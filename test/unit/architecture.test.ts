import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Who may import whom: the table of the architecture page, by folder. `errors` and `log` are open to all but contract. */
const open = ['errors', 'log'];
const allowed: Record<string, readonly string[]> = {
  main: ['cli', 'daemon', 'embedded', 'data-folder', 'presets', 'settings', ...open],
  daemon: [
    'data-folder',
    'lifecycle',
    'metrics',
    'batch',
    'contract',
    'events',
    'executor',
    'http',
    'operations',
    'photos',
    'presets',
    'resources',
    'schedule',
    'settings',
    'store',
    'templates',
    'upkeep',
    'version',
    'webhooks',
    'ws',
    ...open,
  ],
  embedded: [
    'data-folder',
    'lifecycle',
    'batch',
    'contract',
    'events',
    'operations',
    'resources',
    'settings',
    'store',
    ...open,
  ],
  'data-folder': ['store', ...open],
  version: ['executor', ...open],
  upkeep: ['batch', 'contract', 'schedule', 'store', ...open],
  lifecycle: open,
  errors: [],
  log: ['logging'],
  logging: [],
  metrics: ['contract', 'events/api', ...open],
  cli: ['client', 'contract', 'logging', ...open],
  client: ['contract'],
  dashboard: ['client', 'contract'],
  contract: [],
  'batch-processor': [],
  batch: ['contract', 'schedule', ...open],
  operations: ['batch', 'contract', 'presets', ...open],
  http: [
    'batch',
    'contract',
    'events',
    'logging',
    'metrics/api',
    'operations/content/api',
    'photos',
    'presets',
    'resources',
    'secret-file',
    'settings',
    'templates',
    ...open,
  ],
  ws: ['batch', 'contract', 'events', 'photos', 'presets', 'resources', 'settings', ...open],
  executor: ['batch/ports', 'contract', ...open],
  store: ['batch/ports', 'batch/output-ports', 'contract', ...open],
  photos: ['batch/ports', 'contract', 'watch', ...open],
  presets: ['batch/ports', 'contract', 'watch', ...open],
  resources: ['batch/ports', 'contract', 'schedule', ...open],
  schedule: ['contract', ...open],
  settings: ['batch/ports', 'contract', ...open],
  events: ['batch/ports', 'contract', ...open],
  watch: open,
  templates: ['contract', ...open],
  webhooks: ['batch/ports', 'contract', 'retry-after', 'secret-file', ...open],
  'retry-after': [],
  'secret-file': [],
  workers: ['contract', 'presets', 'errors'],
};

/** Each third-party package in exactly one folder. */
const homes: Record<string, readonly string[]> = {
  piscina: ['workers/host.ts', 'workers/host/'],
  sharp: ['workers/'],
  'libheif-js': ['workers/engines/wasm/'],
  'libraw-wasm': ['workers/engines/wasm/'],
  sax: ['bridge/presets/xmp/'],
  conf: ['bridge/settings/'],
  chokidar: ['bridge/watch/'],
  ws: ['bridge/ws/', 'bridge/http/server.ts'],
  hono: ['bridge/http/', 'bridge/dashboard/app/'],
  vite: ['bridge/dashboard/build.ts'],
  '@hono/node-server': ['bridge/http/'],
  commander: ['bridge/cli/'],
  'string-width': ['bridge/cli/text-width.ts'],
  croner: ['bridge/schedule/'],
  'csv-parse': ['bridge/operations/'],
  pino: ['bridge/log.ts'],
  'prom-client': ['bridge/metrics/'],
  'fs-native-extensions': ['bridge/store/'],
  'image-size': ['bridge/operations/'],
  masto: ['bridge/operations/captions/'],
  zod: ['bridge/'],
  assemblyscript: ['workers/kernel/build.ts'],
};

type Import = { from: string; to: string; line: string };

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts') && !path.includes('/assembly/'))
    .filter((path) => statSync(join(root, path)).isFile());
}

const files = [...sourceFiles('bridge'), ...sourceFiles('workers')];
const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(join(root, from), 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s+['"]([^'"]+)['"]/g,
  );
  return [...found].map((match) => {
    const to = match[1] ?? match[2] ?? match[3] ?? '';
    return {
      from,
      to: to.startsWith('.') ? relative(root, resolve(root, dirname(from), to)) : to,
      line: match[0].trim(),
    };
  });
});

/** `bridge/batch/ports.ts` → `batch`, `bridge/errors.ts` → `errors`, `workers/…` → `workers`. */
function roomOf(path: string): string {
  const [top = '', room = ''] = path.split('/');
  return top === 'bridge' ? room.replace(/\.ts$/, '') : top;
}

describe('the architecture', () => {
  it('finds the imports it is to judge', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(
      imports.some(({ from, to }) => from === 'bridge/daemon/batches.ts' && to === 'bridge/batch/engine.ts'),
    ).toBe(true);
  });

  it('imports only in the direction of the table', () => {
    const wrong = imports.filter(({ from, to }) => {
      if (!to.startsWith('bridge/') && !to.startsWith('workers/')) return false;
      const [source, target] = [roomOf(from), roomOf(to)];
      if (source === target) return false;
      const may = allowed[source] ?? [];
      return (
        !may.includes(target) && !may.some((entry) => entry.includes('/') && to === `bridge/${entry}.ts`)
      );
    });
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it('knows every folder', () => {
    const rooms = new Set(files.map(roomOf));
    expect([...rooms].filter((room) => !(room in allowed))).toEqual([]);
  });

  it('imports each third-party package in its one home', () => {
    const wrong = imports.filter(({ from, to }) => {
      if (to.startsWith('.') || to.startsWith('node:') || /^(bridge|workers)\//.test(to)) return false;
      const name = to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : (to.split('/')[0] ?? '');
      return !(homes[name] ?? []).some((home) => from.startsWith(home));
    });
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it('touches the process only in main', () => {
    const wrong = files.filter((file) => {
      if (file === 'bridge/main.ts' || file.startsWith('workers/')) return false;
      return /process\.(argv|exit\(|on\('SIG|exitCode)/.test(readFileSync(join(root, file), 'utf8'));
    });
    expect(wrong).toEqual([]);
  });

  it('has no import cycle', () => {
    const edges = new Map<string, string[]>();
    for (const { from, to, line } of imports) {
      if (/^(import|export) type /.test(line)) continue;
      edges.set(from, [...(edges.get(from) ?? []), to]);
    }
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, trail: string[]): void => {
      if (trail.includes(file)) {
        cycles.push([...trail.slice(trail.indexOf(file)), file].join(' -> '));
        return;
      }
      if (done.has(file)) return;
      for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it('keeps files under 350 lines and says first what each is for', () => {
    const problems = files.flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const lines = text.split('\n').length - 1;
      const isLong = lines > 350 ? [`${file} has ${lines} lines`] : [];
      const isMute = /^(#!.*\n)?\/\*\*|^(#!.*\n)?\/\//.test(text) ? [] : [`${file} opens with no sentence`];
      return [...isLong, ...isMute];
    });
    expect(problems).toEqual([]);
  });

  it('exports nothing by default and has no barrel but the contract', () => {
    const byDefault = files.filter(
      (file) =>
        file !== 'workers/thread.ts' && /^export default/m.test(readFileSync(join(root, file), 'utf8')),
    );
    const barrels = files.filter(
      (file) => file.endsWith('/index.ts') && !/^bridge\/(contract|client)\//.test(file),
    );
    expect([...byDefault, ...barrels]).toEqual([]);
  });
});
