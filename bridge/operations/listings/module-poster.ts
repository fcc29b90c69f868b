/** A poster that is a file of the user's own. It runs as part of this program: its path must come from the user's command line or code, never from a request. */
import { realpath } from 'node:fs/promises';
import { extname, isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BridgeError, toError } from '../../errors.ts';
import { type Poster, toCheckedPoster } from './poster.ts';

const extensions: readonly string[] = ['.ts', '.js', '.mjs', '.mts'];

/**
 * `path`: absolute. The file exports `postAd(record, images, {signal, idempotencyKey})`, by name, as its default, or as a
 * member of its default. Rejects with BridgeError `invalid_path` or `unprocessable`.
 */
export async function loadModulePoster(path: string): Promise<Poster> {
  if (!isAbsolute(path)) throw new BridgeError('invalid_path', 'The poster module needs an absolute path');
  if (!extensions.includes(extname(path)))
    throw new BridgeError('invalid_path', `The poster module must be a file in ${extensions.join(', ')}`);
  const real = await realpath(path).catch(() => {
    throw new BridgeError('invalid_path', `The poster module ${path} does not exist`);
  });
  const loaded: unknown = await import(pathToFileURL(real).href).catch((thrown: unknown) => {
    throw new BridgeError('unprocessable', `The poster module cannot be loaded: ${toError(thrown).message}`);
  });
  const postAd = findPostAd(loaded);
  if (postAd === null)
    throw new BridgeError('unprocessable', 'The poster module exports no function postAd(record, images)');
  return toCheckedPoster(postAd);
}

type PostAd = (...given: Parameters<Poster['postAd']>) => unknown;

function findPostAd(loaded: unknown): PostAd | null {
  const byDefault = member(loaded, 'default');
  for (const [owner, found] of [
    [undefined, member(loaded, 'postAd')],
    [byDefault, member(byDefault, 'postAd')],
    [undefined, byDefault],
  ]) {
    if (typeof found === 'function') return (...given) => Reflect.apply(found, owner, given) as unknown;
  }
  return null;
}

function member(owner: unknown, name: string): unknown {
  const isOwner = (typeof owner === 'object' && owner !== null) || typeof owner === 'function';
  return isOwner ? (Reflect.get(owner, name) as unknown) : undefined;
}
