/** `npm run docs:screenshots`: writes the pictures of the page in the README, over a daemon with made-up photos. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { type SpawnedDaemon, spawnServe, toCleanEnvironment } from '../../bridge/cli/spawn-daemon.ts';
import { type BridgeClient, createClient } from '../../bridge/client/index.ts';
import { executable, launchBrowser } from '../e2e/dashboard/launch.ts';
import { makeLandscape } from './made-up-pictures.ts';

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const entry = fileURLToPath(new URL('../../bridge/main.ts', import.meta.url));
const MOST_BYTES = 150_000;
const names = ['morning', 'lake', 'night', 'desert', 'mist', 'dunes'] as const;
const COUNT = 24;

type Scene = { browser: Browser; url: string; client: BridgeClient; folder: string };

async function makeFolder(root: string): Promise<string> {
  const folder = join(root, 'photos');
  await mkdir(folder);
  for (let number = 0; number < COUNT; number += 1) {
    const name = `${names[number % names.length]}-${Math.floor(number / names.length) + 1}.jpg`;
    await writeFile(join(folder, name), await makeLandscape(number));
  }
  return folder;
}

async function startDaemon(root: string): Promise<SpawnedDaemon> {
  const config = join(root, 'bridge.config.json');
  // Slow enough to be caught in the middle of a batch.
  const settings = { resources: { profile: 'full' }, executor: { threads: 1, nice: 0 } };
  await writeFile(config, JSON.stringify(settings));
  return await spawnServe({
    self: { node: process.execPath, entry },
    args: ['--port', '0', '--data-dir', join(root, 'data'), '--config', config],
    env: toCleanEnvironment(process.env),
    cwd: root,
  });
}

async function openAt({ browser, url }: Scene, hash: string, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  await page.goto(`${url}/${hash}`);
  await page.locator('h1').first().waitFor();
  return page;
}

async function save(page: Page, name: string): Promise<void> {
  const bytes = await sharp(await page.screenshot())
    .webp({ quality: 84, effort: 6 })
    .toBuffer();
  if (bytes.length > MOST_BYTES)
    throw new Error(`${name} has ${bytes.length} bytes, more than ${MOST_BYTES}`);
  await mkdir(images, { recursive: true });
  await writeFile(join(images, `${name}.webp`), bytes);
  console.log(`docs/images/${name}.webp ${(bytes.length / 1000).toFixed(0)} kB`);
  await page.context().close();
}

/** A new batch: a look on one photo, before and after. */
async function pictureLook(scene: Scene): Promise<void> {
  const page = await openAt(scene, '#/start', { colorScheme: 'dark' });
  await page.getByLabel('Folder', { exact: true }).fill(scene.folder);
  await page.getByRole('button', { name: 'Look for photos' }).click();
  await page.locator('.samples label').nth(1).click();
  const gallery = page.locator('.preset .picture.drawn');
  await page.locator('.preset', { hasText: 'GoldenHour' }).click();
  await page.getByLabel('Blend').fill('85');
  await page.locator('.compare .after.drawn').waitFor();
  await gallery.nth(11).waitFor();
  // The new look follows the blend after a moment.
  await page.locator('.samples .picture.drawn').nth(11).waitFor();
  await page.waitForLoadState('networkidle');
  await page.evaluate(`document.querySelectorAll('.step')[1].scrollIntoView(); scrollBy(0, -70)`);
  await save(page, 'dashboard-look');
}

/** A batch in its middle. */
async function pictureBatch(scene: Scene): Promise<void> {
  const { client, folder } = scene;
  const { batch_id } = await client.batches.start({
    select: { folder },
    config: { preset: 'GoldenHour', blend: 85, output: { format: 'tiff' } },
  });
  const page = await openAt(scene, `#/batch/${batch_id}`, { colorScheme: 'light' });
  for await (const { processed_count } of client.watchBatch(batch_id)) if (processed_count >= 7) break;
  await page.locator('.tile .picture.drawn').nth(11).waitFor();
  await save(page, 'dashboard-batch');
  await client.batches.cancel(batch_id).catch(() => undefined);
}

/** The list on a phone: one that ran, one that waits for its hour, one that a program holds. */
async function picturePhone(scene: Scene): Promise<void> {
  const { client, folder } = scene;
  const start_at = new Date(Date.now() + 8 * 3_600_000).toISOString();
  await client.batches.start({ select: { folder }, start_at });
  const { batch_id } = await client.batches.start({
    select: { folder },
    config: { preset: 'Mono', output: { format: 'tiff' } },
  });
  for await (const { processed_count } of client.watchBatch(batch_id)) if (processed_count >= 10) break;
  await client.batches.placeHold(batch_id, { client: 'darktable', reason: 'an export runs', lease_s: 600 });
  const options = {
    colorScheme: 'dark',
    viewport: { width: 400, height: 860 },
    deviceScaleFactor: 2,
  } as const;
  const page = await openAt(scene, '#/batches', options);
  await page.getByText('Held by darktable').waitFor();
  await save(page, 'dashboard-phone');
}

async function main(): Promise<void> {
  if (executable === null) throw new Error('There is no Chromium here.');
  const root = await mkdtemp(join(tmpdir(), 'photo-bridge-docs-'));
  const daemon = await startDaemon(root);
  const browser = await launchBrowser();
  try {
    const folder = await makeFolder(root);
    const scene = { browser, url: daemon.url, client: createClient({ url: daemon.url }), folder };
    await pictureLook(scene);
    await pictureBatch(scene);
    await picturePhone(scene);
  } finally {
    await browser.close();
    await daemon.kill('SIGTERM');
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

await main();
