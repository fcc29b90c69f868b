/** The comparison with other programs, in a tiny form: what is installed here does the work, and other work is found out. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileRecipe } from '../../../workers/host/compile-recipe.ts';
import { applyLook } from '../../../workers/pipeline/apply-look.ts';
import { type Raw, readRaw } from '../../bench/peers/agreement.ts';
import { ffmpegBlend, ffmpegFolded } from '../../bench/peers/ffmpeg.ts';
import { graphicsmagick } from '../../bench/peers/graphicsmagick.ts';
import { openLane } from '../../bench/peers/lane.ts';
import { BLEND, type LutFiles, writeLutFiles } from '../../bench/peers/lut-files.ts';
import { magickBlend, magickFolded } from '../../bench/peers/magick.ts';
import { findPeer, type Peer } from '../../bench/peers/peer.ts';
import { pillowBlend, pillowFolded } from '../../bench/peers/pillow.ts';
import { hasProc } from '../../bench/process-facts.ts';
import { makePixels } from '../../helpers/images.ts';

const folder = mkdtempSync(join(tmpdir(), 'pb-peers-'));
const photo = join(folder, 'photo.jpg');
let luts: LutFiles;
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
  mkdirSync(join(folder, 'luts'));
  luts = await writeLutFiles(join(folder, 'luts'));
  // Whole chroma: each decoder fills in missing chroma its own way, and a small picture is mostly edges.
  const { data, width, height } = makePixels({ width: 192, height: 128 });
  const picture = sharp(data, { raw: { width, height, channels: 3 } });
  await picture.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toFile(photo);
});

async function developed(blend: number): Promise<Raw> {
  const { data, width, height } = await readRaw(photo);
  const look = await compileRecipe(luts.recipe);
  applyLook({ data, width, height, channels: 3 }, look, { blend, scale: 1, seed: 0 });
  return { data, width, height };
}

/** The programs that CI installs must be there. */
const inCi: readonly string[] = ['ffmpeg', 'imagemagick'];
const peers = [
  magickBlend,
  magickFolded,
  ffmpegBlend,
  ffmpegFolded,
  graphicsmagick,
  pillowBlend,
  pillowFolded,
];

function open(peer: Peer, reference: Raw) {
  const installed = findPeer(peer.program);
  if (installed === null) {
    if (process.env.CI && inCi.includes(peer.program.package))
      throw new Error(`${peer.program.name} is missing`);
    console.log(`skipped: no ${peer.program.name} here`);
    return null;
  }
  return openLane({ peer, installed, work: { photo, longEdge: null, luts }, folder, reference });
}

describe.skipIf(!hasProc)('the comparison with other programs', () => {
  it.each(peers.map((peer) => [`${peer.program.name}, ${peer.form}`, peer] as const))(
    'finds the same work in %s',
    async (_, peer) => {
      const lane = await open(peer, await developed(BLEND));
      if (lane === null) return;
      expect(lane.problem).toBeNull();
      expect(lane.made?.chroma).toBe('4:2:0');
    },
  );

  it('finds out a blend that is a few per cent off, and a photo of another size', async () => {
    const off = await open(magickFolded, await developed(BLEND - 8));
    if (off === null) return;
    expect(off.problem).toContain('is the same work');
    const other = await developed(BLEND);
    const cut = { ...other, height: other.height - 2 };
    expect((await open(magickFolded, cut))?.problem).toContain('pixels, not');
  });

  it('says what a program said that failed', async () => {
    const broken: Peer = {
      ...magickFolded,
      toCommand: (program) => ({ program, args: ['/nowhere/at-all.jpg', join(folder, 'out.tif')] }),
    };
    const lane = await open(broken, await developed(BLEND));
    if (lane !== null) expect(lane.problem).toMatch(/ended with .*at-all/s);
  });
});
