import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../bridge/log.ts';
import { createBatchStore } from '../../../bridge/store/batch-store.ts';
import { createOutputFiles } from '../../../bridge/store/output-files.ts';

const log = createLog('silent');
const root = mkdtempSync(join(tmpdir(), 'real-disk-'));
const mountPoint = join(root, 'mnt');
mkdirSync(mountPoint);

function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mountPoint], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const unmount = () => execFileSync('umount', ['-l', mountPoint], { stdio: 'ignore' });
const canMount = mount();
if (canMount) unmount();
else console.log('skipped: no right to mount a small disk');

describe.skipIf(!canMount)('on a real small disk', () => {
  beforeEach(() => void mount());
  afterEach(() => unmount());

  it('a full one refuses with disk_full, keeps what it acknowledged, and goes on when there is room', async () => {
    const dataDir = join(mountPoint, 'data');
    const { store, load, close } = createBatchStore({ dataDir, log, probeMs: 10, reserveBytes: 500_000 });
    await load();
    const claim = (i: number) => ({ k: 'claim', b: 'batch_0123456789ab', i, a: 1, n: 'n' }) as const;
    await store.append([claim(0)]);
    const filler = join(mountPoint, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(8 * 1024 * 1024))).toThrow(/ENOSPC/);
    let refused: unknown = null;
    let last = 0;
    for (let i = 1; refused === null; i += 1) {
      await store.append([{ ...claim(i), n: 'n'.repeat(5000) }]).then(
        () => {
          last = i;
        },
        (thrown: unknown) => {
          refused = thrown;
        },
      );
    }
    expect(refused).toMatchObject({ code: 'disk_full' });
    expect(store.readOnly()?.reason).toMatch(/full/);
    await expect(
      store.saveSnapshot('batch_0123456789ab', ['{"x":"', 'x'.repeat(500_000), '"'], { sync: true }),
    ).rejects.toMatchObject({ code: 'disk_full' });
    rmSync(filler);
    await expect.poll(() => store.readOnly(), { interval: 10 }).toBeNull();
    await store.append([claim(1000)]);
    await close();
    const again = createBatchStore({ dataDir, log });
    const state = await again.load();
    const items = state.records.flatMap(({ payload }) => (payload.k === 'claim' ? [payload.i] : []));
    expect(items).toEqual([...Array.from({ length: last + 1 }, (_, i) => i), 1000]);
    expect([...state.snapshots]).toEqual([]);
    expect(state.quarantined).toEqual([]);
    await again.close();
  });

  it('that is pulled out gets no output written under its empty mount point, also after a restart', async () => {
    const folder = join(mountPoint, 'album', 'out');
    const dataDir = join(root, 'data');
    const first = createOutputFiles({ dataDir, log });
    expect(await first.files.prepareFolder(folder)).toBeNull();
    unmount();
    expect(await first.files.prepareFolder(folder)).toMatchObject({ code: 'output_not_writable' });
    await first.close();
    const second = createOutputFiles({ dataDir, log });
    expect(await second.files.prepareFolder(folder)).toMatchObject({ code: 'output_not_writable' });
    expect(readdirSync(mountPoint)).toEqual([]);
    expect(mount()).toBe(true);
    expect(await second.files.prepareFolder(folder)).toBeNull();
    expect(existsSync(folder)).toBe(true);
    await second.close();
  });

  it('that is full answers output_full for an output folder with no room for a file', async () => {
    unmount();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,nr_inodes=4', 'tmpfs', mountPoint]);
    const { files, close } = createOutputFiles({ dataDir: join(root, 'data2'), log });
    const folder = join(mountPoint, 'a');
    expect(await files.prepareFolder(folder)).toBeNull();
    writeFileSync(join(folder, '1'), '');
    writeFileSync(join(folder, '2'), '');
    expect(await files.prepareFolder(folder)).toMatchObject({ code: 'output_full' });
    await close();
  });
});
