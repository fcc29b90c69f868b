/**
 * Writes a page of pictures for people to look at (every built-in preset and ten Lightroom presets on three photos) and holds the pictures
 * against what numbers can say of a look. The path is printed; the folder goes with the test unless PHOTO_BRIDGE_LOOKS_PAGE names one.
 */
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileLook } from '../../../bridge/presets/compile-look.ts';
import { proof } from '../../../workers/pipeline/proof.ts';
import { sharedFolder } from '../../helpers/shared-files.ts';
import { proofTask } from '../../helpers/tasks.ts';
import {
  decode,
  differenceOf,
  type Measures,
  measure,
  mixOf,
  type Raw,
  tintSpread,
} from './looks-page/measure.ts';
import { type Cell, type Row, toPage } from './looks-page/page.ts';
import { loadShown, type Shown } from './looks-page/recipes.ts';
import { LONG_EDGE, loadPhotos, type Photo } from './looks-page/scenes.ts';

type Seen = Raw & Measures;
type Source = { photo: Photo; source: Seen };
/** One preset on one photo. */
type Case = { shown: Shown; photo: string; before: Seen; mixed: Raw; after: Seen };

const BLENDS = [60, 100] as const;
/** Mean difference that grain leaves behind when it goes through JPEG more than once, in levels. */
const JPEG_LOSS = 3;
/** What grain laid over a toned picture may look like a second tone, in levels; a photo in colour has ten times that. */
const GRAIN_TINT = 2.5;
const kept = process.env.PHOTO_BRIDGE_LOOKS_PAGE;
const photoFolder = sharedFolder('photos/plain');
const shown = await loadShown(sharedFolder('presets/xmp'));
const cases: Case[] = [];
let folder = '';

beforeAll(async () => {
  folder = resolve(kept ?? (await mkdtemp(join(tmpdir(), 'looks-'))));
  await mkdir(folder, { recursive: true });
  const photos = await loadPhotos(photoFolder, folder);
  const before = new Map(photos.map(({ name }) => [name, `before-${name}.jpg`]));
  for (const { name, before: jpeg } of photos) await writeFile(join(folder, `before-${name}.jpg`), jpeg);
  const sources: Source[] = [];
  for (const photo of photos) sources.push({ photo, source: toSeen(await decode(photo.before)) });
  const rows: Row[] = [];
  for (const [index, one] of shown.entries()) rows.push(await renderRow(one, index, sources));
  await writeFile(join(folder, 'index.html'), toPage(rows, before));
  const hint = kept === undefined ? ' (goes with the test; PHOTO_BRIDGE_LOOKS_PAGE=FOLDER keeps it)' : '';
  console.log(`looks page: ${join(folder, 'index.html')}${hint}`);
}, 120_000);

async function renderRow(one: Shown, index: number, sources: readonly Source[]): Promise<Row> {
  const look = compileLook(one.recipe);
  const cells: Cell[] = [];
  for (const { photo, source } of sources) {
    const { name, path, proxy } = photo;
    const seen: Raw[] = [];
    for (const blend of BLENDS) {
      const task = proofTask(path, { long_edge: LONG_EDGE, quality: 92, blend });
      const outcome = await proof(task, { look, proxy, onSize: () => undefined });
      if (!outcome.ok) throw new Error(`${one.title} on ${name}: ${outcome.failure.message}`);
      const file = `${String(index + 1).padStart(2, '0')}-${name}-${blend}.jpg`;
      await writeFile(join(folder, file), outcome.jpeg);
      cells.push({ photo: name, blend, file });
      seen.push(await decode(outcome.jpeg));
    }
    const [mixed, after] = seen as [Raw, Raw];
    cases.push({ shown: one, photo: name, before: source, mixed, after: toSeen(after) });
  }
  return { title: one.title, note: one.note, cells };
}

const toSeen = (raw: Raw): Seen => ({ ...raw, ...measure(raw) });

const titles = shown.map(({ title }) => title);
const casesOf = (title: string) => cases.filter((one) => one.shown.title === title);

describe('the looks page', () => {
  it('shows every preset on three photos with files that lie beside it', async () => {
    const page = await readFile(join(folder, 'index.html'), 'utf8');
    const files = [...page.matchAll(/<img src="([^"]+)"/g)].map(([, file]) => decodeURI(file ?? ''));
    expect(files).toHaveLength(titles.length * 3 * (1 + BLENDS.length));
    for (const file of new Set(files)) {
      const { width, height } = await decode(await readFile(join(folder, file)));
      expect(Math.max(width, height)).toBe(LONG_EDGE);
    }
    expect(page).not.toMatch(/(src|href)="(https?:|\/|file:)/);
  });
});

describe.each(titles)('%s', (title) => {
  it('is seen on every photo, by about as much as its blend says', () => {
    expect(casesOf(title)).toHaveLength(3);
    for (const { before, mixed, after } of casesOf(title)) {
      const [whole, part] = [differenceOf(after, before), differenceOf(mixed, before)];
      expect(whole).toBeGreaterThan(1.5);
      expect(part / whole).toBeGreaterThan(0.5);
      expect(part / whole).toBeLessThan(0.75);
      expect(differenceOf(mixed, mixOf(before, after, 0.6))).toBeLessThan(JPEG_LOSS);
    }
  });

  it('floods nothing with black or white', () => {
    for (const { photo, before, after } of casesOf(title)) {
      expect(after.white, photo).toBeLessThan(before.white + 0.04);
      expect(after.black, photo).toBeLessThan(before.black + 0.12);
    }
  });

  it('is lighter or darker as its exposure says', () => {
    const { exposure = 0 } = preset(title);
    if (Math.abs(exposure) < 0.2) return;
    for (const { photo, before, after } of casesOf(title)) {
      expect(Math.sign(after.light - before.light), photo).toBe(Math.sign(exposure));
    }
  });

  it('has colours when it is made in colour, and one tone a lightness when it is not', () => {
    const { monochrome } = preset(title);
    for (const { photo, before, after } of casesOf(title)) {
      if (monochrome === undefined) expect(after.colour, photo).toBeGreaterThan(0.3 * before.colour);
      else expect(tintSpread(after), photo).toBeLessThan(GRAIN_TINT);
    }
  });
});

function preset(title: string): Shown['recipe']['preset'] {
  return shown.find((one) => one.title === title)?.recipe.preset ?? {};
}
