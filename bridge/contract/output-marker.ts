/**
 * The small file beside an output on a disk without hard links, where no second name can tell whose a finished file is:
 * written before the output gets its name, removed once the result is recorded.
 */
import { z } from 'zod';

export const outputMarkerSchema = z.object({
  /** Final file name. */
  name: z.string(),
  bytes: z.int(),
  /** Lowercase hex of the finished file. */
  sha256: z.string(),
});
export type OutputMarker = z.infer<typeof outputMarkerSchema>;

/** `.pb-{batch}-{item}-{attempt}.tmp` → `.pb-{batch}-{item}-{attempt}.mark.tmp`. */
export function toMarkerName(tempName: string): string {
  return tempName.replace(/\.tmp$/, '.mark.tmp');
}
