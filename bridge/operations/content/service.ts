/** The content routes' work: requests become batches of the engine, batches are shown as operation documents. */
import type { BatchApi, BatchSummary } from '../../batch/api.ts';
import {
  type ContentAccepted,
  type ContentOperation,
  type ContentResult,
  startBodySchema,
} from '../../contract/index.ts';
import { BridgeError } from '../../errors.ts';
import type { ContentApi } from './api.ts';
import { parseContentConfig } from './config.ts';
import { parseContentCsv } from './csv-records.ts';
import { parsePage, toAccepted, toCreatorList, toCreatorPage, toOperationDocument } from './documents.ts';
import type { MirrorQueue } from './mirror-queue.ts';
import { type ParsedRequest, parseMetadataBody, parsePriceBody, parseRemoveBody } from './parse-bodies.ts';
import { parseContentRecords } from './record.ts';
import type { ContentStore } from './store.ts';

export type ContentServiceParts = {
  batches: Pick<BatchApi, 'start' | 'status' | 'results' | 'ofOperation'>;
  store: ContentStore;
  /** Null when no mirror is set up. */
  mirror: MirrorQueue | null;
};

export function createContentService({ batches, store, mirror }: ContentServiceParts): ContentApi {
  const start = (parse: (body: unknown) => ParsedRequest) => (body: unknown, key?: string) =>
    startOperation(batches, parse(body), key);
  return {
    updatePrice: start(parsePriceBody),
    remove: start(parseRemoveBody),
    updateMetadata: start(parseMetadataBody),
    async operation(batchId) {
      for (const summary of batches.ofOperation('content'))
        if (summary.batch_id === batchId) return toDocument(batches, summary);
      throw new BridgeError('batch_not_found', 'Batch operation not found', { batchId });
    },
    async ofCreator(creator, query) {
      const page = parsePage(query);
      if (!page.ok) throw new BridgeError('bad_request', page.body.message, { ...page.body });
      const own = [...batches.ofOperation('content')].filter(({ config }) => config?.creator === creator);
      const listed = own.map((summary) => ({
        ...summary,
        batchId: summary.batch_id,
        createdAt: summary.created_at,
      }));
      const { total, page: shown } = toCreatorPage(listed, page.value);
      const operations = await Promise.all(shown.map((summary) => toDocument(batches, summary)));
      return toCreatorList(creator, { ...page.value, total, operations });
    },
    async load(records) {
      const parsed = 'csv' in records ? parseContentCsv(records.csv) : parseContentRecords(records.json);
      if (!parsed.ok) throw new BridgeError('bad_request', parsed.body.message, { ...parsed.body });
      return { ...(await store.load(parsed.records)), total: store.count };
    },
    async record(id) {
      const record = await store.get(id);
      if (record === null) throw new BridgeError('not_found', `there is no content record "${id}"`);
      return record;
    },
    async retryMirror(signal) {
      if (mirror !== null) return mirror.retry(signal);
      const remedy = 'set content.mirror_url in bridge.config.json to the address changes are to be sent to';
      throw new BridgeError('unprocessable', `no mirror is set up: ${remedy}`);
    },
    get waiting() {
      return store.jobCount;
    },
  };
}

async function startOperation(
  batches: Pick<BatchApi, 'start'>,
  parsed: ParsedRequest,
  idempotencyKey: string | undefined,
): Promise<ContentAccepted> {
  if (!parsed.ok) throw new BridgeError('bad_request', parsed.body.message, { ...parsed.body });
  const { contentIds, ...config } = parsed.value;
  const body = startBodySchema.parse({ operation: 'content', items: contentIds, config });
  const { batch_id, photo_count } = await batches.start(
    body,
    idempotencyKey === undefined ? {} : { idempotencyKey },
  );
  return toAccepted(config.operationType, batch_id, photo_count);
}

async function toDocument(
  batches: Pick<BatchApi, 'status' | 'results'>,
  summary: BatchSummary,
): Promise<ContentOperation> {
  const results = new Map<number, ContentResult>();
  const { batch_id, config, refs } = summary;
  const status = batches.status(batch_id);
  for await (const item of batches.results(batch_id)) {
    const timestamp = toEndTime(item.started_at, item.duration_ms);
    const contentId = item.ref ?? '';
    const place = item.photo_id - 1;
    if (item.status === 'processed') {
      const message = String(item.details?.message ?? '');
      const [warning] = item.warnings;
      results.set(place, { contentId, success: true, message, timestamp, ...(warning && { warning }) });
    } else if (item.status === 'failed') {
      results.set(place, { contentId, success: false, error: item.failure?.message ?? '', timestamp });
    }
  }
  return toOperationDocument({
    ...parseContentConfig(config),
    batchId: batch_id,
    status: status.status,
    contentIds: refs.map((ref) => ref ?? ''),
    results,
    startedAt: status.started_at,
    completedAt: status.completed_at,
  });
}

function toEndTime(startedAt: string | null, durationMs: number | null): string {
  return startedAt === null ? '' : new Date(Date.parse(startedAt) + (durationMs ?? 0)).toISOString();
}
