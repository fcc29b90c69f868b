/** The operation on the real engine, with what a crash at a given moment would leave. */
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ItemInputs } from '../../../../bridge/batch/ports.ts';
import type { ItemResult } from '../../../../bridge/contract/index.ts';
import { openEmbeddedEngine } from '../../../../bridge/embedded/engine.ts';
import { createLog } from '../../../../bridge/log.ts';
import type { Caption } from '../../../../bridge/operations/captions/caption.ts';
import {
  type CaptionsOperationParts,
  createCaptionsOperation,
} from '../../../../bridge/operations/captions/operation.ts';
import { createFixedLimiter } from '../../../../bridge/resources/fixed-limiter.ts';
import { createTestPace } from '../../../unit/operations/captions/fixture.ts';
import { newDataDir, toRows } from './fixture.ts';

export type CaptionsEngine = Awaited<ReturnType<typeof openCaptions>>;

export async function openCaptions(
  server: { url: string; token: string },
  {
    dataDir,
    wrapInputs = (inputs) => inputs,
    ...parts
  }: {
    dataDir?: string;
    /** A disk that refuses. */
    wrapInputs?: (inputs: ItemInputs) => ItemInputs;
  } & Partial<CaptionsOperationParts> = {},
) {
  const folder = dataDir ?? (await newDataDir());
  const pace = createTestPace();
  const engine = await openEmbeddedEngine({
    dataDir: folder,
    log: createLog('silent'),
    operation: ({ inputs }) =>
      createCaptionsOperation({
        connection: () => ({ server: server.url, token: server.token }),
        inputs: wrapInputs(inputs),
        limiter: createFixedLimiter(64),
        paths: { source: async () => null },
        log: createLog('silent'),
        pace,
        ...parts,
      }),
  });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await engine.close(0);
    isOpen = false;
  };
  onTestFinished(close);
  return {
    ...engine,
    pace,
    dataDir: folder,
    close,
    /** Its results when it has come to its end. */
    async finish(batchId: string) {
      for (let status = engine.api.status(batchId); !isOver(status.status); )
        status = await engine.api.waitForChange(batchId, status.seq, 5000);
      return readResults(engine, batchId);
    },
    results: (batchId: string) => readResults(engine, batchId),
    /** What a crash at this very moment would leave on the disk. */
    async crashCopy(): Promise<string> {
      const copy = await mkdtemp(join(tmpdir(), 'photo-bridge-captions-crash-'));
      await cp(folder, copy, { recursive: true, filter: (path) => basename(path) !== 'daemon.lock' });
      return copy;
    },
  };
}

export function toBody(captions: readonly Caption[], config: Record<string, unknown> = {}) {
  return { operation: 'captions' as const, items: toRows(captions), config };
}

function isOver(status: string): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

async function readResults(engine: Awaited<ReturnType<typeof openEmbeddedEngine>>, batchId: string) {
  const results: ItemResult[] = [];
  for await (const result of engine.api.results(batchId)) results.push(result);
  return results;
}
