/** The photos that are damaged: small ones of every kind that is read, made here, and real ones where they are. */
import { readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import sharp from 'sharp';
import { makeImage, makePixels } from '../helpers/images.ts';
import { filesBelow, sharedFolder } from '../helpers/shared-files.ts';

export type SeedPhoto = { name: string; extension: string; bytes: Buffer };

const LARGEST = 400_000;
const kinds = /\.(jpe?g|png|webp|tiff?|avif|hei[cf]|dng|nef|cr2|cr3|crw|raf|rw2|kdc|gif|svg|bmp)$/i;

export async function makeSeedPhotos(): Promise<SeedPhoto[]> {
  return [...(await makeOwn()), ...findReal()];
}

async function makeOwn(): Promise<SeedPhoto[]> {
  const size = { width: 96, height: 72 };
  const raw = (options: Parameters<typeof makePixels>[0]) => {
    const { data, ...info } = makePixels({ ...size, ...options });
    return sharp(data, { raw: info });
  };
  const exif = { IFD0: { Make: 'Maker', Artist: 'A. Photographer' }, IFD3: { GPSLatitudeRef: 'N' } };
  const made: [name: string, bytes: Promise<Buffer>][] = [
    ['plain.jpg', makeImage(size)],
    ['oriented.jpg', makeImage({ ...size, orientation: 6, icc: 'p3' })],
    ['inks.jpg', makeImage({ ...size, icc: 'cmyk' })],
    ['progressive.jpg', raw({}).withExif(exif).jpeg({ progressive: true }).toBuffer()],
    ['grey.jpg', makeImage({ ...size, channels: 1 })],
    ['plain.png', makeImage({ ...size, format: 'png', icc: 'p3' })],
    ['deep.png', makeImage({ ...size, format: 'png', depth: 16, channels: 4 })],
    ['interlaced.png', raw({}).withExif(exif).png({ progressive: true }).toBuffer()],
    ['palette.png', raw({ channels: 4 }).png({ palette: true }).toBuffer()],
    ['plain.webp', makeImage({ ...size, format: 'webp', orientation: 3 })],
    ['lossless.webp', raw({ channels: 4 }).webp({ lossless: true }).toBuffer()],
    ['plain.tif', makeImage({ ...size, format: 'tiff', icc: 'p3' })],
    ['deep.tif', makeImage({ ...size, format: 'tiff', depth: 16 })],
    [
      'tiled.tif',
      raw({}).tiff({ tile: true, tileWidth: 16, tileHeight: 16, compression: 'deflate' }).toBuffer(),
    ],
    ['jpeg.tif', raw({}).tiff({ compression: 'jpeg' }).toBuffer()],
    ['pyramid.tif', raw({}).tiff({ pyramid: true, tile: true, bigtiff: true }).toBuffer()],
    ['plain.avif', makeImage({ ...size, format: 'avif' })],
    ['alpha.avif', raw({ channels: 4 }).avif({ effort: 0 }).toBuffer()],
  ];
  return Promise.all(
    made.map(async ([name, bytes]) => ({ name, extension: extname(name), bytes: await bytes })),
  );
}

function findReal(): SeedPhoto[] {
  return ['photos', 'raw'].flatMap((folderName) => {
    const folder = sharedFolder(folderName);
    if (folder === null) return [];
    return filesBelow(folder)
      .filter((name) => kinds.test(name) && statSync(join(folder, name)).size <= LARGEST)
      .map((name) => ({ name, extension: extname(name), bytes: readFileSync(join(folder, name)) }));
  });
}
