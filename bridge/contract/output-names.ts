/**
 * Names beside and of outputs that the daemon and the render threads must read alike. A marker is the small file beside an
 * output on a disk without hard links, where no second name can tell whose a finished file is: written before the output
 * gets its name, removed once the result is recorded.
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

/** Equal for names that some file system takes for one: without upper and lower case, composed. */
export function foldName(name: string): string {
  return Array.from(name.normalize('NFC'), foldCharacter).join('');
}

/** Such file systems turn one character into one: never `ß` into `SS`. */
function foldCharacter(character: string): string {
  const upper = character.toUpperCase();
  const lower = (upper.length === character.length ? upper : character).toLowerCase();
  return lower.length === character.length ? lower : character;
}
