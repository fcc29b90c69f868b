/** What a batch was started with, as the daemon keeps it. */
import { useEffect, useState } from 'hono/jsx/dom';
import type { BatchDetail, BatchStatusObject } from '../../../client/index.ts';
import { client, live } from './bridge.ts';
import { useSelected } from './store.ts';

export type BatchConfig = Readonly<Record<string, unknown>>;

/**
 * Null until it is read. A retry may come with another config, so it is read again when the state changes, and when a daemon
 * that was away is back.
 */
export function useBatchConfig({
  batch_id,
  status,
}: Pick<BatchStatusObject, 'batch_id' | 'status'>): BatchConfig | null {
  const isAway = useSelected(live.store, ({ link }) => link === 'lost');
  const [config, setConfig] = useState<BatchConfig | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    client.batches
      .get(batch_id, { signal: leaving.signal })
      .then((detail: BatchDetail) => setConfig(detail.config ?? {}))
      .catch(() => undefined);
    return () => leaving.abort();
  }, [batch_id, status, isAway]);
  return config;
}
