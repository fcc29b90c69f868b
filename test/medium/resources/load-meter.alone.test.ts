import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createCpuCounters } from '../../../bridge/resources/cpu-sample.ts';
import { createLoadMeter, type LoadMeter } from '../../../bridge/resources/load-meter.ts';
import { childrenOf } from '../../../bridge/resources/own-cpu.ts';

const FAR = { active: 3_600_000, resting: 3_600_000 };
const burning = 'for (;;) Math.sqrt(Math.random())';
let meter: LoadMeter | undefined;
let child: ChildProcess | undefined;
let orphan: number | null = null;
afterEach(() => {
  meter?.close();
  child?.kill('SIGKILL');
  if (orphan !== null) process.kill(orphan, 'SIGKILL');
  orphan = null;
});

const openMeter = () =>
  createLoadMeter({ counters: createCpuCounters(() => 0), isActive: () => false, intervals: FAR });

function burn(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) Math.sqrt(end);
}

describe('the load meter on this machine', () => {
  it('books the daemon’s own work as own, not as foreign load', () => {
    meter = openMeter();
    burn(400);
    meter.read();
    const { own_percent, total_percent, foreign_percent } = meter.cpu;
    expect(own_percent).toBeGreaterThan(60 / meter.cores());
    expect(total_percent - own_percent).toBeCloseTo(foreign_percent, 6);
    expect(meter.memory.available_bytes).toBeLessThanOrEqual(meter.memory.total_bytes);
  });

  it.runIf(process.platform === 'linux')(
    'books the work of what it has started as own, while it lives and when it has ended',
    async () => {
      meter = openMeter();
      child = spawn(process.execPath, ['-e', burning]);
      await delay(800);
      meter.read();
      expect(childrenOf(process.pid)).toContain(child.pid);
      expect(meter.cpu.own_percent).toBeGreaterThan(50 / meter.cores());
      await delay(500);
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      meter.read();
      // Nothing of it is lost with its end, or it would look foreign.
      expect(meter.cpu.own_percent).toBeGreaterThan(50 / meter.cores());
    },
  );

  it.runIf(process.platform === 'linux')(
    'books the work of a program it has not started as foreign',
    async () => {
      const script = `const { pid } = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(burning)}], { detached: true, stdio: 'ignore' }); console.log(pid); process.exit()`;
      const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      orphan = Number(line.toString());
      await once(parent, 'exit');
      meter = openMeter();
      await delay(1000);
      meter.read();
      expect(meter.cpu.foreign_percent).toBeGreaterThan(60 / meter.cores());
      expect(meter.cpu.own_percent).toBeLessThan(40 / meter.cores());
    },
  );

  it('reads often while there is work and seldom while there is none', async () => {
    let isActive = false;
    let count = 0;
    meter = createLoadMeter({
      counters: createCpuCounters(() => 0),
      isActive: () => isActive,
      intervals: { active: 20, resting: 3_600_000 },
    });
    const many = new Promise<void>((resolve) => {
      meter?.onReading(() => {
        count += 1;
        if (count === 5) resolve();
      });
    });
    await delay(100);
    expect(count).toBe(0);
    isActive = true;
    meter.wake();
    await many;
  });
});
