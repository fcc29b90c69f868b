import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../../bridge/log.ts';
import { createBatchStore } from '../../../bridge/store/batch-store.ts';

const id = 'batch_0123456789ab';
const ROUNDS = 8;

/** Kills the child once it has acknowledged `after` records; answers all it said. */
async function runAndKill(dataDir: string, first: number, after: number): Promise<string[]> {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'appending-child.ts'), dataDir, String(first)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.split('\n').length > after) child.kill('SIGKILL');
  });
  await once(child, 'close');
  // The last line may have been cut by the kill.
  return said.split('\n').slice(0, -1);
}

describe('a store killed with -9 at any moment', () => {
  it('has everything it acknowledged, once each, and opens again without damage', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kill-'));
    const acknowledged = new Set<number>();
    let saved = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const said = await runAndKill(dataDir, round * 1_000_000, 5 + round * 60);
      expect(said[0]).toBe('ready');
      for (const line of said.slice(1)) {
        if (line.startsWith('saved ')) saved = Number(line.slice(6));
        else acknowledged.add(Number(line));
      }
      const { store, load, close } = createBatchStore({ dataDir, log: createLog('silent') });
      const state = await load();
      const found = state.records.flatMap(({ payload }) => (payload.k === 'done' ? [payload.r.i] : []));
      expect(new Set(found).size).toBe(found.length);
      expect([...acknowledged].filter((item) => !found.includes(item))).toEqual([]);
      expect(state.records.map(({ seq }) => seq)).toEqual(state.records.map((_, at) => at + 1));
      const snapshots = [...state.snapshots];
      expect(state.quarantined).toEqual([]);
      if (saved > 0) {
        expect(snapshots[0]?.file._seq).toBeGreaterThanOrEqual(saved);
        expect((await store.readResults(id, [0])).get(0)?.ms).toBeGreaterThanOrEqual(saved);
      }
      await close();
    }
    expect(acknowledged.size).toBeGreaterThan(ROUNDS);
  });
});
