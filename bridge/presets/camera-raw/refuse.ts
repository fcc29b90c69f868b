/** How a Lightroom preset is refused: one sentence. */
import { BridgeError } from '../../errors.ts';

export function refuse(sentence: string): BridgeError {
  return new BridgeError('preset_invalid', sentence);
}
