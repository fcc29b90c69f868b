/**
 * All metrics under one registry: what happened is counted as it is told, what is now is read when somebody asks. No label
 * has a value that comes from outside: no ids, no paths, no names.
 */
import { Registry } from 'prom-client';
import type { Meters, MetricSources, MetricsApi } from './api.ts';
import { createMeters, type MeterSet } from './meters.ts';
import { addProcessGauges } from './process-gauges.ts';
import { addStateGauges } from './state-gauges.ts';

export type Metrics = MetricsApi & {
  meters: Meters;
  /** Once, when the parts are there. */
  watch(sources: MetricSources): void;
  close(): void;
};

export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const meters: MeterSet = createMeters(registry);
  const process = addProcessGauges(registry, version);
  let stop = () => {};
  return {
    meters,
    contentType: registry.contentType,
    read: () => {
      process.wake();
      return registry.metrics();
    },
    watch(sources) {
      stop = sources.events.subscribe(({ event }) => meters.onEvent(event));
      addStateGauges(registry, sources);
    },
    close() {
      stop();
      process.close();
      registry.clear();
    },
  };
}
