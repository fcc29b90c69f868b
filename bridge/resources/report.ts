/** Answers `/resources`: the newest readings, what follows from them, and how it came to that. Decides nothing. */
import type { Limiter } from '../batch/ports.ts';
import type { LoadState, ResourceProfile, Resources } from '../contract/index.ts';
import type { ResourceApi } from './api.ts';
import type { History } from './history.ts';
import type { LoadMeter } from './load-meter.ts';
import { readDisks } from './memory.ts';
import { readPressure } from './pressure.ts';

export type ReportParts = {
  meter: LoadMeter;
  /** With all that can hold batches. */
  limiter: Limiter;
  load: () => LoadState;
  profile: () => ResourceProfile;
  history: History;
  /** Null where there is none. */
  battery: () => Promise<Resources['battery']>;
  hostRssBytes: () => number | null;
  /** Folders whose volumes are shown. */
  diskPaths: () => readonly string[];
};

export function createReport(parts: ReportParts): ResourceApi {
  const { meter, limiter, history } = parts;
  return {
    readings: async () => ({
      state: parts.load(),
      limit: limiter.limit,
      capacity: limiter.capacity,
      reason: limiter.reason,
      profile: parts.profile(),
      cpu: { cores: meter.cores(), ...meter.cpu },
      memory: { ...meter.memory, host_rss_bytes: parts.hostRssBytes() },
      pressure: { cpu: readPressure('cpu'), memory: readPressure('memory'), io: readPressure('io') },
      battery: await parts.battery(),
      disk: await readDisks(parts.diskPaths()),
      history: [...history.points()],
    }),
  };
}
