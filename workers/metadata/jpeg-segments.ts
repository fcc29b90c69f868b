/** Walks the segments of a JPEG up to its pixel data. Reads only; ends quietly where the structure does. ITU T.81 annex B. */

/** `payload`: after marker and length. `start`..`end`: the whole segment in the file. */
export type JpegSegment = { marker: number; payload: Buffer; start: number; end: number };

export type JpegHead = {
  segments: JpegSegment[];
  /** Where the segments end: the first byte of SOS, or where the structure is broken. */
  end: number;
  /** Colour components of the frame; 0 when there is no frame header. */
  components: number;
};

export const jpegMarker = {
  soi: 0xd8,
  sos: 0xda,
  app0: 0xe0,
  app1: 0xe1,
  app2: 0xe2,
  app11: 0xeb,
  app13: 0xed,
} as const;
const MAX_SEGMENTS = 20_000;

/** Null when the bytes are no JPEG. */
export function readJpegHead(file: Buffer): JpegHead | null {
  if (file.length < 4 || file[0] !== 0xff || file[1] !== jpegMarker.soi) return null;
  const segments: JpegSegment[] = [];
  let components = 0;
  let at = 2;
  while (segments.length < MAX_SEGMENTS) {
    const start = at;
    while (file[at] === 0xff && file[at + 1] === 0xff) at++;
    const marker = file[at + 1];
    if (file[at] !== 0xff || marker === undefined || at + 4 > file.length)
      return { segments, end: start, components };
    if (marker === jpegMarker.sos) return { segments, end: start, components };
    const end = at + 2 + file.readUInt16BE(at + 2);
    if (end < at + 4 || end > file.length) return { segments, end: start, components };
    const payload = file.subarray(at + 4, end);
    if (isFrameHeader(marker)) components = payload[5] ?? 0;
    segments.push({ marker, payload, start, end });
    at = end;
  }
  return { segments, end: at, components };
}

/** Are there the marks that begin a JPEG? */
export function startsJpeg(file: Buffer, at: number): boolean {
  return file[at] === 0xff && file[at + 1] === jpegMarker.soi && file[at + 2] === 0xff;
}

function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

export const jpegPrefix = {
  exif: Buffer.from('Exif\0\0', 'latin1'),
  xmp: Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1'),
  xmpExtension: Buffer.from('http://ns.adobe.com/xmp/extension/\0', 'latin1'),
  photoshop: Buffer.from('Photoshop 3.0\0', 'latin1'),
  icc: Buffer.from('ICC_PROFILE\0', 'latin1'),
  multiPicture: Buffer.from('MPF\0', 'latin1'),
  gainMap: Buffer.from('urn:iso:std:iso:ts:21496:-1\0', 'latin1'),
} as const;

/** What follows the prefix in each segment that begins with it, in the order of the file. */
export function bodiesOf(head: JpegHead, marker: number, prefix: Buffer): Buffer[] {
  return head.segments
    .filter((segment) => segment.marker === marker)
    .map((segment) => afterPrefix(segment.payload, prefix))
    .filter((body) => body !== null);
}

/** What follows the prefix, when the payload begins with it. */
export function afterPrefix(payload: Buffer, prefix: Buffer): Buffer | null {
  return payload.length >= prefix.length && payload.subarray(0, prefix.length).equals(prefix)
    ? payload.subarray(prefix.length)
    : null;
}
