/** What the metrics are fed with and read from, and what `http/` may ask of them. Types only. */
import type { BatchStatus, BatchStatusObject, Hold } from '../contract/index.ts';
import type { EventApi } from '../events/api.ts';

export interface MetricsApi {
  readonly contentType: string;
  /** All of them now, in Prometheus' text exposition format. */
  read(): Promise<string>;
}

/** Small reports of what has just been done; each costs about a microsecond. Milliseconds. */
export interface Meters {
  /** `milliseconds` with its sync. */
  onJournalWrite(write: { records: number; milliseconds: number }): void;
  onSnapshotSaved(milliseconds: number): void;
  /** `route` as the router has it, never a path; null: none. */
  onAnswered(answer: { method: string; route: string | null; status: number; milliseconds: number }): void;
}

/** Where the state of the moment is read; only while somebody reads the metrics. */
export type MetricSources = {
  events: Pick<EventApi, 'subscribe'>;
  batches: {
    list(query: { status?: BatchStatus; limit: number; cursor?: string }): {
      batches: BatchStatusObject[];
      count: number;
      next_cursor?: string;
    };
  };
  limiter: { readonly limit: number; readonly capacity: number; readonly hold: Hold | null };
  host: { readonly starts: number; readonly restarts: number; hostRssBytes(): number | null };
  sockets: { readonly size: number; readonly dropped: { readonly slow: number; readonly silent: number } };
  isReadOnly: () => boolean;
};
