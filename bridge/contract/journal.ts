/** Payloads of journal records (state-and-durability.md, "Journal record"). Short keys: about 200 bytes an item at most. */
import { z } from 'zod';
import { itemDetailsSchema } from './batch.ts';
import { failureSchema, outputFormatSchema } from './failure.ts';
import { stateFileSchema } from './state-file.ts';

/** The result of a settled item as kept on disk. Indices, not ids: `i` is the item's place in its batch. */
export const storedResultSchema = z.object({
  i: z.int(),
  s: z.enum(['processed', 'failed', 'skipped']),
  /** Attempts so far. */
  a: z.int(),
  /** Start, ISO UTC; duration, ms. */
  t: z.string(),
  ms: z.number(),
  /** Output file name (the folder is the batch's), bytes, width, height, format, SHA-256 hex. */
  o: z.tuple([z.string(), z.int(), z.int(), z.int(), outputFormatSchema, z.string()]).optional(),
  f: failureSchema.optional(),
  /** Render engine when it is not sharp. */
  e: z.string().optional(),
  /** What the operation says of it. */
  d: itemDetailsSchema.optional(),
  w: z.array(z.string()).optional(),
});
export type StoredResult = z.infer<typeof storedResultSchema>;

export const batchActions = [
  'start',
  'pause',
  'resume',
  'cancel',
  'complete',
  'fail',
  'retry',
  'recover',
] as const;
export const batchActionSchema = z.enum(batchActions);
export type BatchAction = z.infer<typeof batchActionSchema>;

const b = z.string();
const i = z.int();
export const journalPayloadSchema = z.discriminatedUnion('k', [
  /** The whole first state: the journal alone can rebuild the batch. */
  z.object({ k: z.literal('created'), b, file: stateFileSchema }),
  z.object({
    k: z.literal('action'),
    b,
    action: batchActionSchema,
    at: z.string(),
    /** `fail`: why. */
    error: z.string().optional(),
    /** `retry`: indices that become pending again, and the new config if one was given. */
    items: z.array(i).optional(),
    config: z.record(z.string(), z.unknown()).optional(),
    until: z.string().optional(),
    reason: z.string().optional(),
    /** Other fields that change with it, in the same record: one without the other would be a lie. */
    set: z.record(z.string(), z.unknown()).optional(),
  }),
  /** Priority, holds and other fields of the state file that are not a change of status. */
  z.object({ k: z.literal('patch'), b, at: z.string(), set: z.record(z.string(), z.unknown()) }),
  /** Item, attempt, name of the output to be written. */
  z.object({ k: z.literal('claim'), b, i, a: z.int(), n: z.string() }),
  /**
   * Claims given back; `lost`: the host died under them (counts as a crash of each). `suspect`: it was ended by somebody else,
   * which counts as none, but they run alone from now on.
   */
  z.object({
    k: z.literal('release'),
    b,
    items: z.array(i),
    lost: z.boolean(),
    suspect: z.literal(true).optional(),
  }),
  /** A failed attempt that will be tried again by itself. */
  z.object({ k: z.literal('again'), b, i, a: z.int(), code: z.string() }),
  z.object({ k: z.literal('done'), b, r: storedResultSchema }),
  z.object({ k: z.literal('failed'), b, r: storedResultSchema }),
  z.object({ k: z.literal('removed'), b }),
  /** The files of a removed batch are gone for good: a state file found after it was put there by hand and lives again. */
  z.object({ k: z.literal('cleaned'), b }),
  z.object({ k: z.literal('quarantined'), file: z.string(), reason: z.string(), at: z.string() }),
  /** Every record up to and including `covered` is in synced snapshots and item logs. */
  z.object({ k: z.literal('checkpoint'), covered: z.int() }),
  z.object({ k: z.literal('daemon'), what: z.enum(['start', 'stop']), at: z.string() }),
]);
export type JournalPayload = z.infer<typeof journalPayloadSchema>;
export type JournalRecord = { seq: number; payload: JournalPayload };
