/**
 * Makes an HDR gain map follow its picture: turned as the picture was, and never larger than it. A map that needs
 * neither stays as it is, byte for byte. Never fails a photo: what cannot be kept is a warning.
 */
import type { OutputFormat } from '../../bridge/contract/failure.ts';
import type { Look } from '../../bridge/presets/look.ts';
import { withOrientation } from '../engines/preview.ts';
import { lost } from '../metadata/attach-warnings.ts';
import type { GainMap } from '../metadata/gain-map.ts';
import { barePixels, withPixels } from '../metadata/gain-map-jpeg.ts';
import { sharp } from './sharp-setup.ts';
import type { Size } from './target-size.ts';

export type GainMapFit = {
  format: OutputFormat;
  /** EXIF orientation of the source, 1 to 8: the map lies as the picture was stored. */
  orientation: number;
  /** Of the output, upright. */
  size: Size;
  /** What was applied in full; null: nothing was, or not in full. */
  look: Look | null;
  maxPixels: number;
};
export type FittedGainMap = { gainMap: GainMap | null; warnings: string[] };

/** A map's steps show in smooth skies where it is compressed more; phones write theirs at 85 to 95. */
const QUALITY = 95;

export async function fitGainMap(map: GainMap | null, fit: GainMapFit): Promise<FittedGainMap> {
  if (map === null || fit.format !== 'jpeg') return { gainMap: map, warnings: [] };
  const bare = barePixels(map);
  if (bare === null) return { gainMap: null, warnings: [lost.damagedGainMap] };
  try {
    const { pixels, info, isSame } = await decodeFitting(bare, fit);
    const isColoured = info.channels > 1;
    // Its three ratios would bring colours into the highlights of a photo that has none.
    if (isColoured && fit.look !== null && isMonochrome(fit.look)) {
      return { gainMap: null, warnings: [lost.colouredGainMap] };
    }
    if (isSame) return { gainMap: map, warnings: [] };
    const { width, height, channels } = info;
    const chain = sharp(pixels, { raw: { width, height, channels } });
    if (!isColoured) chain.toColourspace('b-w');
    const encoded = await chain.jpeg({ quality: QUALITY, chromaSubsampling: '4:4:4' }).toBuffer();
    return { gainMap: withPixels(map, encoded), warnings: [] };
  } catch {
    return { gainMap: null, warnings: [lost.damagedGainMap] };
  }
}

/** Decoded whole even where nothing changes: a map that is cut short would leave a dark field in the HDR picture. */
async function decodeFitting(bare: Buffer, { orientation, size, maxPixels }: GainMapFit) {
  const turned = orientation === 1 ? bare : withOrientation(bare, orientation);
  const options = { failOn: 'warning', ignoreIcc: true, limitInputPixels: maxPixels } as const;
  const { autoOrient: stored, channels } = await sharp(turned, options).metadata();
  const isLarger = stored.width > size.width || stored.height > size.height;
  const chain = sharp(turned, { ...options, autoOrient: true });
  if (isLarger)
    chain.resize(Math.min(stored.width, size.width), Math.min(stored.height, size.height), { fit: 'fill' });
  if (channels === 1) chain.toColourspace('b-w');
  const { data, info } = await chain.raw().toBuffer({ resolveWithObject: true });
  return { pixels: data, info, isSame: orientation === 1 && !isLarger };
}

/** Are all colours that the look can answer greys? */
export function isMonochrome({ lut }: Pick<Look, 'lut'>): boolean {
  for (let at = 0; at + 2 < lut.length; at += 3) {
    const red = lut[at] ?? 0;
    if (Math.abs(red - (lut[at + 1] ?? 0)) > 1e-4 || Math.abs(red - (lut[at + 2] ?? 0)) > 1e-4) return false;
  }
  return true;
}
