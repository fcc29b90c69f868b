/** What a HEIF picture carries beside its pixels: colour profile, EXIF, XMP, further pictures. Decodes nothing. */
import { leftBehind } from '../../metadata/left-behind.ts';
import { displayP3Profile } from '../../metadata/profiles.ts';
import type { HeifModule } from './heif-module.ts';

const MAX_PROFILE = 4 * 1024 * 1024;
const MAX_BLOCK = 16 * 1024 * 1024;
const MAX_BLOCKS = 16;
/** LIBHEIF_AUX_IMAGE_FILTER_OMIT_ALPHA */
const OMIT_ALPHA = 2;

/** ISO/IEC 23091-2 (H.273). */
const primaries = { bt709: 1, unspecified: 2, displayP3: 12 } as const;
const hdrTransfers: Readonly<Record<number, string>> = { 16: 'PQ', 18: 'HLG' };

export type HeifColour = { icc: Uint8Array | null; warnings: string[] };

/** The embedded profile, else the one that the code points for the colours name. Null is sRGB. */
export function readColour(heif: HeifModule, handle: number): HeifColour {
  const { lib } = heif;
  const length = lib._heif_image_handle_get_raw_color_profile_size(handle);
  if (length > 0 && length <= MAX_PROFILE) {
    const icc = heif.read(length, (into) =>
      heif.try((error) => lib._heif_image_handle_get_raw_color_profile(error, handle, into)),
    );
    return { icc, warnings: [] };
  }
  const codes = readCodePoints(heif, handle);
  if (codes === null) return { icc: null, warnings: [] };
  const hdr = hdrTransfers[codes.transfer];
  const icc = codes.primaries === primaries.displayP3 && hdr === undefined ? displayP3Profile() : null;
  const isPlain = codes.primaries === primaries.bt709 || codes.primaries === primaries.unspecified;
  const foreign = hdr !== undefined ? `HDR (${hdr})` : isPlain || icc !== null ? null : 'a wide gamut';
  return {
    icc,
    warnings:
      foreign === null
        ? []
        : [`The photo is in ${foreign} and was read as sRGB: its colours are approximate.`],
  };
}

/** struct heif_color_profile_nclx: a version byte, then 32-bit primaries and transfer. */
function readCodePoints(heif: HeifModule, handle: number): { primaries: number; transfer: number } | null {
  const { lib } = heif;
  try {
    const at = heif.take((error, into) => lib._heif_image_handle_get_nclx_color_profile(error, handle, into));
    if (at === 0) return null;
    const found = { primaries: lib.HEAPU32[(at >> 2) + 1] ?? 0, transfer: lib.HEAPU32[(at >> 2) + 2] ?? 0 };
    lib._heif_nclx_color_profile_free(at);
    return found;
  } catch {
    // It has none.
    return null;
  }
}

export type HeifBlocks = { exif: Uint8Array | null; xmp: Uint8Array | null };

/** EXIF from its byte-order mark on. What cannot be read is left out. */
export function readBlocks(heif: HeifModule, handle: number): HeifBlocks {
  const { lib } = heif;
  const found: HeifBlocks = { exif: null, xmp: null };
  const count = Math.min(lib._heif_image_handle_get_number_of_metadata_blocks(handle, 0), MAX_BLOCKS);
  const ids = heif.ids(count, (into, most) =>
    lib._heif_image_handle_get_list_of_metadata_block_IDs(handle, 0, into, most),
  );
  for (const id of ids) {
    const type = heif.text(lib._heif_image_handle_get_metadata_type(handle, id));
    const content = heif.text(lib._heif_image_handle_get_metadata_content_type(handle, id));
    if (type === 'Exif') found.exif ??= bareExif(readBlock(heif, handle, id));
    if (type === 'mime' && content === 'application/rdf+xml') found.xmp ??= readBlock(heif, handle, id);
  }
  return found;
}

function readBlock(heif: HeifModule, handle: number, id: number): Uint8Array | null {
  const { lib } = heif;
  const length = lib._heif_image_handle_get_metadata_size(handle, id);
  if (length === 0 || length > MAX_BLOCK) return null;
  try {
    return heif.read(length, (into) =>
      heif.try((error) => lib._heif_image_handle_get_metadata(error, handle, id, into)),
    );
  } catch {
    return null;
  }
}

/** ISO/IEC 23008-12, annex A.2.1: the block begins with how many bytes lie before the TIFF header. */
function bareExif(block: Uint8Array | null): Uint8Array | null {
  if (block === null || block.length < 12) return null;
  const start = 4 + new DataView(block.buffer, block.byteOffset).getUint32(0);
  return start + 8 > block.length ? null : block.subarray(start);
}

/** `leftBehind`: sentences about what no output can keep. */
export type HeifExtras = { gainMap: boolean; leftBehind: string[]; warnings: string[] };

/** What lies beside the primary picture and is not developed. */
export function readExtras(heif: HeifModule, context: number, handle: number): HeifExtras {
  const { lib } = heif;
  const warnings: string[] = [];
  const pictures = lib._heif_context_get_number_of_top_level_images(context);
  if (pictures > 1) warnings.push(`Only the primary one of ${pictures} pictures in the file was used.`);
  const types = auxiliaryTypes(heif, handle);
  const left: string[] = [];
  const hasDepth = lib._heif_image_handle_get_number_of_depth_images(handle) > 0;
  if (hasDepth || types.some((type) => /:depth|auxid:2$|disparity/i.test(type))) {
    left.push(leftBehind.depth);
  }
  if (types.some((type) => /matte/i.test(type))) left.push(leftBehind.mattes);
  return { gainMap: types.some((type) => /gainmap/i.test(type)), leftBehind: left, warnings };
}

function auxiliaryTypes(heif: HeifModule, handle: number): string[] {
  const { lib } = heif;
  const count = Math.min(
    lib._heif_image_handle_get_number_of_auxiliary_images(handle, OMIT_ALPHA),
    MAX_BLOCKS,
  );
  const ids = heif.ids(count, (into, most) =>
    lib._heif_image_handle_get_list_of_auxiliary_image_IDs(handle, OMIT_ALPHA, into, most),
  );
  return ids.flatMap((id) => {
    try {
      const auxiliary = heif.take((error, into) =>
        lib._heif_image_handle_get_auxiliary_image_handle(error, handle, id, into),
      );
      const type = heif.text(
        heif.take((error, into) => lib._heif_image_handle_get_auxiliary_type(error, auxiliary, into)),
      );
      lib._heif_image_handle_release(auxiliary);
      return [type];
    } catch {
      return [];
    }
  });
}
