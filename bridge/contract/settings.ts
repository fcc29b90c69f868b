/** `bridge.config.json`: every setting with its default. Unknown keys are errors; defaults are the specs'. */
import { z } from 'zod';
import { runWindowSchema } from './batch.ts';
import { MAX_PATH_LENGTH } from './limits.ts';
import { guard, live, restart } from './settings-notes.ts';
import { outsideSettings } from './settings-outside.ts';

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
      port: z.int().min(0).max(65_535).default(5100).meta(restart('Port to listen on; 0 picks a free one.')),
      host: z
        .string()
        .max(255)
        .optional()
        .meta(
          guard(
            restart('Address to listen on; absent: 127.0.0.1 and ::1. Any other needs security.token_file.'),
          ),
        ),
    })
    .prefault({}),
  data_dir: path
    .optional()
    .meta(
      guard(
        restart('Where batches, journal and presets are kept; absent: `data/` beside the settings file.'),
      ),
    ),
  log: z
    .strictObject({
      level: z
        .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .meta(live('How much the log tells; `debug` has a line for every request.')),
      max_mb: z
        .number()
        .min(0.01)
        .max(10_000)
        .default(10)
        .meta(live('Size at which `bridge.log` is put aside as `bridge.1.log` and begun anew.')),
      keep: z.int().min(0).max(100).default(5).meta(live('Log files put aside that are kept.')),
    })
    .prefault({}),
  library: z
    .strictObject({
      folders: z
        .array(path)
        .optional()
        .meta(guard(restart('Watched folders: new files get ids; absent: `photos` in the data folder.'))),
    })
    .prefault({}),
  output: z
    .strictObject({
      folders: z
        .array(path)
        .default([])
        .meta(guard(live('Folders that results may go to when `security.paths` is `listed`.'))),
    })
    .prefault({}),
  recovery: z
    .strictObject({
      on_start: z
        .enum(['pause', 'resume', 'leave'])
        .default('pause')
        .meta(restart('What becomes at start-up of batches that the last stop interrupted.')),
    })
    .prefault({}),
  executor: executorSchema().prefault({}),
  resources: z
    .strictObject({
      profile: z
        .enum(resourceProfiles)
        .default('balanced')
        .meta(live('`quiet` gives way early and wholly, `full` never to the CPU load of other programs.')),
      inhibit_sleep: z
        .boolean()
        .default(true)
        .meta(live('The machine is kept from falling asleep while photos render.')),
      min_free_mb: z
        .number()
        .min(0)
        .default(256)
        .meta(
          live(
            'Less free room than this, or than 1 % of a volume that is small, holds what writes there; 0: only when it is full.',
          ),
        ),
      battery_below_percent: z
        .number()
        .min(0)
        .max(100)
        .default(20)
        .meta(live('On battery with less than this nothing renders; 0: never mind the battery.')),
    })
    .prefault({}),
  schedule: scheduleSchema().prefault({}),
  raw: z
    .strictObject({
      engine: z
        .enum(rawEngines)
        .default('auto')
        .meta(live('What develops raw photos; `auto`: the first of the others that is installed and can.')),
    })
    .prefault({}),
  limits: limitsSchema().prefault({}),
  security: z
    .strictObject({
      same_user_only: z
        .boolean()
        .default(true)
        .meta(guard(live('Only programs of the same user (or root) get in; Linux.'))),
      paths: z
        .enum(['any', 'listed'])
        .default('any')
        .meta(
          guard(
            live(
              'Which paths requests may name; `listed`: only inside `library.folders` and `output.folders`. Always `listed` when others are let in.',
            ),
          ),
        ),
      allowed_origins: z
        .array(z.string().max(255))
        .default([])
        .meta(
          guard(live('Web origins that may ask, with the token; the first one brings it at the next start.')),
        ),
      allowed_hosts: z
        .array(z.string().max(255))
        .default([])
        .meta(guard(live('Further names of this machine in the Host header.'))),
      token_file: path
        .optional()
        .meta(guard(restart('File with the token for wider access; made when it is missing.'))),
    })
    .prefault({}),
  retry: z
    .strictObject({
      attempts: z
        .int()
        .min(1)
        .max(10)
        .default(3)
        .meta(restart('Tries of a photo whose failure may pass by itself.')),
      first_delay_s: z
        .number()
        .min(0)
        .default(1)
        .meta(restart('Seconds before the second try; doubled with each further one.')),
    })
    .prefault({}),
  state: z
    .strictObject({
      save_interval_s: z
        .number()
        .min(0.1)
        .max(600)
        .default(1)
        .meta(
          restart(
            'Seconds from a change to the state file that has it. The journal has every change at once, whatever this is.',
          ),
        ),
    })
    .prefault({}),
  ...outsideSettings,
  shutdown_timeout_s: z
    .number()
    .min(0)
    .max(60)
    .default(4)
    .meta(live('Seconds that photos in flight have to finish when the daemon stops.')),
});
export type Settings = z.infer<typeof settingsSchema>;

