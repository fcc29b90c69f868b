/** `bridge.config.json`: every setting with its default. Unknown keys are errors; defaults are the specs'. */
import { z } from 'zod';
import { runWindowSchema } from './batch.ts';
import { MAX_PATH_LENGTH } from './limits.ts';

const path = z.string().min(1).max(MAX_PATH_LENGTH);
const megabytes = z.number().positive();

/** `auto`: the first of the others that is installed and can. */
export const rawEngines = ['auto', 'darktable', 'rawtherapee', 'libraw', 'preview'] as const;
export type RawEngine = (typeof rawEngines)[number];

/** `quiet` gives way early and wholly, `full` never to other programs' CPU load. */
export const resourceProfiles = ['quiet', 'balanced', 'full'] as const;
export type ResourceProfile = (typeof resourceProfiles)[number];

const timeZone = runWindowSchema.shape.time_zone.refine(
  isTimeZone,
  'must be a time zone by its IANA name, like "Europe/Berlin"',
);

export const settingsSchema = z.strictObject({
  $schema: z.string().optional(),
  server: z
    .strictObject({
      port: z.int().min(0).max(65_535).default(5100),
      /** Absent: 127.0.0.1 and ::1. */
      host: z.string().max(255).optional(),
    })
    .prefault({}),
  data_dir: path.optional(),
  log: z
    .strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info') })
    .prefault({}),
  library: z
    .strictObject({
      /** Watched folders; absent: `DATA/photos`. */
      folders: z.array(path).optional(),
    })
    .prefault({}),
  output: z.strictObject({ folders: z.array(path).default([]) }).prefault({}),
  recovery: z.strictObject({ on_start: z.enum(['pause', 'resume', 'leave']).default('pause') }).prefault({}),
  executor: z
    .strictObject({
      /** Render threads; absent: one a core. */
      threads: z.int().min(1).max(256).optional(),
      nice: z.int().min(0).max(19).default(10),
      /** The host is let go after this many idle seconds, and replaced after this many photos or this much memory. */
      idle_s: z.number().min(1).default(60),
      recycle_photos: z.int().min(1).default(500),
      recycle_mb: megabytes.optional(),
      /** A host that takes more than this in the midst of its photos is killed; absent: three quarters of the memory there is. */
      memory_limit_mb: megabytes.optional(),
      /** What the pixels of the photos in flight may take together; absent: a quarter of the memory that is free. */
      memory_budget_mb: megabytes.optional(),
      deadline_base_s: z.number().positive().default(60),
      deadline_s_per_megapixel: z.number().positive().default(4),
    })
    .prefault({}),
  resources: z
    .strictObject({
      profile: z.enum(resourceProfiles).default('balanced'),
      /** The machine is kept from falling asleep while photos render. */
      inhibit_sleep: z.boolean().default(true),
      /** Less free room than this, or than 1 % of a volume that is small, holds what writes there; 0: only when it is full. */
      min_free_mb: z.number().min(0).default(256),
      /** On battery with less than this nothing renders; 0: never mind the battery. */
      battery_below_percent: z.number().min(0).max(100).default(20),
    })
    .prefault({}),
  schedule: z
    .strictObject({
      /** Daily hours in which batches may run; absent: always. */
      run_window: runWindowSchema.extend({ time_zone: timeZone }).optional(),
      /** Forgets batches that ended long ago once a day, photos and results stay; absent: only when asked. */
      cleanup: z
        .strictObject({
          at: runWindowSchema.shape.from,
          days_old: z.number().min(0).max(1_000_000).default(7),
          time_zone: timeZone,
        })
        .optional(),
    })
    .prefault({}),
  raw: z
    .strictObject({
      /** What develops raw photos. */
      engine: z.enum(rawEngines).default('auto'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      body_mb: megabytes.default(16),
      start_body_mb: megabytes.default(64),
      headers_s: z.number().positive().default(5),
      request_s: z.number().positive().default(30),
      connections: z.int().min(1).default(4096),
      ws_message_kb: z.number().positive().default(64),
      ws_buffer_mb: megabytes.default(1),
      /** A WebSocket client that stays behind for so long is closed (4008). */
      ws_patience_s: z.number().positive().max(86_400).default(30),
      photos_per_batch: z.int().min(1).max(1_000_000).default(1_000_000),
      photo_megapixels: z.number().positive().default(200),
      photo_alone_megapixels: z.number().positive().default(80),
      photo_mb: megabytes.default(512),
    })
    .prefault({}),
  security: z
    .strictObject({
      same_user_only: z.boolean().default(true),
      paths: z.enum(['any', 'listed']).default('any'),
      allowed_origins: z.array(z.string().max(255)).default([]),
      allowed_hosts: z.array(z.string().max(255)).default([]),
      token_file: path.optional(),
    })
    .prefault({}),
  retry: z
    .strictObject({
      attempts: z.int().min(1).max(10).default(3),
      first_delay_s: z.number().min(0).default(1),
    })
    .prefault({}),
  shutdown_timeout_s: z.number().min(0).max(60).default(4),
});
export type Settings = z.infer<typeof settingsSchema>;

function isTimeZone(zone: string | undefined): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
