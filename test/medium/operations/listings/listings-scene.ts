/** Posters that say what they were asked, and small inventories for them. */
import { writeFileSync } from 'node:fs';
import type { Poster } from '../../../../bridge/operations/listings/poster.ts';
import { header, toLine, write } from './inventory-files.ts';

export type PostAd = Poster['postAd'];
export const yes: PostAd = async () => ({ success: true, message: 'ok', ad_url: 'https://x.test/1' });

/** Says yes; notes whom it was asked for, and does something first. */
export function createPoster(first: (id: string, signal: AbortSignal) => unknown = () => undefined) {
  const posted: string[] = [];
  const postAd: PostAd = async (record, images, context) => {
    posted.push(record.bucket_truck_id);
    await first(record.bucket_truck_id, context.signal);
    return yes(record, images, context);
  };
  return { posted, postAd };
}

export const write3 = () => write([toLine('A'), toLine('B'), toLine('C')]);
export const change = (path: string, lines: string[]) =>
  writeFileSync(path, `${[header, ...lines].join('\r\n')}\r\n`);
