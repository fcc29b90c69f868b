/** Takes a gain map's JPEG apart into what a decoder needs and what its pixels mean, and puts it together again. */
import type { GainMap } from './gain-map.ts';
import { afterPrefix, type JpegSegment, jpegMarker, jpegPrefix, readJpegHead } from './jpeg-segments.ts';

/** The map's own orientation has no meaning, and its index of pictures none outside of the file it was made for. */
const dropped = [
  [jpegMarker.app1, jpegPrefix.exif],
  [jpegMarker.app2, jpegPrefix.multiPicture],
] as const;
const isBlock = ({ marker }: JpegSegment) => marker === jpegMarker.app1 || marker === jpegMarker.app2;

/** A JPEG with the map's pixels and nothing that a decoder could turn or convert them by; null when it is none. */
export function barePixels({ jpeg }: GainMap): Buffer | null {
  const head = readJpegHead(jpeg);
  if (head === null || head.components === 0) return null;
  const kept = head.segments.filter((segment) => !isBlock(segment));
  return Buffer.concat([
    jpeg.subarray(0, 2),
    ...kept.map(({ start, end }) => jpeg.subarray(start, end)),
    jpeg.subarray(head.end),
  ]);
}

/** The same map with other pixels: what `encoded` has, as an encoder wrote it. */
export function withPixels(map: GainMap, encoded: Buffer): GainMap {
  const blocks = (readJpegHead(map.jpeg)?.segments ?? []).filter(
    (segment) =>
      isBlock(segment) &&
      !dropped.some(([marker, prefix]) => segment.marker === marker && afterPrefix(segment.payload, prefix)),
  );
  const first = readJpegHead(encoded)?.segments[0];
  const start = first?.marker === jpegMarker.app0 ? first.end : 2;
  const told = blocks.map(({ start: from, end }) => map.jpeg.subarray(from, end));
  return { ...map, jpeg: Buffer.concat([encoded.subarray(0, start), ...told, encoded.subarray(start)]) };
}
