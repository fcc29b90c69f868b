/** The config of a develop batch, from what a caller sent; refusals name the field, the value and the remedy. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { type DevelopConfig, developConfigSchema, explainIssues } from '../../contract/index.ts';
import { BridgeError } from '../../errors.ts';

const schema = z.object({ config: developConfigSchema });

export function parseDevelopConfig(config: unknown): DevelopConfig {
  const value = { config: config ?? {} };
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const problems = explainIssues(parsed.error.issues, { schema, value, whole: 'config' });
    throw new BridgeError('bad_request', problems.map((problem) => problem.message).join('; '), {
      errors: problems,
    });
  }
  const { folder } = parsed.data.config.output;
  if (folder !== undefined && !isAbsolute(folder)) {
    throw new BridgeError('bad_request', `config.output.folder must be an absolute path; got "${folder}"`);
  }
  return parsed.data.config;
}
