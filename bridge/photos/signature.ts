/** Tells the kind of image file from its first bytes. Says nothing of whether the rest can be decoded. */

/** Bytes `toImageKind` wants to see at most. */
export const SIGNATURE_BYTES = 64;

type Signature = { kind: string; at: number; bytes: readonly number[] };

const ascii = (text: string) => [...text].map((char) => char.charCodeAt(0));
const signature = (kind: string, bytes: readonly number[], at = 0): Signature => ({ kind, at, bytes });

/** From the formats' own specifications; the RAW ones as ExifTool and libopenraw list them. */
const signatures: readonly Signature[] = [
  signature('jpeg', [0xff, 0xd8, 0xff]),
  signature('png', [0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a]),
  signature('gif', ascii('GIF87a')),
  signature('gif', ascii('GIF89a')),
  // TIFF and the RAW kinds built on it: DNG, CR2, NEF, ARW, PEF, SRW, KDC, DCR, ERF, 3FR, MEF, MOS, IIQ.
  signature('tiff', [...ascii('II'), 0x2a, 0x00]),
  signature('tiff', [...ascii('MM'), 0x00, 0x2a]),
  signature('tiff', [...ascii('II'), 0x2b, 0x00]),
  signature('tiff', [...ascii('MM'), 0x00, 0x2b]),
  signature('rw2', [...ascii('IIU'), 0x00]),
  signature('orf', ascii('IIRO')),
  signature('orf', ascii('IIRS')),
  signature('orf', ascii('MMOR')),
  signature('crw', ascii('HEAPCCDR'), 6),
  signature('raf', ascii('FUJIFILMCCD-RAW')),
  signature('x3f', ascii('FOVb')),
  signature('mrw', [0x00, ...ascii('MRM')]),
  signature('jxl', [0xff, 0x0a]),
  signature('jxl', [0x00, 0x00, 0x00, 0x0c, ...ascii('JXL \r\n'), 0x87, 0x0a]),
  signature('jp2', [0x00, 0x00, 0x00, 0x0c, ...ascii('jP  \r\n'), 0x87, 0x0a]),
  signature('jp2', [0xff, 0x4f, 0xff, 0x51]),
  signature('jxr', [...ascii('II'), 0xbc, 0x01]),
  signature('psd', [...ascii('8BPS'), 0x00]),
  signature('exr', [0x76, 0x2f, 0x31, 0x01]),
  signature('hdr', ascii('#?RADIANCE\n')),
];

/** Brands of ISO base media files that are pictures (ISO 14496-12; HEIF, AVIF and CR3 registrations). */
const brands: Readonly<Record<string, string>> = {
  avif: 'avif',
  avis: 'avif',
  heic: 'heif',
  heix: 'heif',
  heim: 'heif',
  heis: 'heif',
  hevc: 'heif',
  hevx: 'heif',
  mif1: 'heif',
  mif2: 'heif',
  msf1: 'heif',
  'crx ': 'cr3',
};

/** `head`: the file's first bytes, up to `SIGNATURE_BYTES`. Null: no image file we know. */
export function toImageKind(head: Uint8Array): string | null {
  const known = signatures.find(({ at, bytes }) => startsWith(head, bytes, at));
  if (known !== undefined) return known.kind;
  if (startsWith(head, ascii('RIFF')) && startsWith(head, ascii('WEBP'), 8)) return 'webp';
  if (startsWith(head, ascii('ftyp'), 4)) return toBrandKind(head);
  return isBitmap(head) ? 'bmp' : null;
}

function startsWith(head: Uint8Array, bytes: readonly number[], at = 0): boolean {
  return head.length >= at + bytes.length && bytes.every((byte, index) => head[at + index] === byte);
}

/** The major brand, then the compatible ones, as far as the box and what we read go. */
function toBrandKind(head: Uint8Array): string | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const end = Math.min(head.length, view.getUint32(0));
  for (let at = 8; at + 4 <= end; at += at === 8 ? 8 : 4) {
    const kind = brands[String.fromCharCode(...head.subarray(at, at + 4))];
    if (kind !== undefined) return kind;
  }
  return null;
}

/** Two letters are not enough: the reserved field is zero and the header one of the known sizes. */
function isBitmap(head: Uint8Array): boolean {
  if (!startsWith(head, ascii('BM')) || head.length < 18) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return view.getUint32(6, true) === 0 && [12, 40, 52, 56, 64, 108, 124].includes(view.getUint32(14, true));
}

const extensions = new Set(
  (
    'jpg jpeg jpe jfif png webp tif tiff avif heic heif hif gif bmp jxl jp2 j2k jpx jxr psd exr hdr ' +
    'dng cr2 cr3 crw nef nrw arw srf sr2 raf rw2 rwl orf pef srw kdc dcr dcs erf 3fr fff mef mos mrw iiq x3f raw'
  ).split(' '),
);

/** Is it worth looking into a file of this name? */
export function hasImageExtension(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot > 0 && extensions.has(name.slice(dot + 1).toLowerCase());
}
