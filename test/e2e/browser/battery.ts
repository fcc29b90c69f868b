/** One run of all hostile pages in a real browser against one daemon, judged by what the daemon itself says afterwards. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { expect } from 'vitest';
import type { TestDaemon } from '../../helpers/daemon.ts';
import { createFolder, makePhotos, registerPhotos } from '../support.ts';
import { type AttackLine, type EvilServer, type Plan, startEvilServer, toAttackPage } from './evil-server.ts';

/** As defenceless as a browser can be made, so that what holds is the daemon's own guard. */
export async function openBrowser(executablePath: string): Promise<Browser> {
  const hosts = ['evil.test', 'rebind.test'].map((name) => `MAP ${name} 127.0.0.1`);
  return await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-software-rasterizer',
      '--disable-popup-blocking',
      '--disable-site-isolation-trials',
      '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,IsolateOrigins,site-per-process',
      `--host-resolver-rules=${hosts.join(',')}`,
    ],
  });
}

/** Every way to write the address of a daemon on this machine; the last is a foreign name that leads here. */
const addresses = [
  'localhost',
  '127.0.0.1',
  '[::1]',
  '127.1',
  '0.0.0.0',
  '2130706433',
  'localhost.',
  '[::ffff:127.0.0.1]',
  'rebind.test',
];
/** For the pages after the first. */
const usualAddresses = ['localhost', 'rebind.test'];
const rebound = 'a rebound name';

export type Verdict = {
  lines: AttackLine[];
  /** What changed: batches, photos, events, by the daemon's account. */
  effects: string[];
  /** Lines of its log. */
  admitted: number;
  refused: Record<string, number>;
  socketsOpened: number;
};

type Found = Awaited<ReturnType<typeof prepareVictims>>;

/** Attacks the daemon from every page and tells what came of it. */
export async function runBattery(browser: Browser, daemon: TestDaemon): Promise<Verdict> {
  const found = await prepareVictims(daemon);
  const logged = daemon.stderr.length;
  const evil = await startEvilServer();
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-browser-'));
  const context = await browser.newContext();
  try {
    const lines = await Promise.all(
      pagesFor(daemon.port, evil, folder).map((page, index) =>
        attackFrom(page, { context, evil, plan: toPlan(page.name, index, { daemon, found, evil }) }),
      ),
    );
    const log = toLogLines((await readLog(daemon)).slice(logged));
    return { lines: lines.flat(), effects: await findEffects(daemon, found), ...countLog(log) };
  } finally {
    await context.close();
    await evil.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A photo, and a batch that waits for years for each kind of attack that needs no body. */
async function prepareVictims(daemon: TestDaemon) {
  const [path = ''] = await makePhotos(await createFolder(), 1);
  await registerPhotos(daemon.client, [path]);
  const victims: Record<string, string> = {};
  for (const kind of ['fetch', 'form', 'beacon', 'xhr']) {
    const started = await daemon.client.batches.start({ photo_ids: [1], start_at: startAt });
    victims[kind] = started.batch_id;
  }
  return { victims, before: await readState(daemon) };
}

const startAt = '2099-01-01T00:00:00Z';

async function readState(daemon: TestDaemon) {
  const { batches } = await daemon.client.batches.list({ limit: 1000 });
  const { photos } = await daemon.client.photos.list();
  const { seq } = await readEvents(daemon, '');
  return { batches, photos: photos.length, seq };
}

async function readEvents(daemon: TestDaemon, query: string) {
  const answer = await fetch(`${daemon.url}/events?timeout_s=0${query}`);
  return (await answer.json()) as { seq: number; events: { type: string }[] };
}

/** Whole up to here: what the daemon answers comes after what it logged. */
async function readLog(daemon: TestDaemon): Promise<string> {
  await fetch(`${daemon.url}/version`);
  await expect.poll(() => daemon.stderr, { timeout: 10_000 }).toContain('"path":"/version"');
  return daemon.stderr.slice(0, daemon.stderr.indexOf('"path":"/version"')).replace(/\n.*$/, '');
}

/** Come by themselves; the last after the victims' start, late. */
const passing = ['limit_changed', 'resource_warning', 'batch_progress'];

async function findEffects(daemon: TestDaemon, { victims, before }: Found): Promise<string[]> {
  const now = await readState(daemon);
  const cancelled = Object.entries(victims).filter(([, id]) =>
    now.batches.some(({ batch_id, status }) => batch_id === id && status !== 'pending'),
  );
  const { events } = await readEvents(daemon, `&since=${before.seq}`);
  const told = events.filter(({ type }) => !passing.includes(type));
  const started = now.batches.filter(({ session_id }) => session_id !== null);
  const rest = [
    ...(now.batches.length === before.batches.length + started.length ? [] : ['other batches']),
    ...(now.photos === before.photos ? [] : ['other photos']),
    ...new Set(told.map(({ type }) => `event ${type}`)),
  ];
  return [
    ...cancelled.map(([kind]) => `cancelled by ${kind}`),
    ...started.map(({ session_id }) => `started by ${session_id}`),
    ...rest,
  ];
}

type LogLine = { msg?: string; code?: string };

function toLogLines(text: string): LogLine[] {
  return text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : []));
}

