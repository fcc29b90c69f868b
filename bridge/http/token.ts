/** The access token for wider access (safety.md, rule 8): its file, and the comparison. It is never logged. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { Settings } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import { loadSecretFile } from '../secret-file.ts';

const TOKEN_BYTES = 32;
const MIN_LENGTH = 16;

/**
 * The token if any setting asks for one, else null. `security.token_file`, or `DATA/token` when only
 * `security.allowed_origins` is set; the file is made (mode 0600) when it is missing. Throws Error when it is too short.
 */
export async function loadToken(security: Settings['security'], dataDir: string): Promise<string | null> {
  const { token_file, allowed_origins } = security;
  if (token_file === undefined && allowed_origins.length === 0) return null;
  const path = token_file ?? join(dataDir, 'token');
  const token = await loadSecretFile(path, () => randomBytes(TOKEN_BYTES).toString('base64url'));
  if (token.length >= MIN_LENGTH) return token;
  throw new Error(
    `the token in ${path} is shorter than ${MIN_LENGTH} characters; delete the file to get a new one`,
  );
}

export type TokenClaim = { authorization: string | undefined; target: string; isUpgrade: boolean };

/** Null when the claim carries the token: `Authorization: Bearer`, or for a WebSocket also `?token=`. */
export function checkToken(token: string | null, claim: TokenClaim): BridgeError | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(claim.authorization ?? '')?.[1];
  const given = bearer ?? (claim.isUpgrade ? toQueryToken(claim.target) : null) ?? '';
  if (token !== null && isEqual(token, given)) return null;
  return new BridgeError(
    'unauthorized',
    'this access needs the token: "Authorization: Bearer <token>" (file of the setting security.token_file)',
  );
}

function toQueryToken(target: string): string | null {
  const question = target.indexOf('?');
  return question === -1 ? null : new URLSearchParams(target.slice(question)).get('token');
}

/** Constant time: equal-length digests are compared. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
