import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toAgeMs } from '../../../bridge/batch/age.ts';
import { createLog } from '../../../bridge/log.ts';
import type { ClockReading } from '../../../bridge/store/clock-jump.ts';
import { createQuarantine } from '../../../bridge/store/quarantine.ts';
import { openRunHistory, type RunHistory, readSystemClock } from '../../../bridge/store/run-history.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let dataDir = '';
const open: RunHistory[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'run-history-'));
});
afterEach(async () => {
  for (const history of open.splice(0)) await history.close();
});

/** A machine whose clocks the test turns. */
function createMachine() {
  let boots = 1;
  const now = { wallMs: Date.UTC(2026, 0, 1), awakeMs: 0, realMs: 0 };
  return {
    now,
    pass(ms: number) {
      now.wallMs += ms;
      now.awakeMs += ms;
      now.realMs += ms;
    },
    set(byMs: number) {
      now.wallMs += byMs;
    },
    reboot() {
      boots += 1;
      now.awakeMs = 0;
    },
    readClock: () => ({ wallMs: now.wallMs, awakeMs: now.awakeMs, boot: `boot ${boots}` }),
  };
}
type Machine = { readClock: () => ClockReading };

async function run(machine: Machine, path = join(dataDir, 'runs.json')): Promise<RunHistory> {
  const quarantine = createQuarantine(join(dataDir, 'quarantine'));
  const history = openRunHistory({
    path,
    log: createLog('silent'),
    quarantine,
    readClock: machine.readClock,
  });
  open.push(history);
  await history.begin();
  return history;
}

describe('unclean ends', () => {
  it('are those that no close came before, each with the time the next start noticed it', async () => {
    const machine = createMachine();
    expect((await run(machine)).uncleanEnds).toEqual([]);
    machine.pass(1000);
    const second = machine.now.wallMs;
    expect((await run(machine)).uncleanEnds).toEqual([second]);
    machine.pass(1000);
    const third = await run(machine);
    expect(third.uncleanEnds).toEqual([second, second + 1000]);
    await third.close();
    const fourth = await run(machine);
    expect(fourth.uncleanEnds).toEqual([second, second + 1000]);
    await fourth.forgetUncleanEnds();
    await fourth.close();
    expect((await run(machine)).uncleanEnds).toEqual([]);
  });

  it('of a run that only looked and never began do not count', async () => {
    const machine = createMachine();
    await (await run(machine)).close();
    const path = join(dataDir, 'runs.json');
    const log = createLog('silent');
    openRunHistory({ path, log, quarantine: createQuarantine(dataDir), readClock: machine.readClock });
    expect((await run(machine)).uncleanEnds).toEqual([]);
  });
});

describe('a run history that cannot be kept', () => {
  it('is begun anew when the file is damaged, which is set aside', async () => {
    const absurd = { under_way: true, unclean_ends: [], jumps: [] };
    const clock = (wall_ms: number) => ({ ...absurd, clock: { wall_ms, awake_ms: 0, boot: null } });
    const texts = ['', '{', '{"under_way":"yes"}', '\0\0\0', 'null', JSON.stringify(clock(-1e300))];
    for (const text of texts) {
      writeFileSync(join(dataDir, 'runs.json'), text);
      const history = await run(createMachine());
      expect(history.uncleanEnds).toEqual([]);
      await history.close();
    }
    expect(
      readdirSync(join(dataDir, 'quarantine')).filter((name) => name.startsWith('runs.json')),
    ).not.toEqual([]);
  });

  it('keeps nobody from starting or stopping when the disk refuses', async () => {
    const path = join(dataDir, 'runs.json');
    mkdirSync(`${path}.tmp/in/the/way`, { recursive: true });
    const history = await run(createMachine(), path);
    expect(history.jumps()).toEqual([]);
    await history.forgetUncleanEnds();
    await history.close();
  });
});

describe('jumps of the wall clock', () => {
  it('are seen when they are asked for, and known to later runs', async () => {
    const machine = createMachine();
    const first = await run(machine);
    machine.pass(HOUR);
    const from = machine.now.wallMs;
    machine.set(400 * DAY);
    expect(first.jumps()).toEqual([{ from, to: from + 400 * DAY }]);
    expect(first.jumps()).toHaveLength(1);
    await first.close();
    machine.reboot();
    expect((await run(machine)).jumps()).toHaveLength(1);
  });

  it('are no sleep, no correction of minutes and no step back', async () => {
    const machine = createMachine();
    const history = await run(machine);
    machine.pass(90 * DAY);
    expect(history.jumps()).toEqual([]);
    machine.set(20 * 60_000);
    expect(history.jumps()).toEqual([]);
    machine.set(-3 * HOUR);
    expect(history.jumps()).toEqual([]);
    machine.set(3 * HOUR);
    expect(history.jumps()).toHaveLength(1);
  });

  it.each(['after a stop', 'after a kill'])(
    'over a restart of the daemon are seen exactly (%s)',
    async (how) => {
      const machine = createMachine();
      const first = await run(machine);
      machine.pass(10 * 60_000);
      if (how === 'after a stop') await first.close();
      machine.pass(5 * DAY);
      machine.set(20 * DAY);
      const [jump] = (await run(machine)).jumps();
      expect(jump).toEqual({ from: machine.now.wallMs - 20 * DAY, to: machine.now.wallMs });
    },
  );

  it('over a restart of the machine are gaps of more than 30 days', async () => {
    const machine = createMachine();
    for (const [gap, jumps] of [
      [29 * DAY, 0],
      [31 * DAY, 1],
    ] as const) {
      await (await run(machine)).close();
      machine.reboot();
      machine.set(gap);
      const history = await run(machine);
      expect(history.jumps()).toHaveLength(jumps);
      await history.close();
    }
  });

  it('of this machine are none while a test runs', async () => {
    const history = await run({ readClock: readSystemClock });
    expect(history.jumps()).toEqual([]);
  });
});

const step = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 3 * HOUR }) }),
  fc.record({ kind: fc.constant('set' as const), ms: fc.integer({ min: -500 * DAY, max: 500 * DAY }) }),
  fc.record({ kind: fc.constant('ended' as const) }),
  fc.record({ kind: fc.constant('restart' as const), clean: fc.boolean() }),
);

describe('the age by the run history', () => {
  it('is never more than the time that really passed, whatever the clock did', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        dataDir = mkdtempSync(join(tmpdir(), 'run-history-'));
        const machine = createMachine();
        let history = await run(machine);
        let runs = 1;
        const stamps: { wallMs: number; realMs: number }[] = [];
        for (const each of steps) {
          if (each.kind === 'pass') machine.pass(each.ms);
          if (each.kind === 'set') machine.set(each.ms);
          if (each.kind === 'ended') {
            stamps.push({ ...machine.now });
            history.jumps();
          }
          if (each.kind === 'restart') {
            // What a kill leaves is what was written before it.
            await (each.clean ? history.close() : history.forgetUncleanEnds());
            history = await run(machine);
            runs += 1;
          }
        }
        const jumps = history.jumps();
        for (const { wallMs, realMs } of stamps) {
          const age = toAgeMs(wallMs, machine.now.wallMs, jumps);
          // Corrections of less than an hour are none of its business, once a run.
          expect(age).toBeLessThanOrEqual(machine.now.realMs - realMs + runs * HOUR);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is the time that passed when the clock was left alone', async () => {
    const machine = createMachine();
    const history = await run(machine);
    const began = machine.now.wallMs;
    machine.pass(8 * DAY);
    expect(toAgeMs(began, machine.now.wallMs, history.jumps())).toBe(8 * DAY);
  });
});