function executorSchema() {
  return z.strictObject({
    threads: z.int().min(1).max(256).optional().meta(restart('Render threads; absent: one a core.')),
    nice: z
      .int()
      .min(0)
      .max(19)
      .default(10)
      .meta(live('Niceness of the render host while nothing else asks for more.')),
    idle_s: z
      .number()
      .min(1)
      .default(60)
      .meta(restart('Idle seconds after which the render host is let go.')),
    recycle_photos: z
      .int()
      .min(1)
      .default(500)
      .meta(restart('Photos after which the render host is replaced.')),
    recycle_mb: megabytes
      .optional()
      .meta(restart('Memory at which the render host is replaced; absent: 400 + 350 a thread.')),
    memory_limit_mb: megabytes
      .optional()
      .meta(
        restart(
          'A host that takes more than this in the midst of its photos is killed; absent: three quarters of the memory there is.',
        ),
      ),
    memory_budget_mb: megabytes
      .optional()
      .meta(
        restart(
          'What the pixels of the photos in flight may take together; absent: a quarter of the memory that is free.',
        ),
      ),
    deadline_base_s: z.number().positive().default(60).meta(restart('Seconds that every photo has.')),
    deadline_s_per_megapixel: z
      .number()
      .positive()
      .default(4)
      .meta(restart('Further seconds for each megapixel.')),
  });
}

function scheduleSchema() {
  return z.strictObject({
    run_window: runWindowSchema
      .extend({ time_zone: timeZone })
      .optional()
      .meta(
        live(
          'Daily hours in which batches may run, like `{"from": "22:00", "to": "06:00", "time_zone": "Europe/Berlin"}`; absent: always.',
        ),
      ),
    cleanup: z
      .strictObject({
        at: runWindowSchema.shape.from,
        days_old: z.number().min(0).max(1_000_000).default(7),
        time_zone: timeZone,
      })
      .optional()
      .meta(
        live(
          'Forgets batches that ended long ago once a day, like `{"at": "03:00", "days_old": 7}`, photos and results stay; absent: only when asked.',
        ),
      ),
  });
}

function limitsSchema() {
  const limit = (description: string) => guard(live(description));
  const late = (description: string) => guard(restart(description));
  return z.strictObject({
    body_mb: megabytes.default(16).meta(limit('Size of a request body.')),
    start_body_mb: megabytes.default(64).meta(limit('Size of the body of `POST /batch/start`.')),
    headers_s: z
      .number()
      .positive()
      .default(5)
      .meta(late('Seconds in which the headers of a request are in.')),
    request_s: z.number().positive().default(30).meta(late('Seconds in which a request is in.')),
    connections: z.int().min(1).default(4096).meta(limit('Open connections; further ones get 503.')),
    ws_message_kb: z.number().positive().default(64).meta(late('Size of a WebSocket message.')),
    ws_buffer_mb: megabytes
      .default(1)
      .meta(limit('What may wait for one WebSocket client before its progress is merged.')),
    ws_patience_s: z
      .number()
      .positive()
      .max(86_400)
      .default(30)
      .meta(limit('A WebSocket client that stays behind for so many seconds is closed (4008).')),
    photos_per_batch: z.int().min(1).max(1_000_000).default(1_000_000).meta(late('Photos in one batch.')),
    photo_megapixels: z.number().positive().default(200).meta(late('Pixels of a photo.')),
    photo_alone_megapixels: z
      .number()
      .positive()
      .default(80)
      .meta(late('A photo with more pixels than this runs alone.')),
    photo_mb: megabytes.default(512).meta(late('Size of a photo file.')),
  });
}

function isTimeZone(zone: string | undefined): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
