/** The config of a content batch: whose records, which change. One rule for what a route and a start body may ask. */
import { z } from 'zod';
import { contentOperationTypes } from '../../contract/index.ts';
import { BridgeError } from '../../errors.ts';
import type { ContentChange } from './change.ts';
import { type ParsedRequest, parseMetadataBody, parsePriceBody, parseRemoveBody } from './parse-bodies.ts';
import type { ContentId } from './record.ts';

export type ContentConfig = ContentChange & { creator: string };

const parsers = {
  'update-price': parsePriceBody,
  remove: parseRemoveBody,
  'update-metadata': (body: Record<string, unknown>) =>
    parseMetadataBody({ contentIds: body.contentIds, creator: body.creator, updates: body.payload }),
} as const satisfies Record<string, (body: Record<string, unknown>) => ParsedRequest>;

const configSchema = z.strictObject({
  operationType: z.enum(contentOperationTypes),
  creator: z.string(),
  updatePayload: z.record(z.string(), z.unknown()),
});

/** Throws BridgeError `bad_request` that says what is wrong. */
export function parseContentConfig(given: Record<string, unknown> | null): ContentConfig {
  return toConfig(given, ['any']);
}

/** The ids of a start body under a config that was accepted: each once, in order. Throws BridgeError `bad_request`. */
export function parseContentIds(
  given: readonly unknown[],
  config: Record<string, unknown> | null,
): ContentId[] {
  return toRequest(config, given).contentIds;
}

function toConfig(given: Record<string, unknown> | null, contentIds: readonly unknown[]): ContentConfig {
  const { contentIds: _ids, ...config } = toRequest(given, contentIds);
  return config;
}

function toRequest(given: Record<string, unknown> | null, contentIds: readonly unknown[]) {
  const config = configSchema.safeParse(given ?? {});
  if (!config.success) {
    const [issue] = config.error.issues;
    const where = ['config', ...(issue?.path ?? [])].join('.');
    throw new BridgeError('bad_request', `${where}: ${issue?.message ?? 'is not valid'}`, { field: where });
  }
  const { operationType, creator, updatePayload } = config.data;
  const body = { ...updatePayload, contentIds, creator, payload: updatePayload };
  const parsed = parsers[operationType](body);
  if (!parsed.ok) throw new BridgeError('bad_request', parsed.body.message, { ...parsed.body });
  return parsed.value;
}
