/** What `GET /resources` answers: the machine as last read, and what follows from it. */
import { z } from 'zod';
import { resourceProfiles } from './settings.ts';

/** From the least to the worst. */
export const loadStates = ['idle', 'normal', 'busy', 'critical'] as const;
export const loadStateSchema = z.enum(loadStates);
export type LoadState = z.infer<typeof loadStateSchema>;

/** Percent of the last ten seconds in which at least one task (`some`) or all of them (`full`) waited. */
export const pressureSchema = z.object({ some_percent: z.number(), full_percent: z.number() });
export type Pressure = z.infer<typeof pressureSchema>;

export const resourcePointSchema = z.object({
  at: z.string(),
  state: loadStateSchema,
  limit: z.int(),
  foreign_percent: z.number(),
  own_percent: z.number(),
  memory_percent: z.number(),
});
export type ResourcePoint = z.infer<typeof resourcePointSchema>;

export const resourcesSchema = z.object({
  state: loadStateSchema,
  /** Tasks that may run now, and that could. */
  limit: z.int(),
  capacity: z.int(),
  /** Why `limit` is below `capacity`; null when it is not. */
  reason: z.string().nullable(),
  profile: z.enum(resourceProfiles),
  /** Percent of all cores we may use. Total = own + foreign. */
  cpu: z.object({
    cores: z.number(),
    total_percent: z.number(),
    own_percent: z.number(),
    foreign_percent: z.number(),
  }),
  memory: z.object({
    total_bytes: z.number(),
    available_bytes: z.number(),
    used_percent: z.number(),
    daemon_rss_bytes: z.number(),
    host_rss_bytes: z.number().nullable(),
  }),
  /** Null where the system does not tell. */
  pressure: z.object({
    cpu: pressureSchema.nullable(),
    memory: pressureSchema.nullable(),
    io: pressureSchema.nullable(),
  }),
  /** Null where there is none, or nothing is known of it. */
  battery: z.object({ on_battery: z.boolean(), percent: z.number() }).nullable(),
  disk: z.array(z.object({ path: z.string(), free_bytes: z.number(), total_bytes: z.number() })),
  /** Oldest first, at most ten minutes. */
  history: z.array(resourcePointSchema),
});
export type Resources = z.infer<typeof resourcesSchema>;
