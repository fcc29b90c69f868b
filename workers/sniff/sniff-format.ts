/** Says what kind of file some bytes are, by their content alone. Never decodes, never looks at the file's name. */
import { isAnimatedPng, isAnimatedWebp } from './sniff-animation.ts';
import { sniffIsoMedia } from './sniff-iso-media.ts';
import { sniffTiff } from './sniff-tiff.ts';
import { image, raw, type Sniffed, unsupported } from './sniffed.ts';

type Signature = { offset?: number; bytes: string; answer: (file: Buffer) => Sniffed };

/** First match wins; `bytes` are latin-1. Two-letter signatures are last and check more. */
const signatures: readonly Signature[] = [
  { bytes: '\xff\xd8\xff', answer: () => image('jpeg') },
  {
    bytes: '\x89PNG\r\n\x1a\n',
    answer: (file) => (isAnimatedPng(file) ? unsupported('an animated PNG') : image('png')),
  },
  { offset: 4, bytes: 'ftyp', answer: sniffIsoMedia },
  { bytes: 'FUJIFILMCCD-RAW', answer: () => raw('raf', '.raf', 'a Fujifilm RAF raw photo') },
  { offset: 6, bytes: 'HEAPCCDR', answer: () => raw('crw', '.crw', 'a Canon CRW raw photo') },
  { bytes: 'IIRO', answer: () => raw('orf', '.orf', 'an Olympus ORF raw photo') },
  { bytes: 'IIRS', answer: () => raw('orf', '.orf', 'an Olympus ORF raw photo') },
  { bytes: 'MMOR', answer: () => raw('orf', '.orf', 'an Olympus ORF raw photo') },
  { bytes: 'IIU\0', answer: () => raw('rw2', '.rw2', 'a Panasonic RW2 raw photo') },
  { bytes: 'FOVb', answer: () => raw('x3f', '.x3f', 'a Sigma X3F raw photo') },
  { bytes: '\0MRM', answer: () => raw('mrw', '.mrw', 'a Minolta MRW raw photo') },
  { bytes: 'II*\0', answer: sniffTiff },
  { bytes: 'MM\0*', answer: sniffTiff },
  { bytes: 'II+\0', answer: sniffTiff },
  { bytes: 'MM\0+', answer: sniffTiff },
  { bytes: 'GIF87a', answer: () => unsupported('a GIF') },
  { bytes: 'GIF89a', answer: () => unsupported('a GIF') },
  { bytes: '\xff\x0a', answer: () => unsupported('a JPEG XL photo') },
  { bytes: '\0\0\0\x0cJXL \r\n\x87\n', answer: () => unsupported('a JPEG XL photo') },
  { bytes: '\0\0\0\x0cjP  \r\n\x87\n', answer: () => unsupported('a JPEG 2000 image') },
  { bytes: '\xff\x4f\xff\x51', answer: () => unsupported('a JPEG 2000 image') },
  { bytes: '8BPS', answer: () => unsupported('a Photoshop document') },
  { bytes: '\x76\x2f\x31\x01', answer: () => unsupported('an OpenEXR image') },
  { bytes: 'gimp xcf ', answer: () => unsupported('a GIMP document') },
  { bytes: '#?RADIANCE', answer: () => unsupported('a Radiance HDR image') },
  { bytes: '\x1aE\xdf\xa3', answer: () => unsupported('a video') },
  { bytes: '\0\0\x01\xba', answer: () => unsupported('a video') },
  { bytes: '\x30\x26\xb2\x75\x8e\x66\xcf\x11', answer: () => unsupported('a video') },
  { offset: 4, bytes: 'moov', answer: () => unsupported('a video') },
  { offset: 4, bytes: 'mdat', answer: () => unsupported('a video') },
  { offset: 4, bytes: 'wide', answer: () => unsupported('a video') },
];

/** `file`: the whole file, or at least its first megabyte. */
export function sniffFormat(file: Buffer): Sniffed {
  for (const { offset = 0, bytes, answer } of signatures) {
    if (hasAt(file, offset, bytes)) return answer(file);
  }
  if (hasAt(file, 0, 'RIFF')) return sniffRiff(file);
  if (isBmp(file)) return unsupported('a BMP image');
  return sniffText(file);
}

function hasAt(file: Buffer, offset: number, bytes: string): boolean {
  return (
    file.length >= offset + bytes.length && file.toString('latin1', offset, offset + bytes.length) === bytes
  );
}

function sniffRiff(file: Buffer): Sniffed {
  if (hasAt(file, 8, 'WEBP')) {
    return isAnimatedWebp(file) ? unsupported('an animated WebP') : image('webp');
  }
  return hasAt(file, 8, 'AVI ') ? unsupported('a video') : { kind: 'unknown' };
}

/** `BM` alone starts many a text: the header's own size field must be one that exists. */
function isBmp(file: Buffer): boolean {
  return (
    hasAt(file, 0, 'BM') &&
    file.length >= 26 &&
    [12, 40, 52, 56, 64, 108, 124].includes(file.readUInt32LE(14))
  );
}

/** PDF and SVG may be preceded by white space, a BOM, comments or a document type. */
function sniffText(file: Buffer): Sniffed {
  const head = file.toString('latin1', 0, Math.min(file.length, 4096)).replaceAll('\0', '');
  if (head.slice(0, 1024).includes('%PDF-')) return unsupported('a PDF document');
  if (/^[\s\xef\xbb\xbf\xff\xfe]*</.test(head) && /<svg[\s:>]/i.test(head))
    return unsupported('an SVG drawing');
  return { kind: 'unknown' };
}
