/** The JSON a Mastodon-compatible server shows of what it knows. */
import type { Rules, StoredMedia, StoredPost } from './state.ts';

export function toInstance(
  rules: Rules,
  { version, isStated }: { version: string; isStated: boolean },
): object {
  const limit = isStated && rules.flavour !== 'pleroma' ? { description_limit: rules.descriptionLimit } : {};
  return {
    domain: 'photos.example',
    title: 'Photos',
    version,
    ...(isStated && rules.flavour === 'pleroma' && { description_limit: rules.descriptionLimit }),
    configuration: {
      statuses: { max_characters: 500, max_media_attachments: 4, characters_reserved_per_url: 23 },
      media_attachments: { supported_mime_types: ['image/jpeg'], image_size_limit: 16_777_216, ...limit },
      polls: {
        max_options: 4,
        max_characters_per_option: 50,
        min_expiration: 300,
        max_expiration: 2_629_746,
      },
    },
  };
}

export function toStatus(post: StoredPost, rules: Rules): object {
  return {
    id: post.id,
    created_at: '2026-05-01T12:00:00.000Z',
    sensitive: post.sensitive,
    spoiler_text: post.spoiler_text,
    visibility: 'public',
    language: post.language,
    uri: `https://photos.example/users/${post.account}/statuses/${post.id}`,
    url: `https://photos.example/@${post.account}/${post.id}`,
    content: `<p>${post.text}</p>`,
    account: { id: '1', username: post.account },
    media_attachments: post.media.map((media) => toMedia(media)),
    poll: toPoll(post, rules),
  };
}

export function toMedia({ id, description }: StoredMedia): object {
  return { id, type: 'image', url: `https://photos.example/media/${id}.jpg`, description, meta: {} };
}

function toPoll({ id, poll }: StoredPost, rules: Rules): object | null {
  if (poll === null) return null;
  const expired = poll.expires_at <= rules.now();
  return {
    id: `poll-${id}`,
    expires_at: new Date(poll.expires_at).toISOString(),
    expired,
    multiple: poll.multiple,
    votes_count: poll.votes.reduce((sum, count) => sum + count, 0),
    options: poll.options.map((title, place) => ({
      title,
      votes_count: poll.hide_totals && !expired ? null : poll.votes[place],
    })),
  };
}
