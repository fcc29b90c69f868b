/** The poster port: who hands one listing to the outside, and what it answers. Types, and the check of an answer. */
import { z } from 'zod';
import type { ListingRecord } from './columns.ts';

/** A file that is there: absolute path, links resolved. `type`: media type. */
export type ListingImage = { filename: string; path: string; type: string };

export type PostContext = {
  signal: AbortSignal;
  /** The same for every try at the same row of one batch, so that a service can tell a repetition. */
  idempotencyKey: string;
};

const answerSchema = z.object({
  success: z.boolean(),
  message: z.string().default(''),
  ad_url: z.string().max(4096).nullish(),
});
/**
 * What a poster of ours knows beside its answer. `unreachable`: nobody took the row, or the other side is in trouble.
 * `unconfirmed`: it was sent, and nobody knows what became of it. `not_posted`: stopped before it was sent.
 */
export type PostFault = 'unreachable' | 'unconfirmed' | 'not_posted';
export type PostAnswer = { success: boolean; message: string; ad_url?: string; fault?: PostFault };

export interface Poster {
  /** May reject: the row then fails with `System error`. */
  postAd(record: ListingRecord, images: readonly ListingImage[], context: PostContext): Promise<PostAnswer>;
}

/** Null for what is no answer of a poster. Only web addresses are taken as `ad_url`. */
export function parsePostAnswer(given: unknown): PostAnswer | null {
  const parsed = answerSchema.safeParse(given);
  if (!parsed.success) return null;
  const { success, message, ad_url } = parsed.data;
  return { success, message, ...(ad_url && /^https?:\/\//i.test(ad_url) ? { ad_url } : {}) };
}

/** A poster that is not ours: what it answers is checked, and it need not be asynchronous. */
export function toCheckedPoster(postAd: (...given: Parameters<Poster['postAd']>) => unknown): Poster {
  return {
    async postAd(record, images, context) {
      const answer = parsePostAnswer(await postAd(record, images, context));
      if (answer === null) throw new Error('The poster answered no {success, message}');
      return answer;
    },
  };
}
