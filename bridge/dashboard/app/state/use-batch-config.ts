/** What a batch was started with, as the daemon keeps it. */
import { useEffect, useState } from 'hono/jsx/dom';
import type { BatchDetail, BatchStatusObject } from '../../../client/index.ts';
import { client } from './bridge.ts';

export type BatchConfig = Readonly<Record<string, unknown>>;

/** Null until it is read. A retry may come with another config, so it is read again when the state changes. */
export function useBatchConfig({
  batch_id,
  status,
}: Pick<BatchStatusObject, 'batch_id' | 'status'>): BatchConfig | null {
  const [config, setConfig] = useState<BatchConfig | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    client.batches
      .get(batch_id, { signal: leaving.signal })
      .then((detail: BatchDetail) => setConfig(detail.config ?? {}))
      .catch(() => undefined);
    return () => leaving.abort();
  }, [batch_id, status]);
  return config;
}
