/** The address of a webhook, taken apart so that its password goes into a header and nowhere else. Pure. */

export type WebhookAddress = {
  /** Without user and password. */
  href: string;
  /** The header that stands for them. */
  authorization: string | null;
  /** Fit for logs: path and query may be secret too, so it is scheme, host and port alone. */
  shown: string;
};

/** Null when it is no http or https address. */
export function parseAddress(text: string): WebhookAddress | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  const { username, password } = url;
  const isOpen = username === '' && password === '';
  url.username = '';
  url.password = '';
  url.hash = '';
  return {
    href: url.href,
    authorization: isOpen ? null : toBasic(decode(username), decode(password)),
    shown: url.origin,
  };
}

function toBasic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** A lone `%` stays as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
