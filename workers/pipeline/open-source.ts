/** The seam of the engines: from a source's bytes to a picture that sharp decodes. Decides by content alone. */
import { openHeif } from '../engines/open-heif.ts';
import { openRaw } from '../engines/open-raw.ts';
import { sniffFormat } from '../sniff/sniff-format.ts';
import { readHeader } from './header.ts';
import type { OpenRequest, Picture } from './picture.ts';

/**
 * Throws TaskFailure. What sharp reads itself is only looked at; HEIC is decoded and raw photos are developed here, their
 * orientation applied.
 */
export async function openSource(request: OpenRequest): Promise<Picture> {
  const sniffed = sniffFormat(request.bytes);
  if (sniffed.kind === 'heif') return openHeif(request);
  if (sniffed.kind === 'raw') return openRaw(sniffed, request);
  const { bytes, limits } = request;
  const header = await readHeader(bytes, limits);
  request.onSize((header.width * header.height) / 1e6, { depth: header.depth });
  return { bytes, header, blocks: header.metadata, engine: 'sharp', warnings: [] };
}
