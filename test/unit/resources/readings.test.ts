import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResourcePoint } from '../../../bridge/contract/index.ts';
import { findCpuGroup } from '../../../bridge/resources/cpu-group.ts';
import { createHistory } from '../../../bridge/resources/history.ts';
import { toLoadState } from '../../../bridge/resources/load-state.ts';
import { parseMemAvailable } from '../../../bridge/resources/memory.ts';
import { readMemoryGroup } from '../../../bridge/resources/memory-group.ts';
import { parseProcessMs } from '../../../bridge/resources/own-cpu.ts';
import { parsePressure } from '../../../bridge/resources/pressure.ts';

describe('readings of the operating system', () => {
  it('finds the process times, children’s included, behind a name with blanks and brackets', () => {
    expect(parseProcessMs('12 (a ) b) S 1 12 12 0 -1 4194560 2866 0 3 0 150 50 7 3 20 0')).toBe(2100);
    expect(parseProcessMs('nonsense')).toBeNull();
  });

  it('reads MemAvailable in bytes', () => {
    expect(parseMemAvailable('MemTotal: 8 kB\nMemAvailable:   2048 kB\n')).toBe(2_097_152);
    expect(parseMemAvailable('MemTotal: 8 kB\n')).toBeNull();
  });

  it('reads pressure, also of a kernel that has no full line', () => {
    const some = 'some avg10=7.62 avg60=8.64 avg300=12.39 total=11169254064\n';
    expect(parsePressure(`${some}full avg10=1.50 avg60=0.00 avg300=0.00 total=0\n`)).toEqual({
      some_percent: 7.62,
      full_percent: 1.5,
    });
    expect(parsePressure(some)).toEqual({ some_percent: 7.62, full_percent: 0 });
    expect(parsePressure('')).toBeNull();
  });
});

describe('the control group of a process', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'photo-bridge-cgroup-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const find = (membership: string) => {
    write('self', membership);
    return findCpuGroup({ root: folder, membership: join(folder, 'self') });
  };

  it('is the tightest one above it that has a quota', () => {
    write('user.slice/app/cpu.max', 'max 100000\n');
    write('user.slice/cpu.max', '150000 100000\n');
    write('user.slice/cpu.stat', 'usage_usec 2500000\nuser_usec 1\n');
    write('cpu.max', '400000 100000\n');
    const group = find('0::/user.slice/app\n');
    expect([group?.cores, group?.busyMs()]).toEqual([1.5, 2500]);
  });

  it('is found in a container, whose own path leads nowhere inside', () => {
    write('cpu.max', '200000 100000\n');
    expect(find('0::/docker/0123abcd\n')?.cores).toBe(2);
  });

  it('is found in the older hierarchy', () => {
    write('cpu/box/cpu.cfs_quota_us', '50000\n');
    write('cpu/box/cpu.cfs_period_us', '100000\n');
    write('cpuacct/box/cpuacct.usage', '3000000000\n');
    write('cpu/cpu.cfs_quota_us', '-1\n');
    write('cpu/cpu.cfs_period_us', '100000\n');
    const group = find('4:cpu,cpuacct:/box\n3:memory:/box\n');
    expect([group?.cores, group?.busyMs()]).toEqual([0.5, 3000]);
  });

  it('tells what is left of the memory, without what the kernel only keeps until somebody needs it', () => {
    write('box/memory.max', '1000000\n');
    write('box/memory.current', '990000\n');
    write('box/memory.stat', 'anon 300000\nfile_dirty 50000\ninactive_file 500000\nactive_file 150000\n');
    write('memory.max', 'max\n');
    write('self', '0::/box/inner\n');
    const places = { root: folder, membership: join(folder, 'self') };
    expect(readMemoryGroup(places)).toEqual({ limit: 1_000_000, available: 610_000 });
    write('memory/old/memory.limit_in_bytes', '2000000\n');
    write('memory/old/memory.usage_in_bytes', '1900000\n');
    write('memory/old/memory.stat', 'total_inactive_file 100000\ntotal_active_file 0\ntotal_dirty 0\n');
    write('memory/memory.limit_in_bytes', '9223372036854771712\n');
    write('memory/memory.usage_in_bytes', '5\n');
    write('self', '4:memory:/old\n');
    expect(readMemoryGroup(places)).toEqual({ limit: 2_000_000, available: 200_000 });
    write('self', '4:memory:/\n');
    expect(readMemoryGroup(places)).toBeNull();
  });

  it('is none where nothing sets a quota', () => {
    write('cpu.max', 'max 100000\n');
    expect(find('0::/\n')).toBeNull();
    expect(findCpuGroup({ root: folder, membership: join(folder, 'no such file') })).toBeNull();
  });
});

describe('the name of a load', () => {
  it.each([
    [0, 10, 'idle'],
    [20, 84.9, 'idle'],
    [20.1, 10, 'normal'],
    [80, 10, 'busy'],
    [0, 85, 'busy'],
    [95, 0, 'critical'],
    [0, 95, 'critical'],
  ] as const)('is for %d %% foreign CPU and %d %% memory %s', (foreignPercent, memoryPercent, state) => {
    const reading = { atMs: 0, foreignPercent, memoryPercent, memoryStallPercent: 0 };
    expect(toLoadState(reading, 'balanced').state).toBe(state);
  });
});

describe('the history of the load', () => {
  const point = (limit: number): ResourcePoint => ({
    at: '',
    state: 'idle',
    limit,
    foreign_percent: 0,
    own_percent: 0,
    memory_percent: 0,
  });

  it('keeps a point every two seconds, each change of the limit, and the newest ten minutes', () => {
    const history = createHistory();
    for (let index = 0; index < 10; index += 1) history.add(point(2), index * 500);
    expect(history.points()).toHaveLength(3);
    history.add(point(1), 4600);
    expect(history.points().at(-1)?.limit).toBe(1);
    for (let index = 0; index < 400; index += 1) history.add(point(2), 10_000 + index * 2000);
    expect(history.points()).toHaveLength(300);
  });
});
