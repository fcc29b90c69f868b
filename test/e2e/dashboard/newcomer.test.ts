/** The path of somebody who opens the page for the first time, from a folder of photos to an empty list, over a crash. */
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnDaemon } from '../../helpers/daemon.ts';
import { sharedFolder } from '../../helpers/shared-files.ts';
import { createFolder, makePhotos, waitForEnd, waitForStatus } from '../support.ts';
import { expectEqual, expectTold, patient, watchCard, watchShifts } from './cards.ts';
import { executable, expectQuiet, launchBrowser, openPage, takeScreenshots } from './open-page.ts';

const COUNT = 14;
const photos = sharedFolder('photos/plain');
/** One photo at a time: long enough in the middle of a batch to do something there. */
const settings = { executor: { threads: 1, nice: 0 }, resources: { profile: 'full' } };

/** Real photos, the small ones first, where there are any; a torn one besides. Answers what to mend it with. */
async function fillFolder(folder: string): Promise<{ torn: string; whole: Buffer }> {
  if (photos === null) await makePhotos(folder, COUNT, { width: 1800, height: 1200 });
  else {
    const names = (await readdir(photos)).filter((name) => name.endsWith('.jpg')).slice(0, COUNT);
    for (const name of names) await copyFile(join(photos, name), join(folder, name));
  }
  const [first = ''] = await readdir(folder);
  const whole = await readFile(join(folder, first));
  const torn = join(folder, 'torn.jpg');
  await writeFile(torn, whole.subarray(0, whole.length / 2));
  return { torn, whole };
}

async function putTogether(page: Page, folder: string): Promise<string> {
  await page.getByRole('link', { name: 'Develop a folder of photos' }).click();
  await page.getByLabel('Folder', { exact: true }).fill(folder);
  await page.getByRole('button', { name: 'Look for photos' }).click();
  await page.getByText(`${COUNT + 1} photos found.`).waitFor();
  await page.locator('.preset', { hasText: 'Warm' }).click();
  await page.getByLabel('Blend').fill('70');
  await page.locator('.compare .after.drawn').waitFor();
  await takeScreenshots(page, 'newcomer-1-start');
  await page.getByRole('button', { name: 'Start the batch' }).click();
  await page.waitForURL(/#\/batch\/batch_/);
  return page.url().replace(/^.*\//, '');
}

const done = (count: number) => (shown: { processed_count: number }) => shown.processed_count >= count;

describe.skipIf(executable === null)('a newcomer', { timeout: 240_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it('adds a folder, picks a look, starts, watches, pauses, reloads, resumes, survives a crash, compares, retries and cleans up', async () => {
    const first = await spawnDaemon({ settings });
    const folder = await createFolder();
    const { torn, whole } = await fillFolder(folder);
    const watched = await openPage(browser, first, { colorScheme: 'dark' });
    const { page } = watched;
    await takeScreenshots(page, 'newcomer-0-empty');
    const batchId = await putTogether(page, folder);

    // Numbers, pace and time left change; nothing moves. Every number is of one object the daemon told.
    const seen = await watchCard(page, batchId, done(1));
    await page.evaluate(watchShifts);
    seen.push(...(await watchCard(page, batchId, done(5))));
    expect(await page.evaluate('shifts')).toEqual([]);
    expect(new Set(seen.map(({ processed_count }) => processed_count)).size).toBeGreaterThan(3);
    expectTold(watched, batchId, seen);

    await page.getByRole('button', { name: 'Pause' }).click();
    await page.locator('.badge[data-status="paused"]').waitFor();
    await waitForStatus(first.client, batchId, ({ in_flight_count }) => in_flight_count === 0);
    await expectEqual(page, first, batchId);
    await takeScreenshots(page, 'newcomer-2-paused');
    await page.reload();
    await page.locator('.badge[data-status="paused"]').waitFor();
    await expectEqual(page, first, batchId);
    await page.getByRole('button', { name: 'Resume' }).click();
    expectTold(watched, batchId, await watchCard(page, batchId, done(7)));
    // Of a photo that is torn there is no picture.
    await expectQuiet(watched, first.url, /status of 422 .*\/thumbnail/);

    // The page stays open while its daemon dies and comes back.
    await first.kill('SIGKILL');
    await page.getByText('Reconnecting…').waitFor();
    await page.getByText('The numbers below are the last it told').waitFor();
    const args = ['--port', String(first.port)];
    const second = await spawnDaemon({ settings, dataDir: first.dataDir, args });
    await page.getByText('Recovered after a crash').waitFor();
    await expectEqual(page, second, batchId);
    // What was in work when it died is to do again, and shown so.
    await expect.poll(() => page.locator('.tile[data-status="in_flight"]').count(), patient).toBe(0);
    await expect.poll(() => page.locator('.grid [role="alert"]').count(), patient).toBe(0);
    await takeScreenshots(page, 'newcomer-3-recovered');
    await page.getByRole('link', { name: 'Batches', exact: true }).click();
    await page.getByText('They have been recovered').waitFor();
    await page.getByRole('button', { name: 'Understood' }).click();
    await page.getByText('Recovered after a crash').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: `${COUNT + 1} photos` }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.locator('.badge[data-status="completed"]').waitFor();
    const end = await waitForEnd(second.client, batchId);
    expect([end.processed_count, end.failed_count]).toEqual([COUNT, 1]);
    await expectEqual(page, second, batchId);

    // Before and after, at the look the daemon keeps with the batch.
    await page.evaluate('localStorage.clear()');
    await page.reload();
    await page.locator('.tile[data-status="processed"] button').nth(2).click();
    await page.locator('.panel .after.drawn').waitFor();
    expect(await page.locator('.panel .look-words').textContent()).toBe('Warm at 70 %');
    await page.getByLabel('Line between before and after').fill('30');
    expect(await page.locator('.stage').getAttribute('style')).toContain('30%');
    await page.locator('.tile .picture.drawn').nth(3).waitFor();
    await takeScreenshots(page, 'newcomer-4-compared');

    // The torn one: why, and once more when it is whole.
    const group = page.locator('.failures [data-code="damaged_image"]');
    await expect.poll(() => group.textContent(), patient).toContain('The image is damaged 1torn.jpg');
    await page.locator('.photos .segments label', { hasText: 'Failed' }).click();
    await expect.poll(() => page.locator('.tile').count(), patient).toBe(1);
    await writeFile(torn, whole);
    await group.getByRole('button', { name: 'Retry these' }).click();
    await expect
      .poll(() => page.locator('[data-field="processed_count"]').textContent(), patient)
      .toBe(String(COUNT + 1));
    await expect.poll(() => page.locator('.failures').count(), patient).toBe(0);
    await expectEqual(page, second, batchId);

    await page.getByRole('link', { name: 'Batches', exact: true }).click();
    await page.getByRole('button', { name: 'Clean up…' }).click();
    await page.getByRole('dialog').getByLabel('Batches').selectOption('0');
    await page.getByText('That is 1 batch.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Clean up' }).click();
    await page.getByText('No batches yet.').waitFor();
    expect((await second.client.batches.list()).count).toBe(0);
    await second.stop();
  });
});
