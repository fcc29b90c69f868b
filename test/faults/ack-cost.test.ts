import { describe, expect, it } from 'vitest';
import { CLIENTS, judgeRow, judgeTogether, measureInRow, measureTogether, toCosts } from './ack-cost.ts';
import { missingStrace } from './strace.ts';

const missing = await missingStrace();
if (missing !== null) console.log(`skipped: ${missing}`);

describe.skipIf(missing !== null)('an acknowledged change', { timeout: 300_000 }, () => {
  it('costs at most one sync of the journal', async () => {
    const costs = await measureInRow();
    expect(judgeRow(costs)).toEqual([]);
    // And none is answered without one.
    expect(costs.syncs.journal).toBe(costs.changes);
  });

  it('shares its sync with those of 63 other clients and is answered within three sync times', async () => {
    const costs = await measureTogether();
    expect(judgeTogether(costs)).toEqual([]);
    expect(costs.changes).toBe(CLIENTS);
  });

  it('is caught when it waits for a sync of its own', async () => {
    const imports = [new URL('./no-sharing.ts', import.meta.url).href];
    const costs = await measureTogether({ imports });
    expect(costs.syncs.journal).toBeGreaterThanOrEqual(CLIENTS);
    expect(judgeTogether(costs)).toHaveLength(2);
  });
});

it('has its syncs counted from the last request received to the last answer sent', () => {
  const trace = [
    '1 read(30<socket:[1]>, "GET /health?begin-of-changes HTTP/1."..., 65536) = 200',
    '1 read(31<socket:[2]>, "POST /batch/batch_000000000001/hold "..., 65536) = 200',
    '2 fdatasync(24</data/journal/00000001.log> <unfinished ...>',
    '1 <... read resumed>"POST /batch/batch_000000000002/hold "..., 65536) = 200',
    '2 fdatasync(24</data/journal/00000001.log>) = 0 (DELAYED)',
    '2 fsync(25</data/batch_states>) = 0',
    '1 write(31<socket:[2]>, "HTTP/1.1 200 OK\\r\\n", 100) = 100',
    '2 fdatasync(24</data/journal/00000001.log>) = 0 (DELAYED)',
    '1 read(30<socket:[1]>, "GET /health?end-of-changes HTTP/1.1"..., 65536) = 200',
  ].join('\n');
  const syncs = { journal: 3, states: 1, other: 0 };
  expect(toCosts(trace, 2)).toEqual({ changes: 2, syncs, afterLastRequest: 1 });
});
