import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadStates, type ResourceProfile, resourceProfiles } from '../../../bridge/contract/index.ts';
import {
  type Decision,
  decide,
  toLimit,
  toNice,
  toPace,
  UNDECIDED,
} from '../../../bridge/resources/governor.ts';
import { type LoadReading, toLoadState } from '../../../bridge/resources/load-state.ts';

const CORES = 8;
const EVERY_MS = 500;
type Step = { atMs: number; limit: number; decision: Decision };

const reading = (atMs: number, foreignPercent: number, memoryPercent = 30): LoadReading => ({
  atMs,
  foreignPercent,
  memoryPercent,
  memoryStallPercent: 0,
});

/** The governor over a whole trace of foreign CPU percent, a reading each half second. */
function follow(trace: readonly number[], profile: ResourceProfile = 'balanced', memory = 30): Step[] {
  let decision = UNDECIDED;
  return trace.map((percent, index) => {
    const atMs = index * EVERY_MS;
    decision = decide(decision, reading(atMs, percent, memory), profile);
    return { atMs, limit: toLimit(decision, profile, CORES), decision };
  });
}

function changesOf(steps: readonly Step[]): number[] {
  return steps
    .filter((step, index) => step.limit !== (steps[index - 1]?.limit ?? CORES))
    .map((step) => step.atMs);
}

const seconds = (count: number, percent: number) => new Array<number>(count * 2).fill(percent);
const percents = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 400 });
const anyProfile = fc.constantFrom(...resourceProfiles);

