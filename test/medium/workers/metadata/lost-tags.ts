/** Compares what ExifTool reads of a source and of its output, tag by tag. */
import type { OutputFormat } from '../../../../bridge/contract/failure.ts';
import type { Tags } from './exiftool.ts';

/** Groups that belong to the file itself, not to the photo. */
const fileGroups =
  /^(System|File|Composite|ExifTool|IFD1|ICC.*|JFIF|PNG.*|RIFF|MPF0|MPImage\d|Adobe|Photoshop|QuickTime|Meta|APP14|Ducky|SourceFile)$/;
/** Tags that say what the new file must say otherwise, where something lies in the file, or how its pixels are stored. */
const changed =
  /Orientation|Software|CreatorTool|ColorSpace|ExifImage(Width|Height)|Interop|Thumbnail|Offset|Start|Padding|ICCProfile|Preview(Image)?(IFD|$)|^Image(Width|Height)|BitsPer|Compression|Photometric|SamplesPer|Planar|Strip|RowsPer|SubfileType|Predictor|YCbCr|SampleFormat|TransferFunction|HasExtended|PrimaryChrom|WhitePoint|ReferenceBlack/;
/** Only a JPEG has a place for the gain map that these tell of. */
const ofGainMap = /^XMP-(hdrgm|GContainer)/;
/** Regions are turned with the photo. */
const turned = /^XMP-mwg-rs:RegionInfo$/;
/** Exif allows these only for JPEG pixels: a TIFF says them in its own tags. */
const jpegOnly = /^ExifIFD:(ComponentsConfiguration|CompressedBitsPerPixel)$/;
/** What DNG says of its raw pixels. */
const rawOnly = /^IFD0:(CFA|DNG|BlackLevel|WhiteLevel|ColorMatrix|AsShotNeutral|CalibrationIlluminant)/;
/** What only belongs behind the end of the picture's own data. */
const trailers = /^Samsung:TimeStamp$/;

/** The tags of a source that its output lacks or has otherwise, of those that a kept photo should have. */
export function lostTags(before: Tags, after: Tags, format: OutputFormat): string[] {
  return Object.keys(before).filter((key) => {
    const [group = '', name = ''] = key.split(':');
    if (
      fileGroups.test(group) ||
      changed.test(name) ||
      (ofGainMap.test(key) && format !== 'jpeg') ||
      trailers.test(key)
    )
      return false;
    if (turned.test(key)) return false;
    if ((jpegOnly.test(key) && format === 'tiff') || rawOnly.test(key)) return false;
    if (group === 'IPTC' && (format === 'webp' || format === 'avif')) return false;
    return !isSame(before[key], after[key]);
  });
}

function isSame(before: unknown, after: unknown): boolean {
  // Text padded with spaces or NULs counts as the text.
  const plain = (value: unknown) => JSON.stringify(value)?.replace(/(\\u0000| )+"$/, '"');
  return plain(before) === plain(after);
}
