/**
 * A Mastodon-compatible server on loopback that keeps real state and answers as the real ones do; it fails, limits, waits
 * or ignores on demand and remembers every request. Closed when the test ends.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { answerRequest, readToken, token, type World } from './routes.ts';
import { type Flavour, Refusal, type StoredPost } from './state.ts';

export type Asked = { method: string; path: string; status: number; body: unknown };

/** What to do with the next `times` requests it fits, in place of (or after, `applied`) the usual. */
export type Trouble = {
  /** The beginning of `PUT /api/v1/…`, or a pattern of it. */
  on: string | RegExp;
  times?: number;
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** The change is made, and only then the trouble answered. */
  applied?: boolean;
  /** The connection breaks. */
  drop?: boolean;
  /** Called first; may wait. */
  before?: () => Promise<void> | void;
  /** Called when the change is made and its answer is still to go out; may wait. */
  after?: () => Promise<void> | void;
};

export type NewPost = Partial<Omit<StoredPost, 'media' | 'edits'>> & { captions?: (string | null)[] };

export type MastodonOptions = {
  flavour?: Flavour;
  version?: string;
  descriptionLimit?: number;
  /** The instance tells its limit. */
  statesLimit?: boolean;
  pollWithMedia?: boolean;
  now?: () => number;
  /** `requests` in every `seconds`; then 429 with Retry-After. Counts by `now`. */
  rateLimit?: { requests: number; seconds: number };
};

const versions: Record<Flavour, string> = {
  mastodon: '4.4.2',
  pixelfed: '3.5.3 (compatible; Pixelfed 0.12.6)',
  pleroma: '2.7.2 (compatible; Pleroma 2.9.1)',
};

export async function startMastodon(options: MastodonOptions = {}): Promise<MastodonServer> {
  const mastodon = new MastodonServer(options);
  await mastodon.listen();
  return mastodon;
}

export class MastodonServer {
  readonly token = token;
  readonly readToken = readToken;
  /** Every request, in order of arrival. */
  readonly log: Asked[] = [];
  url = '';
  /** The most requests that were being answered at once. */
  mostAtOnce = 0;
  readonly #world: World;
  readonly #ignored = new Set<string>();
  readonly #options: MastodonOptions;
  readonly #troubles: Trouble[] = [];
  #atOnce = 0;
  #nextId = 112_000_000_000_000_000n;
  #window = { number: 0, used: 0 };

  constructor(options: MastodonOptions) {
    const { flavour = 'mastodon', descriptionLimit = 1500, now = Date.now, pollWithMedia = false } = options;
    this.#options = options;
    this.#world = {
      rules: { flavour, descriptionLimit, pollWithMedia, now, ignored: this.#ignored },
      instance: { version: options.version ?? versions[flavour], isStated: options.statesLimit ?? true },
      posts: new Map(),
    };
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  writes(): Asked[] {
    return this.log.filter(({ method }) => method !== 'GET');
  }

  addPost({ captions = [null], ...given }: NewPost = {}): StoredPost {
    const id = given.id ?? String(this.#nextId++);
    const media = captions.map((description, place) => ({ id: `${id}${place}`, description }));
    const usual = {
      account: 'alice',
      text: `Post ${id}`,
      spoiler_text: '',
      sensitive: false,
      language: 'en',
    };
    const stored: StoredPost = { ...usual, poll: null, ...given, id, media, edits: 0 };
    this.#world.posts.set(id, stored);
    return structuredClone(stored);
  }

  post(id: string): StoredPost {
    return structuredClone(this.#world.posts.get(id)!);
  }

  /** As somebody else changes it, past all requests. */
  change(id: string, { captions, ...fields }: Partial<StoredPost> & { captions?: (string | null)[] }): void {
    const post = this.#world.posts.get(id)!;
    Object.assign(post, fields);
    for (const [place, description] of (captions ?? []).entries())
      post.media[place]!.description = description;
  }

  trouble(trouble: Trouble): void {
    this.#troubles.push({ times: 1, ...trouble });
  }

  /** No trouble is left. */
  calm(): void {
    this.#troubles.length = 0;
  }

  /** Takes updates of these captions and drops them. */
  ignore(...mediaIds: string[]): void {
    for (const id of mediaIds) this.#ignored.add(id);
  }

  heed(...mediaIds: string[]): void {
    for (const id of mediaIds) this.#ignored.delete(id);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    try {
      const path = new URL(request.url ?? '/', 'http://here').pathname;
      const entry: Asked = { method: request.method ?? 'GET', path, status: 0, body: undefined };
      this.log.push(entry);
      const raw = await text(request);
      entry.body = raw === '' ? undefined : JSON.parse(raw);
      const trouble = this.#takeTrouble(`${entry.method} ${path}`);
      await trouble?.before?.();
      const answer = this.#answer(entry, { authorization: request.headers.authorization, trouble });
      entry.status = answer.status;
      await trouble?.after?.();
      if (answer.drop) response.destroy();
      else response.writeHead(answer.status, answer.headers).end(answer.body);
    } finally {
      this.#atOnce -= 1;
    }
  }

  #answer(
    { method, path, body }: Asked,
    { authorization, trouble }: { authorization: string | undefined; trouble: Trouble | undefined },
  ): { status: number; headers: Record<string, string>; body: string; drop?: boolean } {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const wait = this.#limit();
    if (wait !== null) {
      return {
        status: 429,
        headers: { ...headers, 'retry-after': wait },
        body: '{"error":"Too many requests"}',
      };
    }
    const isTrouble = trouble?.status !== undefined || trouble?.drop === true;
    try {
      const ask = () => answerRequest(this.#world, { method, path, authorization, body });
      if (!isTrouble) return { status: 200, headers, body: JSON.stringify(ask()) };
      if (trouble.applied) ask();
      const page = { 'content-type': 'text/html', ...trouble.headers };
      const drop = trouble.drop === true;
      return {
        status: trouble.status ?? 0,
        headers: page,
        body: trouble.body ?? '<html>trouble</html>',
        drop,
      };
    } catch (thrown) {
      const { message, status } =
        thrown instanceof Refusal ? thrown : { message: String(thrown), status: 500 };
      return { status, headers, body: JSON.stringify({ error: message }) };
    }
  }

  /** Seconds to wait, when too much was asked in this window. */
  #limit(): string | null {
    const { rateLimit, now = Date.now } = this.#options;
    if (rateLimit === undefined) return null;
    const length = rateLimit.seconds * 1000;
    const number = Math.floor(now() / length);
    if (number !== this.#window.number) this.#window = { number, used: 0 };
    this.#window.used += 1;
    if (this.#window.used <= rateLimit.requests) return null;
    return String(Math.ceil(((number + 1) * length - now()) / 1000));
  }

  #takeTrouble(what: string): Trouble | undefined {
    const found = this.#troubles.find(
      ({ on, times = 1 }) => times > 0 && (typeof on === 'string' ? what.startsWith(on) : on.test(what)),
    );
    if (found !== undefined) found.times = (found.times ?? 1) - 1;
    return found;
  }
}
