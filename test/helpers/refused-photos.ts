/** Which shared sample photos cannot be developed, and the failure code of each. */

/** What is refused, and how; every other photo must be developed. */
export const refused: Readonly<Record<string, string>> = {
  'odd/anim/loop3.webp': 'unsupported_format',
  'odd/anim/rotating.gif': 'unsupported_format',
  'odd/bad/bad_iteminfobox.heif': 'damaged_image',
  'odd/bad/corrupt-header.jpg': 'damaged_image',
  'odd/bad/crash_test.gif': 'unsupported_format',
  'odd/bad/invalid_multiframe.gif': 'unsupported_format',
  'odd/bad/premature-end.jpg': 'damaged_image',
  'odd/bad/truncated.jpg': 'damaged_image',
  'odd/bad/truncated.png': 'damaged_image',
  'odd/bomb/17000x17000.avif': 'source_too_large',
  'odd/bomb/65536-uint32-limit.png': 'source_too_large',
  'odd/bomb/big-height.webp': 'unsupported_format',
  'odd/bomb/giant-image.jpg': 'source_too_large',
  'odd/made/bad_tiff_ifdloop.tif': 'damaged_image',
  'odd/made/bomb_20000x20000_rgb.png': 'source_too_large',
  'odd/made/bomb_30000x30000_1bit.png': 'source_too_large',
  'odd/made/bomb_gif_65535.gif': 'unsupported_format',
  'odd/made/bomb_header_100000x100000.png': 'source_too_large',
  'odd/made/bomb_jpeg_sof_65500.jpg': 'source_too_large',
  'odd/made/empty.jpg': 'not_an_image',
  'odd/made/half.jpg': 'damaged_image',
  'odd/made/one_byte.png': 'not_an_image',
  'odd/made/photo.bmp': 'unsupported_format',
  'odd/made/svg_external_ref_huge.svg': 'unsupported_format',
  'odd/made/text_named.jpg': 'not_an_image',
  'odd/modern/jxl_8bit.jxl': 'unsupported_format',
};

/** The raw samples with their picture data taken out. */
export const isStripped = (rawName: string): boolean => rawName.startsWith('exiftool-stripped-');

/** Files beside the photos that are none. */
export const texts: ReadonlySet<string> = new Set(['SOURCES.md', 'EXPECTED.txt']);
