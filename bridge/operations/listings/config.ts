/** The config of a listings batch, from what a caller sent; refusals name the field, the value and the remedy. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { explainIssues } from '../../contract/index.ts';
import { BridgeError } from '../../errors.ts';
import { parsePosterAddress } from './http-poster.ts';
import { parseSaveEvery } from './save-interval.ts';
import { runModes } from './status.ts';

const CONCURRENT_LIMIT = 64;
const absolutePath = z.string().min(1).max(4096);

export const listingsConfigSchema = z.strictObject({
  mode: z.enum(runModes).default('new'),
  /** An http or https address. */
  poster: z.string().min(1).max(4096),
  poster_format: z.enum(['json', 'multipart']).default('json'),
  images_dir: absolutePath,
  /** `10%` of the records, or a number of them. */
  save_every: z.union([z.string().max(20), z.int().min(1)]).default('10%'),
  /** Records that are posted at once. */
  concurrent: z.int().min(1).max(CONCURRENT_LIMIT).default(1),
  /** Tab of a workbook; absent: the first that has all the columns. */
  sheet: z.string().min(1).max(255).optional(),
  /** Checks rows and images; asks no poster and writes no status. */
  dry_run: z.boolean().default(false),
  /** Where the statuses of a batch over `items` go: an inventory that has their rows. */
  file: absolutePath.optional(),
});
export type ListingsConfig = z.infer<typeof listingsConfigSchema>;

const schema = z.object({ config: listingsConfigSchema });

/** `hasPoster`: the poster is a part of this program, so that `poster` only names it. Throws BridgeError `bad_request`. */
export function parseListingsConfig(given: unknown, { hasPoster }: { hasPoster: boolean }): ListingsConfig {
  const value = { config: given ?? {} };
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const problems = explainIssues(parsed.error.issues, { schema, value, whole: 'config' });
    throw new BridgeError('bad_request', problems.map((problem) => problem.message).join('; '), {
      errors: problems,
    });
  }
  const { config } = parsed.data;
  checkField('save_every', () => parseSaveEvery(String(config.save_every)));
  if (!hasPoster) checkField('poster', () => parsePosterAddress(config.poster));
  for (const field of ['images_dir', 'file'] as const) {
    const path = config[field];
    if (path !== undefined && (!isAbsolute(path) || path.includes('\0')))
      throw new BridgeError('bad_request', `config.${field} must be an absolute path; got "${path}"`);
  }
  return config;
}

function checkField(field: string, check: () => unknown): void {
  try {
    check();
  } catch (thrown) {
    if (!(thrown instanceof BridgeError)) throw thrown;
    throw new BridgeError('bad_request', `config.${field}: ${thrown.message}`, { field: `config.${field}` });
  }
}
