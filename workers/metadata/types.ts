/**
 * Types of metadata keeping: what is read from a source, what policy makes of it, what is grafted onto an encoded file.
 * Never touches pixels; nothing in this folder throws on the bytes it is given.
 *
 * Use, in this order (each but the fitting of a gain map is synchronous):
 *   readSourceMetadata(sourceBytes, await sharp(...).metadata())   read.ts     -> SourceMetadata
 *   prepareMetadata(metadata, options)                             prepare.ts  -> PreparedMetadata
 *   outputProfile(colour, metadata.icc)                            profiles.ts -> Buffer
 *   fitGainMap(prepared.gainMap, geometry)                         ../pipeline/fit-gain-map.ts
 *   attachMetadata({ encoded, format, blocks, icc, gainMap })      attach.ts   -> { pieces, warnings }
 */
import type { metadataPolicies, outputColours } from '../../bridge/contract/develop-config.ts';
import type { OutputFormat } from '../../bridge/contract/failure.ts';
import type { GainMap } from './gain-map.ts';

export type MetadataPolicy = (typeof metadataPolicies)[number];
export type OutputColour = (typeof outputColours)[number];

/** The blocks of a header as sharp's `metadata()` gives them (a structural subset of its answer). */
export type HeaderBlocks = {
  exif?: Buffer | undefined;
  xmp?: Buffer | undefined;
  iptc?: Buffer | undefined;
  icc?: Buffer | undefined;
  gainMap?: unknown;
  /** How the source's pixels lie in it, 1 to 8; what decodes them turns them upright. */
  orientation?: number | undefined;
  /** Of a file that sharp does not read: sentences about what lies beside its picture and no output can keep. */
  leftBehind?: readonly string[];
};

/** The three blocks in one normal form, whatever container they came from. */
export type MetadataBlocks = {
  /** TIFF structure from its byte-order mark on, without an `Exif\0\0` prefix. Offsets count from its first byte. */
  exif: Buffer | null;
  /** One XMP packet (an extended one is merged in). UTF-8. */
  xmp: Buffer | null;
  /** IPTC IIM records, without the Photoshop resource around them. */
  iptc: Buffer | null;
};

export type SourceMetadata = MetadataBlocks & {
  icc: Buffer | null;
  /** The source carries an HDR gain map: as a JPEG of its own, or in a form that cannot be carried over, or broken. */
  gainMap: GainMap | 'foreign' | 'damaged' | null;
  /** Sentences for the photo's result: what was there and could not be read, or has no place in any output. */
  warnings: string[];
};

export type PrepareOptions = {
  policy: MetadataPolicy;
  /** Size of the output in pixels, as it will be encoded (orientation applied). */
  width: number;
  height: number;
  /** EXIF orientation that was applied to the source's pixels, 1 to 8. Default 1. */
  orientation?: number;
  /** What the output's pixels are in, for the tags that name it; `other` for any kept profile that is none of these. */
  colour: 'srgb' | 'display-p3' | 'adobe-rgb' | 'other';
  /** Value of the software tag. Default `Photo Bridge`. */
  software?: string;
};

export type PreparedMetadata = MetadataBlocks & { gainMap: GainMap | null; warnings: string[] };

export type AttachInput = {
  /** A whole file as the encoder wrote it, with no metadata of its own worth keeping. */
  encoded: Buffer;
  format: OutputFormat;
  blocks: MetadataBlocks;
  /** Profile to embed; null embeds none. For grey files a named RGB profile becomes its grey twin; one that cannot fit is left out with a warning. */
  icc: Buffer | null;
  /** A map that fits the picture; only a JPEG has a place for it. */
  gainMap?: GainMap | null;
};

/** `pieces` joined are the file (write them with `writev`): the pixel data in them are views of `encoded`, not copies. */
export type AttachResult = { pieces: Buffer[]; warnings: string[] };
