/** What became of an item that is no photo: its state in words, its reason, its ad. Pure. */
import type { ItemDetails, ItemResult, OperationName } from '../../../client/index.ts';
import { itemStatusWords, toFailureTitle } from './batch.ts';
import { capitalise } from './operation.ts';

export type ItemRow = {
  /** What items that go together have in common: the post. Null: not known yet, or there is no such thing. */
  group: string | null;
  state: string;
  tone: 'good' | 'bad' | 'plain';
  /** Why, or what else is to know. */
  note: string | null;
  /** Of the ad, when it is one that a browser may open. */
  link: string | null;
};

const outcomeWords: Readonly<Record<string, string>> = {
  published: 'Published',
  unchanged: 'Was there already',
  planned: 'Would be published',
  rolled_back: 'Put back as it was',
};

export function toItemRow(item: ItemResult, operation: OperationName): ItemRow {
  const { details = {}, failure, status, warnings } = item;
  const word = capitalise(itemStatusWords[status]);
  const row: ItemRow = {
    group: null,
    state: failure === undefined ? word : toFailureTitle(failure.code),
    tone: status === 'failed' ? 'bad' : status === 'processed' ? 'good' : 'plain',
    note: failure?.message ?? warnings[0] ?? null,
    link: null,
  };
  if (operation === 'captions') return { ...row, ...toCaptionPart(details) };
  if (operation === 'listings') return { ...row, ...toListingPart(details, row) };
  return row;
}

function toCaptionPart({ post_id, outcome, verified, rolled_back }: ItemDetails): Partial<ItemRow> {
  const group = typeof post_id === 'string' ? { group: post_id } : {};
  const said = outcomeWords[String(outcome)];
  if (said !== undefined) return { ...group, state: verified === true ? `${said}, verified` : said };
  return { ...group, ...(rolled_back === true ? { state: 'Failed, put back as it was' } : {}) };
}

function toListingPart({ status_update, message, ad_url }: ItemDetails, row: ItemRow): Partial<ItemRow> {
  const state = typeof status_update === 'string' && status_update !== '' ? status_update : row.state;
  const said =
    typeof message === 'string' && !state.includes(message) && message !== 'Posted' ? message : null;
  return { state, note: said, link: typeof ad_url === 'string' ? toLink(ad_url) : null };
}

/** Null for what a click must not open. */
function toLink(text: string): string | null {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : null;
}