function countLog(log: readonly LogLine[]) {
  const count = (message: string) => log.filter(({ msg }) => msg === message).length;
  const refused: Record<string, number> = {};
  for (const { msg, code = '' } of log)
    if (msg === 'request refused') refused[code] = (refused[code] ?? 0) + 1;
  return { admitted: count('request admitted'), refused, socketsOpened: count('a WebSocket client came') };
}

type HostilePage = {
  name: string;
  url: string /** Where its code comes from. */;
  from: 'server' | 'file' | 'route';
};

/** Another site, another server of this machine (same site, secure context), a saved file, and our own port by another name. */
function pagesFor(port: number, evil: EvilServer, folder: string): HostilePage[] {
  return [
    { name: 'another site', url: `http://evil.test:${evil.port}/attack`, from: 'server' },
    { name: 'another server here', url: `http://localhost:${evil.port}/attack-here`, from: 'server' },
    { name: 'a saved page', url: pathToFileURL(join(folder, 'attack.html')).href, from: 'file' },
    { name: rebound, url: `http://rebind.test:${port}/attack`, from: 'route' },
  ];
}

type Parts = { daemon: TestDaemon; found: Found; evil: EvilServer };

function toPlan(page: string, index: number, { daemon, found, evil }: Parts): Plan {
  const toBase = (host: string) => `http://${host}:${daemon.port}`;
  return {
    page,
    bases: (index === 0 ? addresses : usualAddresses).map(toBase),
    frameBases: ['localhost', 'rebind.test'].map(toBase),
    workerBases: [toBase(page === rebound ? 'rebind.test' : 'localhost')],
    paths: ['/batch/list'],
    victims: found.victims,
    startAt,
    firstSession: (index + 1) * 10_000,
    home: `http://evil.test:${evil.port}`,
    serviceWorker: page === 'another server here',
    turns: 12,
  };
}

async function attackFrom(
  page: HostilePage,
  { context, evil, plan }: { context: BrowserContext; evil: EvilServer; plan: Plan },
): Promise<AttackLine[]> {
  const html = toAttackPage(plan);
  if (page.from === 'file') await writeFile(new URL(page.url), html);
  // The name led to the attacker when the page was loaded, and leads to the daemon from now on.
  else if (page.from === 'route') {
    await context.route(page.url, (route) => route.fulfill({ contentType: 'text/html', body: html }));
  } else evil.addPage(new URL(page.url).pathname, html);
  const tab = await context.newPage();
  await tab.goto(page.url, { waitUntil: 'commit' });
  return await evil.reportFrom(page.name);
}
