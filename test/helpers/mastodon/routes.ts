/** What a Mastodon-compatible server answers to a request it takes: who may, which post, which change. */
import { toInstance, toMedia, toStatus } from './answers.ts';
import { describe, editPost, isObject, Refusal, type Rules, type StoredPost } from './state.ts';

export const token = 'token-of-alice';
export const readToken = 'token-of-a-reader';

export type World = {
  rules: Rules;
  instance: { version: string; isStated: boolean };
  posts: Map<string, StoredPost>;
};
export type Request = { method: string; path: string; authorization: string | undefined; body: unknown };

/** Throws Refusal. */
export function answerRequest(world: World, request: Request): object {
  if (/^\/api\/v[12]\/instance$/.test(request.path)) return toInstance(world.rules, world.instance);
  authorize(request);
  const [, kind, id = '', more] =
    /^\/api\/v1\/(statuses|media)\/([^/]+)(\/source)?$/.exec(request.path) ?? [];
  if (kind === 'statuses') return answerStatus(world, request, { id, isSource: more !== undefined });
  // Mastodon updates media only before they are posted.
  if (kind === 'media' && request.method === 'PUT' && world.rules.flavour !== 'mastodon') {
    return answerMedia(world, id, request.body);
  }
  throw new Refusal(404, 'Record not found');
}

function authorize({ method, authorization }: Request): void {
  if (authorization !== `Bearer ${token}` && authorization !== `Bearer ${readToken}`) {
    throw new Refusal(401, 'The access token is invalid');
  }
  if (method !== 'GET' && authorization === `Bearer ${readToken}`) {
    throw new Refusal(403, 'This action is outside the authorized scopes');
  }
}

function answerStatus(
  { posts, rules }: World,
  { method, body }: Request,
  { id, isSource }: { id: string; isSource: boolean },
): object {
  const post = posts.get(id);
  const isOwn = post?.account === 'alice';
  if (post === undefined || (method === 'PUT' && !isOwn)) throw new Refusal(404, 'Record not found');
  if (method === 'GET' && !isSource) return toStatus(post, rules);
  if (rules.flavour !== 'mastodon') throw new Refusal(404, 'Not Found');
  if (method === 'GET') return { id: post.id, text: post.text, spoiler_text: post.spoiler_text };
  if (method !== 'PUT') throw new Refusal(404, 'Not Found');
  editPost(post, isObject(body) ? body : {}, rules);
  return toStatus(post, rules);
}

function answerMedia({ posts, rules }: World, id: string, body: unknown): object {
  const post = [...posts.values()].find(({ media }) => media.some((one) => one.id === id));
  const media = post?.media.find((one) => one.id === id);
  if (media === undefined || post?.account !== 'alice') throw new Refusal(404, 'Record not found');
  const before = media.description;
  if (isObject(body) && 'description' in body) describe(media, body.description, rules);
  if (before !== media.description) post.edits += 1;
  // Pixelfed answers a list where others answer the one.
  return rules.flavour === 'pixelfed' ? [toMedia(media)] : toMedia(media);
}
