/** One change of the settings file: verified whole, then written. What follows in a running daemon is not its part. */

import type { SettingsPatch } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { SettingsSource } from './load.ts';
import { toProblemText } from './problems.ts';
import { type Proposal, proposeSettings } from './propose.ts';
import { saveSettingsFile } from './save-file.ts';
import { toShownProblem } from './view.ts';

/** Another program may write the file at the same moment; so often it is looked at anew. */
const TRIES = 3;
const MAX_IN_SENTENCE = 3;

export type AcceptedProposal = Proposal & { ok: true };

/**
 * `check` may throw against a proposal that is valid in itself. Throws BridgeError `unprocessable` or `conflict` with all
 * `problems`, `disk_full`, `read_only`; then nothing was written.
 */
export async function changeSettingsFile(
  patch: SettingsPatch,
  source: SettingsSource,
  check: (proposal: AcceptedProposal) => void = () => {},
): Promise<AcceptedProposal> {
  for (let tries = 1; ; tries++) {
    const proposal = proposeSettings(patch, source);
    if (!proposal.ok) throw toRefusal(proposal);
    check(proposal);
    const { file, before, text } = proposal;
    try {
      if (text !== before) await saveSettingsFile(file, { before, text });
      return proposal;
    } catch (thrown) {
      const isRace = thrown instanceof BridgeError && thrown.code === 'conflict';
      if (!isRace || tries === TRIES) throw thrown;
    }
  }
}

function toRefusal({ reason, problems }: Proposal & { ok: false }): BridgeError {
  const sentences = problems.slice(0, MAX_IN_SENTENCE).map(toProblemText);
  const more = problems.length - sentences.length;
  const detail = `${sentences.join(' ')}${more > 0 ? ` (and ${more} more)` : ''}`;
  return new BridgeError(reason === 'fixed' ? 'conflict' : 'unprocessable', detail, {
    problems: problems.map(toShownProblem),
  });
}
