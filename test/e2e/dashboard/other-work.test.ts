/** Captions and listings on the page: from a list to what became of every item, over servers that are real. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { spawnDaemon } from '../../helpers/daemon.ts';
import { startMastodon } from '../../helpers/mastodon/server.ts';
import { number, statuses, toLine, write } from '../../medium/operations/listings/inventory-files.ts';
import { waitForEnd } from '../support.ts';
import {
  executable,
  expectQuiet,
  findFaultsDarkAndLight,
  launchBrowser,
  openPage,
  takeScreenshot,
} from './open-page.ts';

const patient = { timeout: 20_000 };

/** Starts that are refused are what is tested here. */
const refusals = /status of 4.*\/batch\/start$/;

const batchIdOf = (page: Page) => page.url().replace(/^.*\//, '');

/** The states of all rows that are shown, by name. */
async function readRows(page: Page): Promise<string[]> {
  return await page
    .locator('.item-row')
    .evaluateAll((rows: unknown[]) =>
      (rows as { querySelector(selector: string): { textContent: string } | null }[]).map(
        (row) =>
          `${row.querySelector('.name')?.textContent}: ${row.querySelector('.row-words')?.textContent}`,
      ),
    );
}

/** Posts ads but for those it is told to refuse. */
async function servePoster() {
  const refused = new Set<string>();
  const posts: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { bucket_truck_id: id } = (JSON.parse(body) as { record: { bucket_truck_id: string } }).record;
      posts.push(id);
      const success = !refused.has(id);
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify(
          success
            ? {
                success,
                message: 'ok',
                ad_url: id === 'BT001' ? 'javascript:alert(1)' : `https://ads.example/${id}`,
              }
            : { success, message: 'no thanks' },
        ),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ads`, posts, refused };
}

describe.skipIf(executable === null)('other work on the page', { timeout: 180_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it('publishes captions post by post: says what is missing, looks first, publishes, puts back what did not land, retries', async () => {
    const mastodon = await startMastodon();
    const good = mastodon.addPost({ captions: [null, 'old'] });
    const bad = mastodon.addPost({ captions: ['as it was'] });
    mastodon.ignore(bad.media[0]?.id ?? '');
    const lines = [...good.media, ...bad.media].map(
      ({ id }, place) =>
        `pic-${place},${place < 2 ? good.id : bad.id},${id},"A view, ""wide""${place}",approved`,
    );
    const csv = ['image_id,post_id,media_id,caption,status', ...lines, 'pic-9,1,2,not yet,draft'].join('\n');
    const daemon = await spawnDaemon();
    const watched = await openPage(browser, daemon);
    const { page } = watched;

    // Without a server.
    await page.getByRole('link', { name: 'Captions', exact: true }).click();
    await page.getByText('No server is set yet').waitFor();
    expect(await page.locator('.command').textContent()).toContain('captions.token=YOUR_TOKEN');
    expect(await findFaultsDarkAndLight(page)).toEqual([]);
    await takeScreenshot(page, 'captions-without-server');
    await daemon.client.settings.change({ captions: { server_url: mastodon.url, token: mastodon.token } });
    await page.getByText('Its access token is set.').waitFor();
    expect(await page.content()).not.toContain(mastodon.token);

    // A list that cannot be used.
    const area = page.getByLabel('Text of the file');
    await area.fill('[1');
    await page.locator('#captions-error').waitFor();
    await area.fill('image_id,post_id,media_id,caption,status\ni,1,2,,approved\nj,,2,x,approved');
    await page.getByRole('button', { name: 'Publish' }).click();
    await expect
      .poll(() => page.locator('#captions-error').textContent(), patient)
      .toMatch(/item 1: caption is missing.*item 2: post_id is missing/);

    // The right one, as a file; looked at first.
    await page
      .getByLabel('File of captions')
      .setInputFiles({ name: 'captions.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await page.getByText('3 captions in 2 posts').waitFor();
    expect(await page.locator('.posts h3').count()).toBe(2);
    expect(await page.locator('.posts').textContent()).toContain('A view, "wide"0');
    await page.getByLabel('Verify after').fill('0');
    await page.getByLabel('Dry run').check();
    await takeScreenshot(page, 'captions');
    expect(await findFaultsDarkAndLight(page)).toEqual([]);
    await page.getByRole('button', { name: 'Look, and write nothing' }).click();
    await page.getByText('This is a dry run').waitFor();
    await expect
      .poll(() => readRows(page), patient)
      .toEqual([2, 0, 1].map((place) => `pic-${place}: Would be published`));
    expect(mastodon.writes()).toEqual([]);

    // And published.
    await page.getByRole('link', { name: 'Publish them…' }).click();
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('heading', { name: '3 captions', level: 1 }).waitFor();
    await page.locator('.badge[data-status="completed"]').waitFor();
    await expect
      .poll(() => readRows(page), patient)
      .toEqual([
        expect.stringMatching(/^pic-2: Put back as it was post \d+: .*the post was put back as it was/),
        'pic-0: Published, verified',
        'pic-1: Published, verified',
      ]);
    expect(await page.locator('.item-row .group').first().textContent()).toBe(`Post ${bad.id}`);
    expect(await page.locator('.item-row .text').first().textContent()).toBe('A view, "wide"2');
    expect(await page.locator('.tile, .item-row canvas').count()).toBe(0);
    await page.locator('.item-row button').first().click();
    await page.getByRole('complementary', { name: 'Caption pic-2' }).waitFor();
    expect(await findFaultsDarkAndLight(page)).toEqual([]);
    await takeScreenshot(page, 'captions-published');

    // What did not land is tried again.
    mastodon.heed(bad.media[0]?.id ?? '');
    const batchId = batchIdOf(page);
    await page.getByRole('button', { name: 'Retry these' }).click();
    await expect.poll(async () => (await readRows(page))[0], patient).toBe('pic-2: Published, verified');
    expect((await waitForEnd(daemon.client, batchId)).processed_count).toBe(3);
    expect(mastodon.post(bad.id).media[0]?.description).toBe('A view, "wide"2');
    await page.reload();
    await page.locator('.item-row').first().waitFor();
    expect(await page.locator('.item-row .group').first().textContent()).toBe(`Post ${bad.id}`);
    await expectQuiet(watched, daemon.url, refusals);
  });

  it('posts the rows of an inventory: statuses as they stand in the file, ads as links, refusals at their field, retry', async () => {
    const { url, posts, refused } = await servePoster();
    const path = write([number(0), number(1), number(2)].map((id) => toLine(id)));
    refused.add('BT002');
    const daemon = await spawnDaemon();
    const watched = await openPage(browser, daemon, { viewport: { width: 360, height: 740 } });
    const { page } = watched;
    await page.goto(`${daemon.url}/#/listings`);
    await page.getByLabel('File', { exact: true }).fill('/no/such/inventory.csv');
    await page.getByRole('button', { name: 'Post the ads' }).click();
    await page.locator('[aria-invalid="true"]').first().waitFor();
    expect(await page.locator('.error').count()).toBeGreaterThan(0);
    expect(await findFaultsDarkAndLight(page)).toEqual([]);
    await page.getByLabel('Folder of the images').fill(path.replace(/[^/]+$/, 'images'));
    await page.getByLabel('Address').fill(url);
    await page.getByRole('button', { name: 'Post the ads' }).click();
    await expect.poll(() => page.locator('#file-error').textContent(), patient).toContain('does not exist');
    await page.getByLabel('File', { exact: true }).fill(path);
    await takeScreenshot(page, 'listings-phone');
    await page.getByLabel('Dry run').check();
    await page.getByRole('button', { name: 'Check, and post nothing' }).click();
    await page.getByText('This is a dry run').waitFor();
    await page.locator('.badge[data-status="completed"]').waitFor();
    expect(posts).toEqual([]);

    await page.getByRole('link', { name: 'Post them…' }).click();
    await page.getByRole('button', { name: 'Post the ads' }).click();
    await page.getByRole('heading', { name: '3 rows', level: 1 }).waitFor();
    await page.locator('.badge[data-status="completed"]').waitFor();
    await expect
      .poll(() => readRows(page), patient)
      .toEqual([
        expect.stringMatching(/^BT000: Posted \d{4}-\d\d-\d\d okhttps:\/\/ads\.example\/BT000$/),
        expect.stringMatching(/^BT001: Posted \d{4}-\d\d-\d\d ok$/),
        'BT002: Error: no thanks',
      ]);
    const link = page.locator('.item-row a');
    expect(await link.count()).toBe(1);
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await takeScreenshot(page, 'listings-posted-phone');
    await page.locator('.item-row button').nth(1).click();
    await page.getByRole('complementary', { name: 'Row BT001' }).waitFor();
    expect(await findFaultsDarkAndLight(page)).toEqual([]);
    expect(await page.locator('.failures').textContent()).toContain('The other side refused it 1BT002');

    refused.clear();
    await page.getByRole('button', { name: 'Retry these' }).click();
    await expect.poll(async () => (await readRows(page))[2], patient).toContain('BT002: Posted');
    await expect
      .poll(() => statuses(path).filter((status) => status.startsWith('Posted ')).length, patient)
      .toBe(3);
    expect(posts).toEqual(['BT000', 'BT001', 'BT002', 'BT002']);
    await expectQuiet(watched, daemon.url, refusals);
  });
});