describe('the governor', () => {
  it.each([
    ['idle', 10, 8, 10],
    ['normal', 50, 7, 10],
    ['busy', 85, 2, 19],
    ['critical', 99, 1, 19],
  ] as const)(
    'at a load that is %s (%d %% foreign) lets %d of 8 run, niceness %d',
    (load, percent, limit, nice) => {
      const last = follow(seconds(5, percent)).at(-1)!;
      expect([last.decision.load, last.limit, toNice(last.decision, 'balanced', 10)]).toEqual([
        load,
        limit,
        nice,
      ]);
    },
  );

  it('gives way with the first reading of a full load, within a second of its beginning', () => {
    for (const part of [0, 25, 50, 75, 100]) {
      const steps = follow([...seconds(5, 3), part, ...seconds(5, 99)]);
      const fell = steps.find((step) => step.limit <= 2)!;
      expect(fell.atMs - (5000 - EVERY_MS)).toBeLessThanOrEqual(1000);
    }
  });

  it('has every core again within two seconds of the end of a load', () => {
    for (const part of [0, 25, 50, 75, 100]) {
      const steps = follow([...seconds(10, 99), part, ...seconds(5, 3)]);
      const back = steps.find((step) => step.atMs >= 10_000 && step.limit === CORES)!;
      // The load ended somewhere in the half second before the reading that saw a part of it.
      const ended = 10_000 - EVERY_MS + (part / 100) * EVERY_MS;
      expect(back.atMs - ended).toBeLessThanOrEqual(2000);
    }
  });

  it('changes the limit at most once in two seconds, whatever the load does', () => {
    fc.assert(
      fc.property(percents, anyProfile, (trace, profile) => {
        const changes = changesOf(follow(trace, profile));
        return changes.every((at, index) => index === 0 || at - changes[index - 1]! >= 2000);
      }),
    );
  });

  it('never changes the limit again under a steady load with a little noise', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.array(fc.double({ min: -2, max: 0, noNaN: true }), { minLength: 50, maxLength: 400 }),
        anyProfile,
        (level, noise, profile) => {
          const steps = follow(
            noise.map((part) => Math.max(0, level + part)),
            profile,
          );
          // The first reading may have come out below the level, the first full one settles it.
          return changesOf(steps).length <= 2 && changesOf(steps.slice(20)).length <= 1;
        },
      ),
    );
  });

  it('answers each load as its table says, once it has lasted', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        anyProfile,
        percents,
        (level, profile, before) => {
          const { decision } = follow([...before, ...seconds(6, level)], profile).at(-1)!;
          const exact = loadStates.indexOf(toLoadState(reading(0, level), profile).state);
          const relaxed = loadStates.indexOf(toLoadState(reading(0, level), profile, 5).state);
          const found = loadStates.indexOf(decision.load);
          return found >= exact && found <= relaxed;
        },
      ),
    );
  });

  it('a lasting heavier load never lets more run than a lighter one', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), anyProfile, (a, b, profile) => {
        const limitAt = (level: number) => follow(seconds(6, level), profile).at(-1)!.limit;
        return a <= b ? limitAt(a) >= limitAt(b) : limitAt(a) <= limitAt(b);
      }),
    );
  });

  it('holds everything at a critical load in the quiet profile, and nothing for CPU in the full one', () => {
    expect(follow(seconds(3, 99), 'quiet').at(-1)!.limit).toBe(0);
    expect(follow(seconds(3, 60), 'quiet').at(-1)!.limit).toBe(2);
    expect(follow(seconds(3, 100), 'full').map(({ limit }) => limit)).toEqual(new Array(6).fill(CORES));
    expect(toNice(follow(seconds(3, 0), 'quiet').at(-1)!.decision, 'quiet', 10)).toBe(19);
  });

  it.each(resourceProfiles)(
    'lets nothing run when memory is critical, and a quarter when it is short (%s)',
    (profile) => {
      expect(follow(seconds(3, 0), profile, 96).at(-1)!.limit).toBe(0);
      expect(follow(seconds(3, 0), profile, 88).at(-1)!.limit).toBe(2);
      const stalled = { ...reading(0, 0), memoryStallPercent: 50 };
      expect(toLimit(decide(UNDECIDED, stalled, profile), profile, CORES)).toBe(0);
    },
  );

  it('always lets at least one run below critical, on any number of cores', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 512 }),
        fc.double({ min: 0, max: 94.9, noNaN: true }),
        (cores, percent) => {
          const { decision } = follow([percent, percent]).at(-1)!;
          const limit = toLimit(decision, 'balanced', cores);
          return limit >= 1 && limit <= cores;
        },
      ),
    );
  });

  it('counts less of a task’s time against its deadline the less of the machine it has', () => {
    const paceAt = (percent: number) => toPace(follow([percent, percent]).at(-1)!.decision);
    expect([0, 50, 85, 99].map(paceAt)).toEqual([1, 1, 1 / 4, 1 / 20]);
    expect(toPace(decide(UNDECIDED, reading(0, 0, 99), 'balanced'))).toBe(1);
  });

  it('control: fed the total load it backs off from its own work', () => {
    const total = 100;
    expect(follow(seconds(5, total)).at(-1)!.limit).toBe(1);
    expect(follow(seconds(5, total - 97)).at(-1)!.limit).toBe(CORES);
  });
});

describe('over loads recorded on real machines', () => {
  const names = ['test-suites'] as const;
  it.each(names)('%s: no flapping, and never more than its load allows for long', (name) => {
    const url = new URL(`../../fixtures/load-traces/${name}.json`, import.meta.url);
    const { foreign_percent } = JSON.parse(readFileSync(url, 'utf8')) as { foreign_percent: number[] };
    const steps = follow(foreign_percent);
    const changes = changesOf(steps);
    expect(steps.length).toBeGreaterThan(100);
    expect(changes.every((at, index) => index === 0 || at - changes[index - 1]! >= 2000)).toBe(true);
    steps.forEach((step, index) => {
      const lasting = foreign_percent.slice(Math.max(0, index - 4), index + 1);
      if (lasting.length === 5 && lasting.every((percent) => percent >= 80))
        expect(step.limit).toBeLessThanOrEqual(2);
      if (lasting.length === 5 && lasting.every((percent) => percent <= 10)) expect(step.limit).toBe(CORES);
    });
  });
});
