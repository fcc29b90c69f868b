import { readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chunksOf,
  dataDir,
  id,
  loadedOnce,
  opened,
  save,
  seedState,
  statePath,
  useDataFolder,
} from './snapshot-fixture.ts';

useDataFolder();

describe('state files after a flipped bit, a cut or a splice', () => {
  it('never throw, never give back anything but a whole state that was saved, and never vanish', async () => {
    const { store, close } = await opened();
    await store.saveSnapshot(id, chunksOf(seedState({ _seq: 1 })), { sync: true });
    await store.saveSnapshot(id, chunksOf(seedState({ _seq: 2 })), { sync: true });
    await close();
    const good = readFileSync(statePath());
    const backup = readFileSync(statePath('.bak'));
    const damage = fc.oneof(
      fc.record({ at: fc.nat(good.length - 1), bit: fc.nat(7) }).map(({ at, bit }) => {
        const bytes = Buffer.from(good);
        bytes[at] = bytes[at]! ^ (1 << bit);
        return bytes;
      }),
      fc.nat(good.length - 1).map((length) => good.subarray(0, length)),
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (bytes) => {
        await rm(join(dataDir, 'quarantine'), { recursive: true });
        writeFileSync(statePath(), bytes);
        writeFileSync(statePath('.bak'), backup);
        const { snapshots } = await loadedOnce();
        if (snapshots[0]?.source === 'main') {
          // Only where the flip hit the name of the checksum key: all that was saved is there.
          expect(snapshots).toMatchObject([{ file: seedState({ _seq: 2 }) }]);
          return;
        }
        expect(snapshots).toMatchObject([{ source: 'bak', file: { _seq: 1 } }]);
        expect(readFileSync(join(dataDir, 'quarantine', `${id}.json.damaged`))).toEqual(bytes);
      }),
      { numRuns: 120 },
    );
  });

  it('load from whichever is left after a crash between any two steps of a save', async () => {
    await save(seedState({ _seq: 1 }));
    await save(seedState({ _seq: 2 }));
    const steps = [
      () => writeFileSync(statePath('.tmp'), '{"half'),
      () => unlinkSync(statePath('.bak')),
      () => renameSync(statePath(), statePath('.bak')),
    ];
    for (const step of steps) {
      step();
      const { snapshots, quarantined: reported } = await loadedOnce();
      expect(snapshots).toMatchObject([{ file: { _seq: 2 } }]);
      expect(reported).toEqual([]);
    }
    rmSync(statePath('.bak'));
  });
});
