/** Puts meter, governor and history together, and says in events and in the log what was decided. Holds no rules of its own. */
import type { Clock, EventSink } from '../batch/ports.ts';
import type { ResourceProfile } from '../contract/index.ts';
import type { Log } from '../log.ts';
import { type CpuCounters, createCpuCounters } from './cpu-sample.ts';
import { createGovernedLimiter, type GovernedLimiter } from './governed-limiter.ts';
import { createHistory, type History } from './history.ts';
import { createLoadMeter, type LoadMeter } from './load-meter.ts';

/** What the governor needs of the executor. */
export type Governed = {
  readonly capacity: number;
  readonly isActive: boolean;
  hostsCpuMs(): number;
  setNice(level: number): void;
  setPace(pace: number): void;
  letGo(): void;
};
export type GovernanceParts = {
  executor: Governed;
  settings: () => { resources: { profile: ResourceProfile }; executor: { nice: number } };
  /** Absent: this machine's. */
  counters?: CpuCounters | undefined;
  clock: Pick<Clock, 'iso'>;
  events: EventSink;
  log: Log;
};
export type Governance = { meter: LoadMeter; limiter: GovernedLimiter; history: History; close(): void };

export function createGovernance(parts: GovernanceParts): Governance {
  const { executor, settings, clock, events, log } = parts;
  const history = createHistory();
  const limiter = createGovernedLimiter({
    capacity: () => executor.capacity,
    profile: () => settings().resources.profile,
    usualNice: () => settings().executor.nice,
    clock,
    apply: ({ nice, pace, isShortOfMemory }) => {
      executor.setNice(nice);
      executor.setPace(pace);
      if (isShortOfMemory) executor.letGo();
    },
  });
  const meter = createLoadMeter({
    counters: parts.counters ?? createCpuCounters(() => executor.hostsCpuMs()),
    // While nothing may run, only a reading can end that.
    isActive: () => executor.isActive || limiter.limit === 0,
  });
  let told = limiter.limit;
  limiter.onChange(() => {
    const { limit, capacity, load: state } = limiter;
    const reason = limiter.reason ?? 'no other program needs the machine';
    if (limit !== told) {
      events.publish({ type: 'limit_changed', limit, capacity, state, reason });
      log.info({ limit, capacity, state, reason }, 'limit changed');
    }
    told = limit;
    if (state === 'critical') {
      events.publish({ type: 'resource_warning', resource: limiter.cause, message: reason });
    }
  });
  meter.onReading((reading) => {
    limiter.take(reading);
    const { foreign_percent, own_percent } = meter.cpu;
    const { load: state, limit } = limiter;
    const memory_percent = reading.memoryPercent;
    history.add(
      { at: clock.iso(), state, limit, foreign_percent, own_percent, memory_percent },
      reading.atMs,
    );
  });
  limiter.review();
  return { meter, limiter, history, close: () => meter.close() };
}
