/** The config of a captions batch, from what a caller sent; refusals name the field, the value and the remedy. Pure. */
import { z } from 'zod';
import { explainIssues } from '../../contract/index.ts';
import { BridgeError } from '../../errors.ts';
import { type CaptionSettings, usualSettings } from './caption-settings.ts';

const usual = toCaptionsConfig(usualSettings);

const configSchema = z.strictObject({
  /** Captions at most, of the newest posts; absent: all. */
  limit: z.int().min(1).optional(),
  /** Posts that are talked about with the server at one moment. */
  concurrent: z.int().min(1).max(32).default(usual.concurrent),
  /** Posts in hand for each of these; the others wait to be looked at again. */
  batch_size: z.int().min(1).max(1000).default(usual.batch_size),
  /** Seconds between an edit and the look at what became of it. */
  verify_delay_s: z.number().min(0).max(3600).default(usual.verify_delay_s),
  /** Put a post back when its captions cannot be verified. */
  rollback: z.boolean().default(usual.rollback),
  /** Look, and say what would be done. */
  dry_run: z.boolean().default(usual.dry_run),
  /** An edit for each caption, one after the other, in place of one for each post. */
  one_by_one: z.boolean().default(false),
});
export type CaptionsConfig = z.infer<typeof configSchema>;

const schema = z.object({ config: configSchema });

/** Throws BridgeError `bad_request`. */
export function parseCaptionsConfig(given: unknown): CaptionsConfig {
  const value = { config: given ?? {} };
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data.config;
  const problems = explainIssues(parsed.error.issues, { schema, value, whole: 'config' });
  throw new BridgeError('bad_request', problems.map(({ message }) => message).join('; '), {
    errors: problems,
  });
}

export function toCaptionsConfig(settings: CaptionSettings) {
  return {
    concurrent: settings.maxConcurrent,
    batch_size: settings.batchSize,
    verify_delay_s: settings.verifyDelayMs / 1000,
    rollback: settings.rollback,
    dry_run: settings.dryRun,
  };
}

/** Posts in hand at once. One caption after the other means one. */
export function toAtOnce({ one_by_one, batch_size, concurrent }: CaptionsConfig): number {
  return one_by_one ? 1 : batch_size * concurrent;
}
