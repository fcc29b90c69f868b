/** What web pages can do to a daemon on this machine: nothing. The same attacks on a daemon without a guard succeed. */
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnDaemon } from '../../helpers/daemon.ts';
import { openBrowser, runBattery, type Verdict } from './battery.ts';
import { findBrowser } from './find-browser.ts';

const executable = findBrowser();
if (executable === null) console.log('skipped: attacks from a real browser (there is no Chromium here)');

it.runIf(process.env.CI)('has in CI the browser it needs', () => expect(executable).not.toBeNull());

const mutantEntry = fileURLToPath(new URL('../../fixtures/mutant-daemon.ts', import.meta.url));
const talkative = { log: { level: 'trace' } };
const places = ['another site', 'another server here', 'a saved page', 'a rebound name'];

function printFigures(what: string, { lines, effects, refused, admitted, socketsOpened }: Verdict): void {
  const read = lines.reduce((sum, line) => sum + line.read, 0);
  const counts = `${effects.length} side effects, ${read} characters read, ${socketsOpened} sockets opened`;
  console.log(`${what}: ${lines.length} attacks, ${counts}, ${admitted} admitted,`, refused);
}

describe.skipIf(executable === null)('a page in a real browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser(executable ?? '');
  });
  afterAll(() => browser?.close());

  it('that is not ours changes, reads and hears nothing, from wherever it comes', async () => {
    const daemon = await spawnDaemon({ settings: talkative });
    const verdict = await runBattery(browser, daemon);
    printFigures('with the guard', verdict);
    const { lines, effects, admitted, refused, socketsOpened } = verdict;
    expect({ effects, admitted, socketsOpened }).toEqual({ effects: [], admitted: 0, socketsOpened: 0 });
    expect(lines.filter(({ read, opened }) => read > 0 || opened > 0)).toEqual([]);
    // All that a page under a rebound name can read is that the name is not ours.
    const told = lines.filter((line) => line.told !== undefined);
    expect(new Set(told.map((line) => line.told))).toEqual(new Set(['misdirected_host']));
    expect(told.every(({ where }) => where.startsWith('a rebound name'))).toBe(true);
    const askers = places.flatMap((place) => [place, `${place}, worker`, `${place}, sandbox`]);
    expect(new Set(lines.map(({ where }) => where))).toEqual(
      new Set([...askers, 'another server here, service worker']),
    );
    // They did reach the daemon.
    expect(Math.min(refused.forbidden_origin ?? 0, refused.misdirected_host ?? 0)).toBeGreaterThan(100);
  }, 120_000);

  it('would start, cancel, read and hear all of it if the guard were off', async () => {
    const options = { entry: mutantEntry, args: ['--mutant', 'guard-off'], settings: talkative };
    const verdict = await runBattery(browser, await spawnDaemon(options));
    printFigures('without it', verdict);
    const { lines, effects, socketsOpened } = verdict;
    const succeeded = (kind: string) => lines.some((line) => line.kind === kind && line.read > 0);
    expect(Math.min(effects.length, socketsOpened)).toBeGreaterThan(10);
    // Which of the many get through first is the browser's affair; each way of doing harm must be among them.
    for (const harm of [/^started by /, /^cancelled by /, /^event /])
      expect([harm, effects.filter((effect) => harm.test(effect)).length]).not.toEqual([harm, 0]);
    expect(['fetch', 'XMLHttpRequest', 'img', 'WebSocket'].filter((kind) => !succeeded(kind))).toEqual([]);
    for (const place of places) {
      const read = lines.filter((line) => line.where.startsWith(place) && line.read > 0);
      expect([place, read.length]).not.toEqual([place, 0]);
    }
  }, 120_000);

  it('that is ours reads, and listens on the WebSocket, under each of our names', async () => {
    const daemon = await spawnDaemon();
    // The page there today needs neither, and its policy says so.
    const context = await browser.newContext({ bypassCSP: true });
    const page = await context.newPage();
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      const visit = await page.goto(`http://${host}:${daemon.port}/`);
      expect(visit?.status()).toBe(200);
      const answers: unknown = await page.evaluate(`(async () => {
        const list = await fetch('/batch/list');
        const cleanup = await fetch('/batch/cleanup', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
        const socket = new WebSocket('/ws');
        const { data } = await new Promise((resolve, reject) => Object.assign(socket, { onmessage: resolve, onerror: reject }));
        return [list.status, cleanup.status, JSON.parse(data).type];
      })()`);
      expect([host, answers]).toEqual([host, [200, 200, 'connection_established']]);
    }
    await context.close();
  });
});
