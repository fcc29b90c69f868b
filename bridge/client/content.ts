/** Content operations: one method a route. */
import type {
  ContentAccepted,
  ContentLoaded,
  ContentOperation,
  ContentRecordAnswer,
  CreatorOperations,
  MirrorReport,
  MirrorState,
} from '../contract/index.ts';
import type { CallOptions, Transport } from './transport.ts';

type Ids = { contentIds: readonly (string | number)[]; creator: string };

export function createContentClient(transport: Transport) {
  const post = <T>(path: string, body: unknown, options?: CallOptions) =>
    transport.json<T>({ method: 'POST', path, body, ...options });
  const get = <T>(path: string, options?: CallOptions) =>
    transport.json<T>({ method: 'GET', path, ...options });
  return {
    /** All or nothing; a record that is known is replaced. */
    load: (records: readonly unknown[], options?: CallOptions) =>
      post<ContentLoaded>('/content', records, options),
    record: (id: string | number, options?: CallOptions) =>
      get<ContentRecordAnswer>(`/content/${encodeURIComponent(id)}`, options),
    updatePrice: (body: Ids & { newPrice: number }, options?: CallOptions) =>
      post<ContentAccepted>('/api/batches/batch-update-price', body, options),
    remove: (body: Ids & { removalReason?: string }, options?: CallOptions) =>
      post<ContentAccepted>('/api/batches/batch-remove', body, options),
    updateMetadata: (body: Ids & { updates: Record<string, unknown> }, options?: CallOptions) =>
      post<ContentAccepted>('/api/batches/batch-update-metadata', body, options),
    operation: (batchId: string, options?: CallOptions) =>
      get<ContentOperation>(`/api/batches/${encodeURIComponent(batchId)}`, options),
    ofCreator: (creator: string, query: { limit?: number; skip?: number } = {}, options?: CallOptions) =>
      transport.json<CreatorOperations>({
        method: 'GET',
        path: `/api/batches/creator/${encodeURIComponent(creator)}`,
        query,
        ...options,
      }),
    mirror: (options?: CallOptions) => get<MirrorState>('/mirror', options),
    /** Sends what the mirror has not got yet. */
    retryMirror: (options?: CallOptions) => post<MirrorReport>('/mirror/retry', {}, options),
  };
}
