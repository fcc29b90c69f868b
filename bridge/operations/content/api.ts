/** What `http/` may ask of content operations. Types only; `service.ts` implements it. */
import type {
  ContentAccepted,
  ContentLoaded,
  ContentOperation,
  CreatorOperations,
  MirrorReport,
} from '../../contract/index.ts';
import type { ContentId, ContentRecord } from './record.ts';

/** Methods throw BridgeError for an expected refusal; those of the seed's routes carry `message` and what else the seed says. */
export interface ContentApi {
  /** Durable when resolved; the work goes on in the background. `body`: as it was sent. The same key starts it once. */
  updatePrice(body: unknown, idempotencyKey?: string): Promise<ContentAccepted>;
  remove(body: unknown, idempotencyKey?: string): Promise<ContentAccepted>;
  updateMetadata(body: unknown, idempotencyKey?: string): Promise<ContentAccepted>;
  /** Live while it runs. */
  operation(batchId: string): Promise<ContentOperation>;
  /** Newest first. */
  ofCreator(
    creator: string,
    query: { limit?: string | undefined; skip?: string | undefined },
  ): Promise<CreatorOperations>;
  /** One bad record refuses them all. Durable when resolved; where the disk refuses on the way, records of earlier pieces stay. */
  load(records: { json: unknown } | { csv: Buffer }): Promise<ContentLoaded>;
  record(id: ContentId): Promise<ContentRecord>;
  /** Sends what the mirror has not got yet. */
  retryMirror(signal: AbortSignal): Promise<MirrorReport>;
  /** Changes that the mirror has not got yet. */
  readonly waiting: number;
}
