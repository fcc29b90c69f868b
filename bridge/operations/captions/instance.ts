/** What kind of server it is and what it can do. Asked once for a connection. */
import type { CaptionServer, InstanceAnswer } from './caption-server.ts';
import { type Pace, type RetryPolicy, withRetries } from './retry.ts';

/** `pleroma` includes Akkoma. `other` is spoken to as Mastodon is. */
export type Software = 'mastodon' | 'pixelfed' | 'pleroma' | 'other';

export type Instance = {
  software: Software;
  version: string;
  /** Code points of a caption at most; null when the server does not say. */
  description_limit: number | null;
  /** `status`: captions change with an edit of the post; `media`: one by one. */
  wire: 'status' | 'media';
  /** Seconds a poll must still be open to survive an edit. */
  poll_min_expiration: number;
  /** Why captions of posts cannot be changed there; null when they can. */
  unable: string | null;
};

/** What servers allow that do not say: Mastodon before 4.4 (fixed), Pleroma (its default). */
const unstatedLimits: Record<Software, number | null> = {
  mastodon: 1500,
  pixelfed: null,
  pleroma: 5000,
  other: null,
};

/** Rejects with ServerFault. */
export async function probeInstance(
  server: CaptionServer,
  at: { pace: Pace; policy?: RetryPolicy; signal?: AbortSignal | undefined },
): Promise<Instance> {
  return toInstance(await withRetries(() => server.fetchInstance(at.signal), at));
}

export function toInstance(answer: InstanceAnswer): Instance {
  const { software, version } = parseVersion(answer.version);
  const stated = answer.configuration?.mediaAttachments?.descriptionLimit ?? answer.descriptionLimit;
  return {
    software,
    version,
    description_limit: stated ?? unstatedLimits[software],
    wire: software === 'pixelfed' || software === 'pleroma' ? 'media' : 'status',
    poll_min_expiration: answer.configuration?.polls?.minExpiration ?? 300,
    unable: software === 'mastodon' ? tooOld(version) : null,
  };
}

/** `4.3.1`, or as others say it: `3.5.3 (compatible; Pixelfed 0.12.3)`. */
function parseVersion(text: string): { software: Software; version: string } {
  const found = /\(compatible; ([A-Za-z]+)[ /]?([^)]*)\)/.exec(text);
  if (found === null) return { software: 'mastodon', version: text };
  const [, name = '', version = ''] = found;
  const known: Record<string, Software> = { pixelfed: 'pixelfed', pleroma: 'pleroma', akkoma: 'pleroma' };
  return { software: known[name.toLowerCase()] ?? 'other', version: version.trim() };
}

/** `media_attributes` came with Mastodon 4.1; an older one would take the edit and drop the captions. */
function tooOld(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  if (!(major < 4 || (major === 4 && minor < 1))) return null;
  return `Mastodon ${version} cannot change captions of posts: it needs 4.1`;
}
