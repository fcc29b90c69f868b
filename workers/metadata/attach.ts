/** Grafts metadata and colour profile onto an encoded file. The pixel data stay as they are: views, never copied. */
import { attachToAvif } from './attach-avif.ts';
import { attachToJpeg } from './attach-jpeg.ts';
import { attachToPng } from './attach-png.ts';
import { attachToTiff } from './attach-tiff.ts';
import { lost } from './attach-warnings.ts';
import { attachToWebp } from './attach-webp.ts';
import type { AttachInput, AttachResult } from './types.ts';

/** Never throws: a file whose structure is not as expected comes back unchanged, with a warning. */
export function attachMetadata(input: AttachInput): AttachResult {
  const { exif, xmp, iptc } = input.blocks;
  const gainMap = input.gainMap ?? null;
  if (exif === null && xmp === null && iptc === null && input.icc === null && gainMap === null) {
    return { pieces: [input.encoded], warnings: [] };
  }
  const result = attach(input);
  const isLost = gainMap !== null && input.format !== 'jpeg';
  return isLost ? { ...result, warnings: [...result.warnings, lost.gainMap] } : result;
}

function attach(input: AttachInput): AttachResult {
  switch (input.format) {
    case 'jpeg':
      return attachToJpeg(input);
    case 'png':
      return attachToPng(input);
    case 'webp':
      return attachToWebp(input);
    case 'tiff':
      return attachToTiff(input);
    case 'avif':
      return attachToAvif(input);
  }
}
