/** Which server, and the right to write there. The token stays in here: it is in no message, no JSON and no log. */
import { inspect } from 'node:util';
import { BridgeError } from '../../errors.ts';

export class Connection {
  /** Origin of the server, without a trailing slash. */
  readonly server: string;
  readonly #token: string;

  constructor(server: string, token: string) {
    this.server = server;
    this.#token = token;
  }

  /** For the `authorization` header only. */
  authorization(): string {
    return `Bearer ${this.#token}`;
  }

  /** A text from outside, safe to show. */
  redact(text: string): string {
    return text.replaceAll(this.#token, '[token]');
  }

  toJSON(): { server: string } {
    return { server: this.server };
  }

  [inspect.custom](): string {
    return `Connection { server: '${this.server}' }`;
  }
}

/** Throws BridgeError `bad_request` that says what to set. */
export function parseConnection(given: {
  server?: string | undefined;
  token?: string | undefined;
}): Connection {
  const remedy = 'set ACTIVITYPUB_INSTANCE_URL, like https://photos.example';
  const server = given.server?.trim() ?? '';
  if (server === '') throw new BridgeError('bad_request', `No server is set: ${remedy}`);
  const url = URL.parse(/^[a-z]+:\/\//i.test(server) ? server : `https://${server}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new BridgeError('bad_request', `The server's URL cannot be used: ${remedy}`);
  }
  const token = given.token?.trim() ?? '';
  if (!/^[\x21-\x7e]{4,}$/.test(token)) {
    throw new BridgeError(
      'bad_request',
      `No access token for ${url.host}: set ACTIVITYPUB_ACCESS_TOKEN to one that may read and write statuses`,
    );
  }
  return new Connection(url.origin, token);
}
