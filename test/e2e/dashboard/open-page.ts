/** The dashboard in a real browser, with all that it asked for, was told and complained about. It clicks nothing itself. */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import type { BatchStatusObject } from '../../../bridge/client/index.ts';
import type { TestDaemon } from '../../helpers/daemon.ts';

export { executable, launchBrowser } from './launch.ts';

const screenshots = fileURLToPath(new URL('./screenshots/', import.meta.url));

export type Watched = {
  page: Page;
  /** Errors of its console and its scripts, and violations of its policy. */
  complaints: string[];
  /** Origins it sent requests to. */
  origins: Set<string>;
  /** Every status object the daemon gave it, in every answer and frame. */
  told: BatchStatusObject[];
};

const watchPolicy = `
  globalThis.violations = [];
  addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + ' ' + event.blockedURI));
`;

export async function openPage(
  browser: Browser,
  daemon: Pick<TestDaemon, 'url'>,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const watched: Watched = { page, complaints: [], origins: new Set(), told: [] };
  await page.addInitScript(watchPolicy);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      watched.complaints.push(`${message.type()}: ${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => watched.complaints.push(`thrown: ${error.message}`));
  page.on('request', (request) => watched.origins.add(new URL(request.url()).origin));
  page.on('response', async (response) => {
    if (!/\/batch\/(list|[^/]+\/status)(\?|$)/.test(response.url())) return;
    const body = (await response.json().catch(() => ({}))) as { batches?: BatchStatusObject[] };
    watched.told.push(...(body.batches ?? [body as BatchStatusObject]));
  });
  page.on('websocket', (socket) => {
    watched.origins.add(new URL(socket.url()).origin.replace(/^ws/, 'http'));
    socket.on('framereceived', ({ payload }) => {
      const frame = JSON.parse(String(payload)) as BatchStatusObject;
      if (frame.progress_percent !== undefined) watched.told.push(frame);
    });
  });
  await page.goto(`${daemon.url}/`);
  await page.locator('h1').waitFor();
  return watched;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds, each with the elements it is about. Through the protocol, so the page's policy stays as it is. */
export async function findFaults(page: Page): Promise<string[]> {
  // Colours that are on their way to others are judged when they are there.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(axe);
  return await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' | ')))`);
}

export async function findFaultsDarkAndLight(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    faults.push(...(await findFaults(page)).map((fault) => `${colorScheme}: ${fault}`));
  }
  return faults;
}

/** Nothing on the console but `expected` refusals (a browser notes each there), nothing against the policy, nobody else asked. */
export async function expectQuiet(
  { page, complaints, origins }: Watched,
  url: string,
  expected?: RegExp,
): Promise<void> {
  expect(complaints.filter((complaint) => expected?.test(complaint) !== true)).toEqual([]);
  expect(await page.evaluate('violations')).toEqual([]);
  expect([...origins]).toEqual([new URL(url).origin]);
}

export const shownFields = [
  'processed_count',
  'failed_count',
  'in_flight_count',
  'pending_count',
  'progress_percent',
] as const;
export type Shown = Record<(typeof shownFields)[number] | 'seq', number>;

/** What a batch's card shows at one moment. Null: it is not there. */
export async function readCard(page: Page, batchId: string): Promise<Shown | null> {
  const read = `(async () => {
    await new Promise(requestAnimationFrame);
    const card = document.querySelector('[data-batch="${batchId}"]');
    if (card === null) return null;
    const shown = { seq: Number(card.dataset.seq) };
    for (const field of card.querySelectorAll('[data-field]'))
      shown[field.dataset.field] = Number(field.textContent.replace(/[ ,%]/g, ''));
    return shown;
  })()`;
  return await page.evaluate(read);
}

export function toShown(status: BatchStatusObject): Shown {
  const fields = shownFields.map((field) => [field, status[field]]);
  return { ...(Object.fromEntries(fields) as Shown), seq: status.seq };
}

/** With `SCREENSHOTS` set, into a folder that git ignores: for people to look at. */
export async function takeScreenshot(page: Page, name: string): Promise<void> {
  if (!process.env.SCREENSHOTS) return;
  await mkdir(screenshots, { recursive: true });
  await page.evaluate('scrollTo(0, 0)');
  await page.screenshot({ path: `${screenshots}${name}.png`, fullPage: true });
}

const looks = [
  ['light', 1280],
  ['dark', 360],
  ['light', 360],
] as const;

/** The page as it is, in the other colours, and as narrow as a phone. */
export async function takeScreenshots(page: Page, name: string): Promise<void> {
  if (!process.env.SCREENSHOTS) return;
  await takeScreenshot(page, name);
  for (const [colorScheme, width] of looks) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 860 });
    await takeScreenshot(page, `${name}-${width}-${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 1280, height: 860 });
}

type InDocument = { ownerDocument: { activeElement: unknown } };

export async function isFocused(target: Locator): Promise<boolean> {
  return await target.evaluate((element: InDocument) => element.ownerDocument.activeElement === element);
}

/** Presses Tab until the element has the focus, and sees at each stop that the focus can be seen. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await isFocused(target)) return;
    await page.keyboard.press('Tab');
    expect([await page.evaluate(focusStyle), presses]).toEqual(['visible', presses]);
  }
  throw new Error(`Tab does not lead to ${target}`);
}

/** An outline on the focused element, or on what stands around a control that is drawn by something else. */
const focusStyle = `(() => {
  const focused = document.activeElement;
  if (focused === document.body) return 'visible';
  const around = [focused, focused.nextElementSibling, focused.parentElement].filter((element) => element !== null);
  const isOutlined = (element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
  };
  return around.some(isOutlined) ? 'visible' : 'unseen: ' + focused.outerHTML.slice(0, 200);
})()`;
