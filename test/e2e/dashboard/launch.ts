/** Starts the browser the dashboard is looked at with, after building the dashboard when it is not there or old. */
import { type Browser, chromium } from 'playwright-core';
import { ensureBuilt } from '../../../bridge/dashboard/build.ts';
import { findBrowser } from '../browser/find-browser.ts';

export const executable = findBrowser();
if (executable === null) console.log('skipped: the dashboard in a real browser (there is no Chromium here)');

export async function launchBrowser(): Promise<Browser> {
  await ensureBuilt();
  return await chromium.launch({
    executablePath: executable ?? '',
    args: ['--no-sandbox', '--disable-gpu', '--disable-software-rasterizer'],
  });
}
