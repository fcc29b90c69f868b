/** The page of the API in a real browser: no script, nothing from elsewhere, readable at every width, without barriers. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { spawnDaemon, type TestDaemon } from '../../helpers/daemon.ts';
import { leaveOut } from '../../helpers/leave-out.ts';
import { findBrowser } from './find-browser.ts';

const axe = readFileSync(
  fileURLToPath(new URL('../../../node_modules/axe-core/axe.min.js', import.meta.url)),
  'utf8',
);
type AxeResult = { violations: { id: string; nodes: { target: string[] }[] }[] };

const executablePath = findBrowser();
let browser: Browser | null = null;
let daemon: TestDaemon | null = null;
beforeAll(async () => {
  if (executablePath === null) return;
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  daemon = await spawnDaemon();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await daemon?.stop();
});

type Opened = { page: Page; requests: string[]; complaints: string[] };

async function open(context: TestContext, options: BrowserContextOptions): Promise<Opened> {
  if (browser === null || daemon === null) return leaveOut(context, 'no Chromium here');
  const page = await (await browser.newContext(options)).newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${daemon.url}/docs`);
  return { page, requests, complaints };
}

const desktop = { viewport: { width: 1400, height: 900 } };
const phone = { viewport: { width: 360, height: 740 } };

/** One of each kind, unfolded: the others come from the same hand, and axe would take half a minute for them. */
const leaveSome = `
  const kept = new Set(['schema-StartBatchBody', 'schema-ClientFrame', 'schema-BatchState', 'schema-Problem']);
  for (const section of document.querySelectorAll('section')) {
    const [first, ...others] = section.querySelectorAll('article');
    for (const article of others) if (!kept.has(article.id)) article.remove();
  }
  for (const list of document.querySelectorAll('nav ul'))
    for (const entry of [...list.children].slice(3)) entry.remove();
  for (const details of document.querySelectorAll('article details')) details.open = true;
`;

describe('the page of the API', { timeout: 120_000 }, () => {
  it('is one answer, and breaks no rule of its own policy', async (context) => {
    const { page, requests, complaints } = await open(context, desktop);
    expect(requests).toEqual([`${daemon?.url}/docs`]);
    expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
    // The style is in force.
    const columns = await page.evaluate<string>('getComputedStyle(document.body).gridTemplateColumns');
    expect(columns.split(' ')).toHaveLength(2);
  });

  it('leads from the list to the operation, and from there to its schema', async (context) => {
    const { page } = await open(context, desktop);
    await page
      .getByRole('navigation', { name: 'Operations', exact: true })
      .getByText('Pause a running batch')
      .click();
    await expect.poll(() => new URL(page.url()).hash).toBe('#pauseBatch');
    const article = page.locator('#pauseBatch');
    expect(await article.evaluate((element) => Math.abs(element.getBoundingClientRect().top))).toBeLessThan(
      100,
    );
    await article.getByRole('link', { name: 'PauseBatchBody' }).click();
    await expect.poll(() => new URL(page.url()).hash).toBe('#schema-PauseBatchBody');
  });

  it.for([
    ['on a desktop', desktop],
    ['in the dark', { ...desktop, colorScheme: 'dark' }],
    ['on a phone', phone],
  ] satisfies [string, BrowserContextOptions][])(
    'has no barrier and nothing too wide %s',
    async ([, options], context) => {
      const { page } = await open(context, { ...options, bypassCSP: true });
      const widths = await page.evaluate<number[]>('[document.documentElement.scrollWidth, innerWidth]');
      expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
      await page.evaluate(leaveSome);
      expect(await page.locator('article').count()).toBeGreaterThan(10);
      await page.evaluate(axe);
      const { violations } = await page.evaluate<AxeResult>('axe.run()');
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')}`)).toEqual([]);
    },
  );
});
