/**
 * Caption publishing as a library (`photo-bridge/captions`): approved captions through the batch engine of this process,
 * counted from its results. What was cut off goes on when it is called again with the same captions.
 */
import type { BatchStatusObject } from '../contract/index.ts';
import type { Log } from '../log.ts';
import { createLog } from '../log.ts';
import {
  type CaptionSettings,
  type ConnectionSource,
  parseCaptionSettings,
  readConnection,
} from '../operations/captions/caption-settings.ts';
import { toCaptionsConfig } from '../operations/captions/config.ts';
import { parseConnection } from '../operations/captions/connection.ts';
import { type CaptionResult, type CaptionStats, toStats } from '../operations/captions/outcome.ts';
import type { Pace, RetryPolicy } from '../operations/captions/retry.ts';
import { type CaptionInput, parseCaptionInput } from './caption-input.ts';
import { planCaptions, runCaptions } from './caption-runs.ts';
import { findSettings } from './find-settings.ts';

export type { CaptionError, CaptionErrorCode, CaptionStatus } from '../operations/captions/outcome.ts';
export type { CaptionInput } from './caption-input.ts';
export type { CaptionResult, CaptionSettings, CaptionStats };

export type PublisherParts = {
  /** Where the captions come from; asked anew by each call. Approved ones are taken, newest post first. */
  captions: CaptionInput | (() => CaptionInput | Promise<CaptionInput>);
  /**
   * Absent: `ACTIVITYPUB_INSTANCE_URL` and `ACTIVITYPUB_ACCESS_TOKEN`, else the settings `captions.server_url` and
   * `captions.token`. Neither is kept on disk or logged.
   */
  connection?: { server?: string | undefined; token?: string | undefined };
  /** Each wins over its `BATCH_UPDATE_*` variable. */
  settings?: Partial<CaptionSettings>;
  /** The settings file; absent: the one a daemon started here would read. */
  config?: string;
  /** Absent: that of the process. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Where runs are kept, in `runs/`, so that one that was cut off goes on. Absent: the data folder of the settings. */
  dataDir?: string;
  log?: Log;
  pace?: Pace;
  policy?: RetryPolicy;
};

export type PublishCall = {
  /** Captions at most. */
  limit?: number;
  /** Looks, and says what would be done; nothing is written anywhere. */
  dryRun?: boolean;
  /** Posts in hand finish; calling again goes on. */
  signal?: AbortSignal;
  onProgress?: (batch: BatchStatusObject) => void;
  /** Told of each caption as soon as it is settled. */
  onResult?: (result: CaptionResult) => void;
};

export interface CaptionPublisher {
  /**
   * Never rejects for a fault of a post or of its server. Rejects with BridgeError when no server or token is set, or the
   * captions cannot be read; with an Error while another run for the same server is under way.
   */
  batchUpdateCaptions(call?: PublishCall): Promise<CaptionStats>;
  /** The posting service: batches when they are enabled, else one caption after the other, each with an edit of its own. */
  postApprovedCaptions(call?: PublishCall): Promise<CaptionStats>;
}

const DISABLED = 'Batch updates are disabled (BATCH_UPDATE_ENABLED=false)';

/** Throws BridgeError for a variable that cannot be used, naming it. */
export function createCaptionPublisher(parts: PublisherParts): CaptionPublisher {
  const env = parts.env ?? process.env;
  const settings = { ...parseCaptionSettings(env), ...parts.settings };
  const batchUpdateCaptions = async (call: PublishCall = {}): Promise<CaptionStats> =>
    settings.enabled
      ? publish({ parts, env, settings, call, oneByOne: false })
      : { ...toStats([], 0), reason: DISABLED };
  return {
    batchUpdateCaptions,
    postApprovedCaptions: (call = {}) =>
      settings.enabled ? batchUpdateCaptions(call) : publish({ parts, env, settings, call, oneByOne: true }),
  };
}

export function batchUpdateCaptions(options: PublisherParts & PublishCall): Promise<CaptionStats> {
  return createCaptionPublisher(options).batchUpdateCaptions(options);
}

export function postApprovedCaptions(options: PublisherParts & PublishCall): Promise<CaptionStats> {
  return createCaptionPublisher(options).postApprovedCaptions(options);
}

type Publish = {
  parts: PublisherParts;
  env: NonNullable<PublisherParts['env']>;
  settings: CaptionSettings;
  call: PublishCall;
  oneByOne: boolean;
};

async function publish({ parts, env, settings, call, oneByOne }: Publish): Promise<CaptionStats> {
  const given = parts.connection ?? (await findConnection(parts, env));
  const connection: ConnectionSource = () => given;
  const { server } = parseConnection(given);
  const input = typeof parts.captions === 'function' ? await parts.captions() : parts.captions;
  const parsed = await parseCaptionInput(input, {
    server,
    ...(call.limit !== undefined && { limit: call.limit }),
  });
  if (!parsed.ok) return { ...toStats([], 0), errors: parsed.problems.map(({ message }) => message) };
  const { captions, left_out } = parsed;
  if (captions.length === 0)
    return { ...toStats([], 0), reason: `There is no approved caption among ${left_out} rows` };
  const dry_run = call.dryRun ?? settings.dryRun;
  const config = { ...toCaptionsConfig(settings), dry_run, one_by_one: oneByOne };
  const run = {
    captions,
    server,
    config,
    call,
    log: parts.log ?? createLog('silent'),
    operation: {
      connection,
      ...(parts.pace && { pace: parts.pace }),
      ...(parts.policy && { policy: parts.policy }),
    },
  };
  if (dry_run) return planCaptions(run);
  return runCaptions(run, parts.dataDir ?? (await findSettings({ env, config: parts.config })).dataDir);
}

/** Also without a settings file that can be read, as long as the variables say it all. */
async function findConnection(parts: PublisherParts, env: Publish['env']) {
  const said = readConnection(env);
  if (said.server && said.token) return said;
  const { server_url, token } = (await findSettings({ env, config: parts.config })).settings.captions;
  return { server: server_url, token };
}
