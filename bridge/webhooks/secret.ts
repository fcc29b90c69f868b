/** The key that webhooks are signed with: the setting, else a file that is made once. It is never logged. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isWebhookSecret } from '../contract/index.ts';
import { loadSecretFile } from '../secret-file.ts';

export const SECRET_FILE = 'webhook-secret';
const PREFIX = 'whsec_';
const KEY_BYTES = 32;

/**
 * The secret as receivers need it (`whsec_…`): `setting` (`webhooks.secret`), else the one in `DATA/webhook-secret` (mode
 * 0600), which is made when it is missing. Rejects with an Error for people, in which the secret is not.
 */
export async function loadWebhookSecret(setting: string | undefined, dataDir: string): Promise<string> {
  if (setting !== undefined) return setting;
  const path = join(dataDir, SECRET_FILE);
  const secret = await loadSecretFile(path, () => PREFIX + randomBytes(KEY_BYTES).toString('base64'));
  if (isWebhookSecret(secret)) return secret;
  throw new Error(
    `${path} holds no webhook secret ("${PREFIX}" and the base64 of 24 to 64 bytes); correct it, or empty it to get a new one`,
  );
}

/** The bytes that sign. */
export function toSigningKey(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), 'base64');
}
