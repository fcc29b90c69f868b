/** A content record as the daemon keeps it, and the reading of records that are loaded. */
import { z } from 'zod';
import { MAX_NAME_LENGTH } from '../../contract/index.ts';

export type ContentId = string | number;
/** A text no longer than the engine keeps of an item's own id. */
export const contentIdSchema = z.union([z.string().min(1).max(MAX_NAME_LENGTH), z.number()]);

/** `1` and `"1"` name the same record: a CSV file knows no difference. */
export function toKey(id: ContentId): string {
  return String(id);
}

/** Fields that are not named here are kept as they are. */
export const contentRecordSchema = z.looseObject({
  id: contentIdSchema,
  creator: z.string().trim().min(1).max(256),
  title: z.string().max(255).optional(),
  description: z.string().max(10_000).optional(),
  contentType: z.string().max(64).optional(),
  tokenGating: z.boolean().optional(),
  refundable: z.boolean().optional(),
  refundWindowDays: z.int().min(0).max(365).optional(),
  price: z.number().min(0).optional(),
  isRemoved: z.boolean().optional(),
  removedAt: z.string().max(64).optional(),
  removalReason: z.string().max(1000).optional(),
});
export type ContentRecord = z.infer<typeof contentRecordSchema>;

/** `index`: from 0 in the given list. */
export type RecordFault = { index: number; reason: string };
export type LoadedRecords =
  | { ok: true; records: ContentRecord[] }
  | { ok: false; status: 400; body: { message: string; invalidRecords?: RecordFault[] } };

const RECORD_LIMIT = 64 * 1024;
const FAULTS_SHOWN = 20;

/** All or nothing: one bad record refuses the load, naming up to 20 of them. */
export function parseContentRecords(given: unknown): LoadedRecords {
  if (!Array.isArray(given)) return refuse('Content must be an array of records');
  const records: ContentRecord[] = [];
  const faults: RecordFault[] = [];
  for (const [index, entry] of (given as unknown[]).entries()) {
    const parsed = contentRecordSchema.safeParse(entry);
    if (!parsed.success) faults.push({ index, reason: toReason(parsed.error) });
    else if (JSON.stringify(parsed.data).length > RECORD_LIMIT)
      faults.push({ index, reason: 'larger than 64 KB' });
    else records.push(parsed.data);
    if (faults.length === FAULTS_SHOWN) break;
  }
  return faults.length === 0 ? { ok: true, records } : refuse('Invalid content records', faults);
}

export function refuse(message: string, invalidRecords?: RecordFault[]): LoadedRecords {
  return { ok: false, status: 400, body: { message, ...(invalidRecords && { invalidRecords }) } };
}

function toReason(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? 'invalid' : `${issue.path.join('.') || 'record'}: ${issue.message}`;
}
