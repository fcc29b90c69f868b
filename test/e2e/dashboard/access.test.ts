/** The page for everybody: no fault that axe knows on any page, and every step of the main job by keyboard alone. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnDaemon } from '../../helpers/daemon.ts';
import { createFolder, makePhotos, registerPhotos, waitForEnd } from '../support.ts';
import { executable, findFaults, launchBrowser, openPage, tabTo } from './open-page.ts';

describe.skipIf(executable === null)('everybody', { timeout: 180_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it('finds every page free of faults, dark and light', async () => {
    const daemon = await spawnDaemon();
    const folder = await createFolder();
    const paths = await makePhotos(folder, 4);
    await writeFile(join(folder, 'torn.jpg'), 'no photo'.padStart(100, '\u00ff\u00d8'));
    const ids = await registerPhotos(daemon.client, paths);
    await daemon.client.photos.add({ folder, skip_invalid: true });
    const { batch_id } = await daemon.client.batches.start({ photo_ids: ids });
    await waitForEnd(daemon.client, batch_id);
    await daemon.client.batches.start({ photo_ids: ids, start_at: '2099-01-01T00:00:00Z' });
    for (const colorScheme of ['dark', 'light'] as const) {
      const { page } = await openPage(browser, daemon, { colorScheme, bypassCSP: true });
      const check = async (what: string) => {
        expect([colorScheme, what, await findFaults(page)]).toEqual([colorScheme, what, []]);
      };
      await page.locator('.batch').nth(1).waitFor();
      await check('batches');
      await page.getByRole('button', { name: 'Clean up…' }).click();
      await page.getByRole('dialog').waitFor();
      await check('a question');
      await page.keyboard.press('Escape');
      await page.goto(`${daemon.url}/#/batch/${batch_id}`);
      // A tile that is not read yet opens nothing.
      await page.locator('.tile[data-status] button').first().click();
      await page.locator('.panel .picture.drawn').first().waitFor();
      await check('a batch');
      await page.goto(`${daemon.url}/#/start`);
      await page.getByLabel('Folder', { exact: true }).fill(folder);
      await page.getByRole('button', { name: 'Look for photos' }).click();
      await page.locator('.samples label').first().waitFor();
      await page.getByLabel('Quality').fill('much');
      await page.getByRole('button', { name: 'Start the batch' }).click();
      await page.locator('#quality-error').waitFor();
      await check('a new batch');
      await page.goto(`${daemon.url}/#/presets`);
      await page.locator('.preset').nth(1).click();
      await page.getByRole('link', { name: 'Use it in a new batch' }).waitFor();
      await check('presets');
      await page.goto(`${daemon.url}/#/resources`);
      await page.locator('.chart').first().waitFor();
      await check('resources');
      await page.goto(`${daemon.url}/#/nowhere`);
      await page.getByText('There is no such page').waitFor();
      await check('no page');
    }
  });

  it('can start, pause, resume and read a batch without a mouse, and sees where the focus is', async () => {
    const daemon = await spawnDaemon({
      settings: { executor: { threads: 1, nice: 0 }, resources: { profile: 'full' } },
    });
    const folder = await createFolder();
    await makePhotos(folder, 12, { width: 1200, height: 800 });
    const { page } = await openPage(browser, daemon);
    await tabTo(page, page.getByRole('button', { name: 'Skip to the content' }));
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByRole('link', { name: 'Develop a folder of photos' }));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'New batch' }).waitFor();
    await tabTo(page, page.getByLabel('Folder', { exact: true }));
    await page.keyboard.type(folder);
    await tabTo(page, page.getByRole('button', { name: 'Look for photos' }));
    await page.keyboard.press('Enter');
    await page.getByText('12 photos found.').waitFor();
    await tabTo(page, page.getByRole('radio', { name: 'No preset' }));
    await page.keyboard.press('ArrowDown');
    const chosen = page.locator('.preset:has(:checked) .name');
    await expect.poll(() => chosen.textContent(), { timeout: 10_000 }).not.toBe('No preset');
    await tabTo(page, page.getByRole('button', { name: 'Start the batch' }));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '12 photos' }).waitFor();
    await tabTo(page, page.getByRole('button', { name: 'Pause' }));
    await page.keyboard.press('Enter');
    await page.locator('.badge[data-status="paused"]').waitFor();
    await tabTo(page, page.getByRole('button', { name: 'Resume' }));
    await page.keyboard.press('Enter');
    await page.locator('.badge[data-status="completed"]').waitFor();
    await tabTo(page, page.locator('.tile button').first());
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Photo photo-02.jpg' }).waitFor();
  });
});
