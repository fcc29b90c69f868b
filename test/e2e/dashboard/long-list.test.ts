/** Ten thousand photos on one page: only those that can be seen are in the document, to the very end. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnDaemon } from '../../helpers/daemon.ts';
import { makeImage } from '../../helpers/images.ts';
import { createFolder } from '../support.ts';
import { executable, expectQuiet, isFocused, launchBrowser, openPage } from './open-page.ts';

const COUNT = 10_000;
/** The visible rows and a few beyond, of the widest grid. */
const MOST_TILES = 80;

async function makeMany(folder: string): Promise<void> {
  const bytes = await makeImage({ width: 24, height: 16 });
  await mkdir(folder, { recursive: true });
  for (let first = 0; first < COUNT; first += 500) {
    const names = Array.from({ length: 500 }, (_, offset) => String(first + offset + 1).padStart(5, '0'));
    await Promise.all(
      names.map((name) => writeFile(join(folder, `${name}.jpg`), Buffer.concat([bytes, Buffer.from(name)]))),
    );
  }
}

/** Scrolls from end to end in steps; answers the most tiles at any time and the longest wait between two frames. */
const scrollThrough = `(async () => {
  const grid = document.querySelector('.grid');
  let most = 0;
  let longest = 0;
  let before = performance.now();
  const step = (grid.scrollHeight - grid.clientHeight) / 40;
  for (let count = 1; count <= 40; count += 1) {
    grid.scrollTop = step * count;
    for (let frame = 0; frame < 2; frame += 1) {
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      longest = Math.max(longest, now - before);
      before = now;
      most = Math.max(most, document.querySelectorAll('.tile').length);
    }
  }
  return { most, longest };
})()`;

describe.skipIf(executable === null)('a batch of 10,000 photos', { timeout: 180_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it('scrolls to its last photo with few tiles in the document, by wheel and by keys', async () => {
    const daemon = await spawnDaemon();
    const folder = await createFolder();
    await makeMany(folder);
    const { batch_id } = await daemon.client.batches.start({
      select: { folder },
      start_at: '2099-01-01T00:00:00Z',
    });
    const watched = await openPage(browser, daemon);
    const { page } = watched;
    const lists: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/photos?')) lists.push(request.url());
    });
    await page.goto(`${daemon.url}/#/batch/${batch_id}`);
    await page.getByRole('button', { name: '00001.jpg' }).waitFor();
    // The first page is enough for what is seen first.
    expect(lists.length).toBe(1);

    const { most, longest } = (await page.evaluate(scrollThrough)) as { most: number; longest: number };
    console.log(`at most ${most} tiles, at most ${Math.round(longest)} ms between two frames`);
    expect(most).toBeLessThan(MOST_TILES);
    await page.getByRole('button', { name: '10000.jpg' }).waitFor();
    await page.locator('.tile[data-index="9999"] .picture.drawn').waitFor();

    await page.getByRole('button', { name: '10000.jpg' }).focus();
    await page.keyboard.press('Home');
    const isOn = (name: string) => isFocused(page.getByRole('button', { name }));
    await expect.poll(() => isOn('00001.jpg'), { timeout: 10_000 }).toBe(true);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => isOn('00002.jpg'), { timeout: 10_000 }).toBe(true);
    await page.keyboard.press('End');
    await expect.poll(() => isOn('10000.jpg'), { timeout: 10_000 }).toBe(true);
    expect(await page.locator('.tile').count()).toBeLessThan(MOST_TILES);
    await expectQuiet(watched, daemon.url);
  });
});
