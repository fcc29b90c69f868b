/** The page as it is served and loaded: its policy, its size, who it talks to, and what a daemon without it says. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnDaemon, type TestDaemon } from '../../helpers/daemon.ts';
import { createFolder, makePhotos, registerPhotos, waitForEnd } from '../support.ts';
import { executable, expectQuiet, launchBrowser, openPage, takeScreenshot } from './open-page.ts';

it.runIf(process.env.CI)('has in CI the browser it needs', () => expect(executable).not.toBeNull());

const assets = fileURLToPath(new URL('../../../bridge/dashboard/dist/assets/', import.meta.url));
const SCRIPT_LIMIT = 150_000;
/** Document, style and script as they are sent. */
const FIRST_PAINT_LIMIT = 250_000;

type FirstPaint = { at: number; needed: string[]; blocking: string[]; bytes: number };
/** What the browser says it had to have before it painted something: all that is no picture and no answer of the API. */
const readFirstPaint = `(() => {
  const [document] = performance.getEntriesByType('navigation');
  const resources = performance.getEntriesByType('resource');
  const files = resources.filter(({ initiatorType }) => !['fetch', 'xmlhttprequest', 'img', 'css', 'icon', 'other'].includes(initiatorType));
  const toPath = ({ name }) => new URL(name).pathname;
  const needed = [document, ...files];
  return {
    at: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    needed: needed.map(toPath),
    blocking: resources.filter((entry) => entry.renderBlockingStatus === 'blocking').map(toPath),
    bytes: needed.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
  };
})()`;

const pages = {
  batches: '#/batches',
  start: '#/start',
  presets: '#/presets',
  captions: '#/captions',
  listings: '#/listings',
  resources: '#/resources',
} as const;

describe.skipIf(executable === null)('the dashboard', { timeout: 180_000 }, () => {
  let browser: Browser;
  let daemon: TestDaemon;
  beforeAll(async () => {
    browser = await launchBrowser();
    daemon = await spawnDaemon({ settings: { executor: { nice: 0 } } });
  });
  afterAll(async () => {
    await browser?.close();
    await daemon?.stop();
  });

  it('loads every page without a complaint and talks to its own daemon only, dark and light, wide and narrow', async () => {
    const folder = await createFolder();
    const ids = await registerPhotos(daemon.client, await makePhotos(folder, 6));
    const { batch_id } = await daemon.client.batches.start({ photo_ids: ids, config: { preset: 'Warm' } });
    await waitForEnd(daemon.client, batch_id);
    const addresses = { ...pages, batch: `#/batch/${batch_id}` };
    const looks = [
      { name: 'dark', options: { colorScheme: 'dark' } },
      { name: 'light', options: { colorScheme: 'light' } },
      { name: 'phone', options: { colorScheme: 'dark', viewport: { width: 360, height: 740 } } },
    ] as const;
    for (const { name, options } of looks) {
      const watched = await openPage(browser, daemon, options);
      const { page } = watched;
      for (const [title, hash] of Object.entries(addresses)) {
        await page.goto(`${daemon.url}/${hash}`);
        await page.locator('h1').first().waitFor();
        await page.locator('.link[data-link="live"]').waitFor();
        if (title === 'batch') await page.locator('.tile .picture.drawn').first().waitFor();
        if (title === 'presets') await page.locator('.preset .picture.drawn').first().waitFor();
        expect([title, await page.evaluate('document.documentElement.scrollWidth <= innerWidth')]).toEqual([
          title,
          true,
        ]);
        await takeScreenshot(page, `${title}-${name}`);
      }
      await expectQuiet(watched, daemon.url);
    }
  });

  it('keeps the colours that were chosen', async () => {
    const { page } = await openPage(browser, daemon, { colorScheme: 'dark' });
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const dark = await ground();
    await page.getByLabel('Colours of the page').selectOption('light');
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.reload();
    await page.locator('h1').waitFor();
    expect(await ground()).toBe(light);
  });

  it('names the sum of every file it runs, so that a browser runs no other', async () => {
    const html = await (await fetch(`${daemon.url}/`)).text();
    const tags = [...html.matchAll(/<(?:script|link rel="stylesheet")[^>]*>/g)].map(([tag]) => tag);
    expect(tags.length).toBeGreaterThan(1);
    for (const tag of tags) {
      const address = /"(\/assets\/[^"]+)"/.exec(tag)?.[1] ?? '';
      const answer = await fetch(daemon.url + address);
      const sum = createHash('sha384')
        .update(await answer.bytes())
        .digest('base64');
      expect(tag).toContain(`integrity="sha384-${sum}"`);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('has less script than 150 kB, compressed', async () => {
    const scripts = (await readdir(assets)).filter((name) => name.endsWith('.js'));
    const sizes = await Promise.all(
      scripts.map(async (name) => gzipSync(await readFile(join(assets, name))).length),
    );
    const size = sizes.reduce((sum, one) => sum + one, 0);
    console.log(`the dashboard's script: ${(size / 1000).toFixed(1)} kB compressed`);
    expect(size).toBeGreaterThan(1000);
    expect(size).toBeLessThan(SCRIPT_LIMIT);
  });

  it('paints first after one document, one style sheet and one script, which say all that is needed', async () => {
    const { page } = await openPage(browser, daemon);
    const paint = (await page.evaluate(readFirstPaint)) as FirstPaint;
    const told = `first paint after ${Math.round(paint.at)} ms and ${(paint.bytes / 1000).toFixed(1)} kB`;
    console.log(`the dashboard: ${told}`);
    expect(paint.needed.map((address) => address.replace(/-[\w-]+\./, '.')).sort()).toEqual([
      '/',
      '/assets/index.css',
      '/assets/index.js',
    ]);
    expect(paint.blocking).toEqual([expect.stringMatching(/\.css$/)]);
    expect(paint.bytes).toBeGreaterThan(1000);
    expect(paint.bytes).toBeLessThan(FIRST_PAINT_LIMIT);
  });

  it('cannot run a script or style that is not its own file, even when one gets into the page', async () => {
    const { page } = await openPage(browser, daemon);
    const outcome = await page.evaluate(`(async () => {
      const script = document.createElement('script');
      let refused = false;
      try { script.textContent = 'globalThis.wasRun = true'; } catch { refused = true; }
      document.body.append(script);
      const style = document.createElement('style');
      style.textContent = 'body { display: none }';
      document.body.append(style);
      const image = new Image();
      const loaded = new Promise((resolve) => { image.onload = () => resolve(true); image.onerror = () => resolve(false); });
      image.src = 'http://127.0.0.2:9/photo.jpg';
      return { refused, wasRun: globalThis.wasRun === true, display: getComputedStyle(document.body).display, loaded: await loaded };
    })()`);
    expect(outcome).toEqual({ refused: true, wasRun: false, display: 'block', loaded: false });
    expect(await page.evaluate('violations.length')).toBeGreaterThanOrEqual(2);
  });
});
