/** Reads the id of a post from the forms its web address has on the servers we know. Asks nobody. */

/** Mastodon `/@user/1`, `/users/user/statuses/1`, `/web/statuses/1`; Pixelfed `/p/user/1`; Pleroma `/notice/1`. */
const forms = [
  /^\/@[^/]+\/([A-Za-z0-9_-]+)$/,
  /^\/users\/[^/]+\/statuses\/([A-Za-z0-9_-]+)$/,
  /^\/(?:ap\/users\/[^/]+\/|web\/)statuses\/([A-Za-z0-9_-]+)$/,
  /^\/p\/[^/]+\/([A-Za-z0-9_-]+)$/,
  /^\/i\/web\/post\/([A-Za-z0-9_-]+)$/,
  /^\/notice\/([A-Za-z0-9_-]+)$/,
];

export function parsePostUrl(text: string): { host: string; id: string } | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  const path = url.pathname.replace(/\/+$/, '');
  for (const form of forms) {
    const id = form.exec(path)?.[1];
    if (id !== undefined && id.length <= 64) return { host: url.host, id };
  }
  return null;
}
