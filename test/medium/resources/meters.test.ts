import os from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { createFixedLimiter } from '../../../bridge/resources/limiter.ts';
import { createMeters, type Meters } from '../../../bridge/resources/meters.ts';

let meters: Meters | undefined;
afterEach(() => meters?.close());

function burn(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) Math.sqrt(end);
}

describe('the meters on this machine', () => {
  it('books the daemon’s own work as own, not as foreign load', async () => {
    meters = createMeters({
      limiter: createFixedLimiter(() => 2),
      hostPid: () => null,
      hostRssBytes: () => null,
      diskPaths: () => [os.tmpdir(), '/no/such/folder'],
      intervalMs: 3_600_000,
    });
    await meters.sample();
    burn(300);
    await meters.sample();
    const { cpu, memory, disk, limit } = await meters.readings();
    expect(cpu.own_percent).toBeGreaterThan(10 / cpu.cores);
    expect(cpu.total_percent).toBeGreaterThanOrEqual(cpu.own_percent);
    expect(cpu.total_percent - cpu.own_percent).toBeCloseTo(cpu.foreign_percent, 6);
    expect(memory.available_bytes).toBeLessThanOrEqual(memory.total_bytes);
    expect(memory.daemon_rss_bytes).toBeGreaterThan(1e6);
    expect(disk.map(({ path }) => path)).toEqual([os.tmpdir()]);
    expect(limit).toBe(2);
  });

  it.runIf(process.platform === 'linux')('books a render host’s work as own too', async () => {
    meters = createMeters({
      limiter: createFixedLimiter(() => 1),
      // This very process once more, as if it were the host: its work then counts twice as own.
      hostPid: () => process.pid,
      hostRssBytes: () => 42,
      diskPaths: () => [],
      intervalMs: 3_600_000,
    });
    await meters.sample();
    const before = process.cpuUsage();
    const start = performance.now();
    burn(400);
    await meters.sample();
    const spent = process.cpuUsage(before);
    const share = (spent.user + spent.system) / 10 / (performance.now() - start) / os.availableParallelism();
    const { cpu, memory } = await meters.readings();
    expect(cpu.own_percent).toBeGreaterThan(Math.min(95, share * 1.4));
    expect(memory.host_rss_bytes).toBe(42);
  });
});
