/** Takes a source file's metadata through reading, policy and grafting onto a small encoding of its pixels. */
import sharp, { type OutputInfo } from 'sharp';
import type { OutputFormat } from '../../../../bridge/contract/failure.ts';
import { attachMetadata } from '../../../../workers/metadata/attach.ts';
import { prepareMetadata } from '../../../../workers/metadata/prepare.ts';
import { outputProfile } from '../../../../workers/metadata/profiles.ts';
import { readSourceMetadata } from '../../../../workers/metadata/read.ts';
import type { MetadataPolicy, SourceMetadata } from '../../../../workers/metadata/types.ts';

export type Small = { data: Buffer; info: OutputInfo; metadata: SourceMetadata };
export type Grafted = { file: Buffer; encoded: Buffer; warnings: string[] };

/** The source's metadata, and its picture 32 pixels wide. */
export async function shrink(source: Buffer): Promise<Small> {
  const input = sharp(source, { failOn: 'none' });
  const metadata = readSourceMetadata(source, await input.metadata());
  const { data, info } = await sharp(source, { failOn: 'none' })
    .autoOrient()
    .resize(32)
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, info, metadata };
}

export async function graft(
  { data, info, metadata }: Small,
  format: OutputFormat,
  policy: MetadataPolicy = 'keep',
): Promise<Grafted> {
  const { width, height, channels } = info;
  const raw = { width, height, channels };
  const encoded = await sharp(data, { raw })
    .toFormat(format, { effort: format === 'avif' ? 0 : undefined })
    .toBuffer();
  const blocks = prepareMetadata(metadata, { policy, width, height, colour: 'srgb' });
  const { gainMap } = blocks;
  const attached = attachMetadata({ encoded, format, blocks, icc: outputProfile('srgb', null), gainMap });
  return {
    file: Buffer.concat(attached.pieces),
    encoded,
    warnings: [...blocks.warnings, ...attached.warnings],
  };
}

/** As stored, no profile applied, in 16 bits; the strict default of sharp refuses what a decoder only warns about. */
export async function pixelsOf(file: Buffer): Promise<Buffer> {
  const { space } = await sharp(file).metadata();
  return sharp(file, { ignoreIcc: true }).toColourspace(space).raw({ depth: 'ushort' }).toBuffer();
}
