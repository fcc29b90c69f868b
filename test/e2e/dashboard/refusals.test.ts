/** A new batch that the daemon refuses: the reason stands at the field that is wrong, and the rest of the form stays. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnDaemon } from '../../helpers/daemon.ts';
import { createFolder, makePhotos } from '../support.ts';
import { patient } from './cards.ts';
import { executable, launchBrowser, openPage } from './open-page.ts';

async function lookAtFolder(page: Page, folder: string): Promise<void> {
  await page.getByLabel('Folder', { exact: true }).fill(folder);
  await page.getByRole('button', { name: 'Look for photos' }).click();
  await page.locator('.samples label').first().waitFor();
}

describe.skipIf(executable === null)('a new batch on the page', { timeout: 180_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it('that the daemon refuses says so at the field that is wrong', async () => {
    const daemon = await spawnDaemon();
    const folder = await createFolder();
    await makePhotos(folder, 1);
    const { page } = await openPage(browser, daemon);
    await page.goto(`${daemon.url}/#/start`);
    await page.getByLabel('Folder', { exact: true }).fill('/no/such/folder');
    await page.getByRole('button', { name: 'Look for photos' }).click();
    await page.locator('#folder-error').waitFor();
    await lookAtFolder(page, folder);
    await page.getByLabel('Quality').fill('500');
    await page.getByLabel('Output folder').fill('pictures');
    await page.getByRole('button', { name: 'Start the batch' }).click();
    const refused = await page.locator('#quality-error, #outputFolder-error').first().textContent();
    expect(refused).toMatch(/config\.output\.(quality|folder)/);
    await page.getByLabel('Quality').fill('85');
    await page.getByRole('button', { name: 'Start the batch' }).click();
    await expect
      .poll(() => page.locator('#outputFolder-error').textContent(), patient)
      .toContain('absolute path');
    expect(await page.getByLabel('Output folder').getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('#quality-error').count()).toBe(0);
    await page.getByLabel('Output folder').fill('');
    await page.getByRole('button', { name: 'Start the batch' }).click();
    await page.waitForURL(/#\/batch\/batch_/);
  });
});
