/** The operation `captions`: approved captions go to posts on a server, the images of a post in one edit. */
import { hashOf } from '../../batch/canonical.ts';
import type { ItemInputs, Limiter, Operation, PathPolicy } from '../../batch/ports.ts';
import type { Log } from '../../log.ts';
import { KeyTurns } from '../key-turns.ts';
import type { ConnectionSource } from './caption-settings.ts';
import { CaptionsRun } from './captions-run.ts';
import { type CaptionsConfig, parseCaptionsConfig } from './config.ts';
import type { WorkState } from './post-work.ts';
import { RequestGate } from './request-gate.ts';
import { type Pace, type RetryPolicy, systemPace } from './retry.ts';
import { selectCaptions } from './select-captions.ts';
import { ServerLinks } from './server-links.ts';
import { UnitMemories } from './unit-memory.ts';
import { detailKeys } from './unit-result.ts';

export type CaptionsOperationParts = {
  /** Asked each time it is needed; neither server nor token is kept with a batch. */
  connection: ConnectionSource;
  inputs: ItemInputs;
  limiter: Limiter;
  /** Where captions may be read from. */
  paths: Pick<PathPolicy, 'source'>;
  log: Log;
  pace?: Pace;
  policy?: RetryPolicy;
};

export function createCaptionsOperation(parts: CaptionsOperationParts): Operation {
  const { connection, inputs, limiter, paths, log, pace = systemPace, policy } = parts;
  const links = new ServerLinks({ connection, pace, policy });
  const turns = new KeyTurns();
  const states = new Map<string, WorkState>();
  const stateOf = (batchId: string, config: CaptionsConfig): WorkState => {
    const known = states.get(batchId);
    if (known !== undefined) return known;
    const gate = new RequestGate(config.concurrent, { pace, policy: links.policy });
    const state = { gate, units: new UnitMemories(batchId, inputs), isOutOfReach: false };
    states.set(batchId, state);
    return state;
  };
  return {
    name: 'captions',
    limiter,
    // The core tries again itself, at the pace the server asks for.
    attempts: 1,
    detailKeys,
    async select(source, given) {
      const { limit, one_by_one } = parseCaptionsConfig(given);
      const { server } = links.connect();
      return selectCaptions(source, { paths, server, oneByOne: one_by_one, ...(limit && { limit }) });
    },
    async prepare(_batchId, given) {
      const config = parseCaptionsConfig(given);
      return { config, recipeHash: toRecipeHash(config, links.connect().server), warnings: [] };
    },
    open: (batch) =>
      new CaptionsRun({
        batch,
        links,
        turns,
        log,
        state: (config) => stateOf(batch.id, config),
        forgetState: () => states.delete(batch.id),
        isFor: (config, server) => toRecipeHash(config, server) === batch.recipeHash,
      }),
  };
}

/** Tells a batch's server from another one without naming it. */
function toRecipeHash(config: CaptionsConfig, server: string): string {
  return hashOf({ config, server });
}
