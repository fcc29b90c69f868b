/** A batch's whole life on the page: started, paused, reloaded, resumed, crashed, recovered, finished, tried again, forgotten. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnDaemon, type TestDaemon } from '../../helpers/daemon.ts';
import { makeImage } from '../../helpers/images.ts';
import { createFolder, makePhotos, waitForEnd, waitForStatus } from '../support.ts';
import {
  executable,
  expectQuiet,
  launchBrowser,
  openPage,
  readCard,
  type Shown,
  shownFields,
  takeScreenshot,
  toShown,
  type Watched,
} from './open-page.ts';

/** The machine may be busy with other tests. */
const patient = { timeout: 20_000 };
const quick = { executor: { nice: 0 }, resources: { profile: 'full' } };
/** One photo at a time: long enough in the middle of a batch to do something there. */
const slow = { executor: { threads: 1, nice: 0 }, resources: { profile: 'full' } };

async function lookAtFolder(page: Page, folder: string): Promise<void> {
  await page.getByLabel('Folder', { exact: true }).fill(folder);
  await page.getByRole('button', { name: 'Look for photos' }).click();
  await page.locator('.samples label').first().waitFor();
}

async function startBatch(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Start the batch' }).click();
  await page.waitForURL(/#\/batch\/batch_/);
  return page.url().replace(/^.*\//, '');
}

/** What the page shows is one object the daemon told it, as a whole. */
function expectTold({ told }: Watched, batchId: string, shown: readonly Shown[]): void {
  const known = new Set(
    told.filter(({ batch_id }) => batch_id === batchId).map((status) => toKey(toShown(status))),
  );
  expect(shown.filter((one) => !known.has(toKey(one)))).toEqual([]);
}
const toKey = (shown: Shown) => JSON.stringify([shown.seq, ...shownFields.map((field) => shown[field])]);

/** Looks at the card until it shows what is waited for; all that was seen on the way. */
async function watchCard(page: Page, batchId: string, until: (shown: Shown) => boolean): Promise<Shown[]> {
  const seen: Shown[] = [];
  for (;;) {
    const shown = await readCard(page, batchId);
    if (shown !== null) seen.push(shown);
    if (shown !== null && until(shown)) return seen;
  }
}

/** At rest the page shows what the daemon says when it is asked. */
async function expectEqual(page: Page, daemon: TestDaemon, batchId: string): Promise<void> {
  const { client } = daemon;
  const look = async () => {
    const shown = await readCard(page, batchId);
    return shown === null ? 'nothing' : toKey(shown);
  };
  await expect.poll(look, patient).toBe(toKey(toShown(await client.batches.status(batchId))));
}

const watchShifts = `
  globalThis.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries())
      shifts.push(value.toFixed(4) + ' ' + sources.map(({ node }) => node?.className ?? node?.nodeName).join(' '));
  }).observe({ type: 'layout-shift', buffered: false });
`;

describe.skipIf(executable === null)('a batch on the page', { timeout: 180_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it('is started, paused, found again after a reload, resumed and finished, with the numbers the daemon told', async () => {
    const daemon = await spawnDaemon({ settings: slow });
    const folder = await createFolder();
    await makePhotos(folder, 24, { width: 1000, height: 700 });
    const watched = await openPage(browser, daemon);
    const { page } = watched;
    await page.getByRole('link', { name: 'Develop a folder of photos' }).click();
    await lookAtFolder(page, folder);
    await page.locator('.preset', { hasText: 'Warm' }).click();
    await page.getByLabel('Blend').fill('70');
    await page.locator('.compare .after.drawn').waitFor();
    await takeScreenshot(page, 'start');
    const batchId = await startBatch(page);

    const running = await watchCard(page, batchId, ({ processed_count }) => processed_count >= 3);
    await page.evaluate(watchShifts);
    running.push(...(await watchCard(page, batchId, ({ processed_count }) => processed_count >= 10)));
    // Numbers, rate and time left have changed by now; nothing has moved.
    expect(await page.evaluate('shifts')).toEqual([]);
    expect(new Set(running.map(({ processed_count }) => processed_count)).size).toBeGreaterThan(4);
    expectTold(watched, batchId, running);
    await takeScreenshot(page, 'running');

    await page.getByRole('button', { name: 'Pause' }).click();
    await page.locator('.badge[data-status="paused"]').waitFor();
    await waitForStatus(daemon.client, batchId, ({ in_flight_count }) => in_flight_count === 0);
    await expectEqual(page, daemon, batchId);

    await page.reload();
    await page.locator('.badge[data-status="paused"]').waitFor();
    await expectEqual(page, daemon, batchId);
    await page.getByRole('button', { name: 'Resume' }).click();
    const rest = await watchCard(page, batchId, ({ progress_percent }) => progress_percent === 100);
    expectTold(watched, batchId, rest);
    expect((await waitForEnd(daemon.client, batchId)).processed_count).toBe(24);
    await page.locator('.badge[data-status="completed"]').waitFor();
    await expectEqual(page, daemon, batchId);

    // Before and after, at the look it was started with.
    await page.locator('.tile[data-status="processed"] button').nth(2).click();
    await page.locator('.panel .after.drawn').waitFor();
    expect(await page.locator('.panel .look-words').textContent()).toBe('Warm at 70 %');
    await takeScreenshot(page, 'finished');
    await expectQuiet(watched, daemon.url);
  });

  it('that a crash interrupted is shown as recovered by the page that was open all along', async () => {
    const settings = { ...slow };
    const first = await spawnDaemon({ settings });
    const folder = await createFolder();
    const paths = await makePhotos(folder, 16, { width: 1200, height: 800 });
    const { page } = await openPage(browser, first);
    const { batch_id } = await first.client.batches.start({ photos: paths.map((path) => ({ path })) });
    await watchCard(page, batch_id, ({ processed_count }) => processed_count >= 2);
    await first.kill('SIGKILL');
    await page.getByText('Reconnecting…').waitFor();

    const port = ['--port', String(first.port)];
    const second = await spawnDaemon({ settings, dataDir: first.dataDir, args: port });
    await page.getByText('Recovered after a crash').waitFor();
    await page.getByText('They have been recovered').waitFor();
    await expectEqual(page, second, batch_id);
    await takeScreenshot(page, 'recovered');
    await page.getByRole('button', { name: 'Understood' }).click();
    await page.getByText('Recovered after a crash').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.locator('.badge[data-status="completed"]').waitFor();
    await expectEqual(page, second, batch_id);
    await second.stop();
  });

  it('names why photos failed, tries them again, and is forgotten when it is cleaned up', async () => {
    const daemon = await spawnDaemon({ settings: quick });
    const folder = await createFolder();
    await makePhotos(folder, 4);
    const whole = await makeImage();
    const damaged = join(folder, 'torn.jpg');
    await writeFile(damaged, whole.subarray(0, whole.length / 2));
    const { page } = await openPage(browser, daemon);
    await page.getByRole('link', { name: 'New batch' }).first().click();
    await lookAtFolder(page, folder);
    await startBatch(page);
    const group = page.locator('.failures [data-code="damaged_image"]');
    await expect.poll(() => group.textContent(), patient).toContain('The image is damaged 1torn.jpg');
    await page.locator('.photos .segments label', { hasText: 'Failed' }).click();
    await expect.poll(() => page.locator('.tile').count(), patient).toBe(1);

    await writeFile(damaged, whole);
    await group.getByRole('button', { name: 'Retry these' }).click();
    await expect.poll(() => page.locator('[data-field="processed_count"]').textContent(), patient).toBe('5');
    await expect.poll(() => page.locator('.failures').count(), patient).toBe(0);

    await page.getByRole('link', { name: 'Batches', exact: true }).click();
    await page.getByRole('button', { name: 'Clean up…' }).click();
    await page.getByRole('dialog').getByLabel('Batches').selectOption('0');
    await page.getByText('That is 1 batch.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Clean up' }).click();
    await page.getByText('No batches yet.').waitFor();
    expect((await daemon.client.batches.list()).count).toBe(0);
  });

  it('that the daemon refuses says so at the field that is wrong', async () => {
    const daemon = await spawnDaemon({ settings: quick });
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
    await startBatch(page);
  });
});
