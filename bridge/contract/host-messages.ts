/**
 * Messages between the daemon and the render host, and between the host and its threads. Bytes of photos never
 * cross: tasks carry paths, the thread reads and writes. Structured clone ("advanced" serialization), so typed arrays may.
 */
import { z } from 'zod';
import { outputConfigSchema } from './develop-config.ts';
import { failureSchema, outputSchema } from './failure.ts';
import { recipeSchema } from './recipe.ts';
import { rawEngines } from './settings.ts';

export const sourceLimitsSchema = z.object({
  /** Pixels (width x height) a photo may decode to. */
  max_pixels: z.number(),
  /** A photo with more runs with no other beside it. */
  alone_pixels: z.number(),
  /** Bytes a source file may have. */
  max_bytes: z.number(),
});

export type SourceLimits = z.infer<typeof sourceLimitsSchema>;

/** Real paths of the folders a source must lie in when it is opened; absent: anywhere. */
const withinSchema = z.array(z.string()).optional();

export const developTaskSchema = z.object({
  kind: z.literal('develop'),
  batch_id: z.string(),
  /** Index of the item in its batch, and the attempt: both name the temp file. */
  item: z.int(),
  attempt: z.int(),
  photo_id: z.int(),
  source: z.object({ path: z.string(), within: withinSchema }),
  /** Absent: export only. */
  recipe: recipeSchema.optional(),
  /** Hex hash over recipe, blend and all output options that change pixels or bytes. */
  recipe_hash: z.string(),
  blend: z.number(),
  output: outputConfigSchema.omit({ folder: true, name: true, suffix: true }).extend({
    folder: z.string(),
    /** Final file name with extension, fixed by the durable claim. */
    name: z.string(),
    /** `.pb-{batch}-{item}-{attempt}.tmp` in the same folder. Stays (a second link to the output) until the daemon removes it. */
    temp_name: z.string(),
    /**
     * Where `folder` leads to (all links resolved) and its device, as the daemon last found it: nothing is written when it
     * leads elsewhere by now, be it by a link or because its drive is gone.
     */
    place: z.object({ real: z.string(), device: z.string() }).optional(),
  }),
  /** Only with `if-changed` and a record of what this destination was made from with this very recipe. */
  previous: z.object({ source_sha256: z.string(), output_sha256: z.string(), bytes: z.number() }).optional(),
  limits: sourceLimitsSchema,
  /** Absent: `auto`. */
  raw_engine: z.enum(rawEngines).optional(),
});
export type DevelopTask = z.infer<typeof developTaskSchema>;

/** Decode `source`, fit into `width` (or a `size` square), apply the look, answer JPEG bytes. */
export const proofTaskSchema = z.object({
  kind: z.literal('proof'),
  /** `state`: changes whenever the file does. With it the decoded picture may be kept for the next look at it. */
  source: z.object({ path: z.string(), state: z.string().optional(), within: withinSchema }),
  recipe: recipeSchema.optional(),
  blend: z.number(),
  /** Longest edge in pixels. */
  long_edge: z.int(),
  quality: z.int(),
  limits: sourceLimitsSchema,
});
export type ProofTask = z.infer<typeof proofTaskSchema>;

export const taskSchema = z.discriminatedUnion('kind', [developTaskSchema, proofTaskSchema]);
export type Task = z.infer<typeof taskSchema>;

const timing = { started_at: z.string(), duration_ms: z.number() };
export const developOutcomeSchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    ...timing,
    /** `skipped`: the conflict policy found that nothing was to be written. */
    skipped: z.boolean(),
    output: outputSchema.optional(),
    source_sha256: z.string().optional(),
    engine: z.string(),
    warnings: z.array(z.string()),
  }),
  z.object({ ok: z.literal(false), ...timing, failure: failureSchema }),
]);
export type DevelopOutcome = z.infer<typeof developOutcomeSchema>;

export const proofOutcomeSchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    ...timing,
    jpeg: z.instanceof(Uint8Array),
    width: z.int(),
    height: z.int(),
  }),
  z.object({ ok: z.literal(false), ...timing, failure: failureSchema }),
]);
export type ProofOutcome = z.infer<typeof proofOutcomeSchema>;

export type OutcomeOf<T extends Task> = T extends DevelopTask ? DevelopOutcome : ProofOutcome;

/** Daemon to host. `stop` kills the task's thread: the task is answered `cancelled`. */
export type ToHost =
  | { type: 'run'; task_id: number; task: Task }
  | { type: 'stop'; task_id: number }
  | { type: 'nice'; level: number };

/** Host to daemon. */
export type FromHost =
  | { type: 'ready'; pid: number; threads: number; sharp: string; libvips: string }
  | { type: 'outcome'; task_id: number; outcome: DevelopOutcome | ProofOutcome }
  /** The header of this task's photo is read: the base of its deadline, and what another program may take beside it. */
  | { type: 'size'; task_id: number; megapixels: number; extra_s?: number }
  /** A thread died by itself (not by `stop`) while it ran this task. */
  | { type: 'lost'; task_id: number; reason: string }
  | { type: 'usage'; rss_bytes: number; cpu_ms: number };
