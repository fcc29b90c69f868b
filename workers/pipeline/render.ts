/** From a photo's bytes to the bytes of its output file: decode, look, colour space, encode. Never touches files. */
import type { DevelopTask } from '../../bridge/contract/host-messages.ts';
import type { Look } from '../../bridge/presets/look.ts';
import { type ColourPlan, planColour } from '../colour/colour-plan.ts';
import { convertFromSrgb } from '../colour/convert-pixels.ts';
import { toWorking } from '../colour/to-working.ts';
import { foreignAvifColour } from '../sniff/sniff-iso-media.ts';
import { applyLook, type LookUse, seedOf } from './apply-look.ts';
import { decodePixels, isProfileFault, openPhoto, toDecodeFailure } from './decode.ts';
import { addEncoder, assertFits, type EncodeOptions, encodePixels } from './encode.ts';
import { assertPixels, type Header } from './header.ts';
import { isOpaque, type Pixels, toEightBits } from './pixels.ts';
import { releaseMemory } from './release.ts';
import { type Size, targetSize } from './target-size.ts';
import { TaskFailure } from './task-failure.ts';

export type RenderRequest = {
  bytes: Buffer;
  /** Nobody else needs `bytes`: they are given back as soon as the pixels are decoded. */
  isDisposable?: boolean;
  header: Header;
  output: DevelopTask['output'];
  maxPixels: number;
  look: Look | null;
  blend: number;
};
export type Rendered = { encoded: Buffer; size: Size; colour: ColourPlan; warnings: string[] };

/** Throws TaskFailure. `encoded` carries no metadata and no profile yet. */
export async function render(request: RenderRequest): Promise<Rendered> {
  const { header, output, look, blend } = request;
  const size = targetSize(header, output);
  assertPixels(size.width * size.height, request.maxPixels);
  assertFits(size, output.format);
  const hasLook = look !== null && blend > 0;
  const colour = planColour(header, output.colour, hasLook);
  const warnings = [...colour.warnings, ...headerWarnings(request), ...depthWarnings(output)];
  const noAlpha = header.hasAlpha && output.format === 'jpeg';
  const isConverted = colour.convertTo !== null || colour.decoded.kind !== 'srgb';
  const plain = !hasLook && header.depth === 8 && !isConverted && !noAlpha;
  try {
    const encoded = plain
      ? await exportOnly(request, size, colour)
      : await developPixels({ request, size, colour, warnings });
    return { encoded, size, colour, warnings };
  } catch (error) {
    if (colour.ignoreProfile || !isProfileFault(error)) throw error;
    const withoutProfile = { ...header, profile: null };
    const again = await render({ ...request, header: withoutProfile });
    again.warnings.push('The embedded colour profile is damaged and was not used.');
    return again;
  }
}

/** No step needs the pixels: the encoder reads straight from the decoder, row by row. */
async function exportOnly(request: RenderRequest, size: Size, colour: ColourPlan): Promise<Buffer> {
  const chain = openPhoto({ ...request, size, ignoreProfile: colour.ignoreProfile });
  try {
    return await addEncoder(chain, { ...request.output, depth: 8, flatten: false }).toBuffer();
  } catch (error) {
    throw toDecodeFailure(error);
  }
}

/**
 * Memory of one photo in flight, besides what its decoder and encoder hold of it at once: the source file and the raw pixels, 3 bytes a
 * pixel (4 with transparency; twice that with 16 bits, and 3 or 4 more while those become 8),
 * and the encoded file. All are given back at once: none of it waits for the collector.
 */
type Development = { request: RenderRequest; size: Size; colour: ColourPlan; warnings: string[] };

async function developPixels({ request, size, colour, warnings }: Development): Promise<Buffer> {
  const { look, blend, output } = request;
  const { ignoreProfile, decoded } = colour;
  const asStored = await decodePixels({ ...request, size, ignoreProfile, isInks: decoded.kind === 'inks' });
  const use = { blend, scale: size.width / request.header.width, seed: seedOf(request.bytes) };
  if (request.isDisposable) releaseMemory(request.bytes);
  const pixels = toWorking(asStored, colour);
  if (look !== null && blend > 0) applyLookSafely(pixels, look, use);
  if (colour.convertTo !== null) convertFromSrgb(pixels, colour.convertTo);
  const flatten = output.format === 'jpeg' && pixels.channels === 4;
  if (flatten && !isOpaque(pixels)) warnings.push('JPEG has no transparency: the photo was put on white.');
  const depth = outputDepth(output, pixels);
  const options: EncodeOptions = { ...output, depth, flatten };
  const final = depth === 8 ? toEightBits(pixels) : pixels;
  // The working pixels may be a part of the stored ones' memory.
  if (final !== pixels) releaseMemory(asStored.data);
  try {
    return await encodePixels(final, options);
  } finally {
    releaseMemory(final === pixels ? asStored.data : final.data);
  }
}

function applyLookSafely(pixels: Pixels, look: Look, use: LookUse): void {
  try {
    applyLook(pixels, look, use);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new TaskFailure('preset_invalid', 'develop', `The preset cannot be applied: ${message}`);
  }
}

function outputDepth({ format, bit_depth }: DevelopTask['output'], { data }: Pixels): 8 | 16 {
  const holds16 = format === 'png' || format === 'tiff';
  return holds16 && data instanceof Uint16Array && bit_depth !== 8 ? 16 : 8;
}

function depthWarnings({ format, bit_depth }: DevelopTask['output']): string[] {
  return bit_depth === 16 && format !== 'png' && format !== 'tiff'
    ? [`A ${format} file is written with 8 bits a channel.`]
    : [];
}

function headerWarnings({ bytes, header: { format, pages, profile } }: RenderRequest): string[] {
  const warnings: string[] = [];
  if (pages > 1) {
    const what = format === 'tiff' ? 'pages' : 'pictures';
    warnings.push(`Only the first of ${pages} ${what} in the file was used.`);
  }
  const foreign = format === 'avif' && profile === null ? foreignAvifColour(bytes) : null;
  if (foreign !== null)
    warnings.push(`The photo is in ${foreign} and was read as sRGB: its colours are approximate.`);
  return warnings;
}
