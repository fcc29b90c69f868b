/** What a Mastodon-compatible server knows: posts with text, warning, poll and images. Validates and edits as Mastodon does. */

export type Flavour = 'mastodon' | 'pixelfed' | 'pleroma';
export type StoredPoll = {
  options: string[];
  multiple: boolean;
  hide_totals: boolean;
  expires_at: number;
  votes: number[];
};
export type StoredMedia = { id: string; description: string | null };
export type StoredPost = {
  id: string;
  account: string;
  text: string;
  spoiler_text: string;
  sensitive: boolean;
  language: string | null;
  poll: StoredPoll | null;
  media: StoredMedia[];
  /** Edits that changed something. */
  edits: number;
};

export type Rules = {
  flavour: Flavour;
  descriptionLimit: number;
  /** Forks let a post have images and a poll. */
  pollWithMedia: boolean;
  now: () => number;
  /** Media whose captions the server takes and drops. */
  ignored: ReadonlySet<string>;
};

/** Answered as Rails does: status and message. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Body = Record<string, unknown>;

/** UpdateStatusService of Mastodon 4.x: what is left out of an edit is lost. */
export function editPost(post: StoredPost, body: Body, rules: Rules): void {
  const next = structuredClone(post);
  const ids = Array.isArray(body.media_ids) ? body.media_ids.map(String) : [];
  const poll = isObject(body.poll) ? body.poll : null;
  if (ids.length > 4 || (ids.length > 0 && poll !== null && !rules.pollWithMedia)) {
    throw new Refusal(422, 'Validation failed: Cannot attach more than 4 files or a poll');
  }
  next.media = next.media.filter(({ id }) => ids.includes(id));
  for (const attributes of Array.isArray(body.media_attributes) ? body.media_attributes : []) {
    const media = next.media.find(({ id }) => id === String(attributes.id));
    if (media !== undefined && 'description' in attributes) describe(media, attributes.description, rules);
  }
  next.poll = poll === null ? null : editPoll(next.poll, poll, rules);
  const text = typeof body.status === 'string' ? body.status : '';
  const spoiler = typeof body.spoiler_text === 'string' ? body.spoiler_text : '';
  next.text = text || spoiler;
  next.spoiler_text = text === '' ? '' : spoiler;
  next.sensitive = body.sensitive === true || next.spoiler_text !== '';
  next.language = typeof body.language === 'string' ? body.language : (post.language ?? 'en');
  if (next.text === '' && next.media.length === 0)
    throw new Refusal(422, "Validation failed: Text can't be blank");
  if ([...next.text].length > 500)
    throw new Refusal(422, 'Validation failed: Text character limit of 500 exceeded');
  if (JSON.stringify(next) !== JSON.stringify(post)) next.edits += 1;
  Object.assign(post, next);
}

export function describe(media: StoredMedia, given: unknown, rules: Rules): void {
  const text = typeof given === 'string' ? given.trim() : null;
  if (text !== null && [...text].length > rules.descriptionLimit) {
    throw new Refusal(
      422,
      `Validation failed: Description is too long (maximum is ${rules.descriptionLimit} characters)`,
    );
  }
  if (rules.ignored.has(media.id)) return;
  media.description =
    rules.flavour === 'pleroma' ? (text ?? '') : text === '' && rules.flavour === 'pixelfed' ? null : text;
}

/** Other options or another kind of choice throw all votes away. */
function editPoll(before: StoredPoll | null, given: Body, rules: Rules): StoredPoll {
  const options = Array.isArray(given.options) ? given.options.map(String) : [];
  const seconds = Number(given.expires_in);
  if (options.length < 2) throw new Refusal(422, 'Validation failed: must have more than one item');
  if (!(seconds >= 300)) throw new Refusal(422, 'Validation failed: Expiration date is too soon');
  const multiple = given.multiple === true;
  const isSame = before?.multiple === multiple && JSON.stringify(before.options) === JSON.stringify(options);
  return {
    options,
    multiple,
    hide_totals: given.hide_totals === true,
    expires_at:
      isSame && before !== null && Math.abs(before.expires_at - rules.now() - seconds * 1000) < 2000
        ? before.expires_at
        : rules.now() + seconds * 1000,
    votes: isSame && before !== null ? before.votes : options.map(() => 0),
  };
}

export function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
