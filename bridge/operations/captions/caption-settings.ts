/** How captions are published, and what the environment says about it. Pure. */
import { BridgeError } from '../../errors.ts';

export type CaptionSettings = {
  /** Off: no batches; single captions are published one by one. */
  enabled: boolean;
  /** Posts per batch. */
  batchSize: number;
  /** Batches at the same time. */
  maxConcurrent: number;
  verifyDelayMs: number;
  rollback: boolean;
  dryRun: boolean;
};

export const usualSettings: CaptionSettings = {
  enabled: true,
  batchSize: 5,
  maxConcurrent: 2,
  verifyDelayMs: 2000,
  rollback: true,
  dryRun: false,
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws BridgeError `bad_request` naming the variable and what it may be. */
export function parseCaptionSettings(env: Environment): CaptionSettings {
  return {
    enabled: toFlag(env, 'BATCH_UPDATE_ENABLED', usualSettings.enabled),
    batchSize: toNumber(env, 'BATCH_UPDATE_SIZE', {
      usual: usualSettings.batchSize,
      from: 1,
      to: 1000,
      whole: true,
    }),
    maxConcurrent: toNumber(env, 'BATCH_UPDATE_MAX_CONCURRENT', {
      usual: usualSettings.maxConcurrent,
      from: 1,
      to: 32,
      whole: true,
    }),
    verifyDelayMs:
      1000 *
      toNumber(env, 'BATCH_UPDATE_VERIFICATION_DELAY', {
        usual: usualSettings.verifyDelayMs / 1000,
        from: 0,
        to: 3600,
        whole: false,
      }),
    rollback: toFlag(env, 'BATCH_UPDATE_ROLLBACK_ON_FAILURE', usualSettings.rollback),
    dryRun: toFlag(env, 'DRY_RUN', usualSettings.dryRun),
  };
}

/** Server and token as they are set at the moment of asking, unchecked. */
export type ConnectionSource = () => { server?: string | undefined; token?: string | undefined };

/** For `parseConnection`. */
export function readConnection(env: Environment): { server: string | undefined; token: string | undefined } {
  return { server: env.ACTIVITYPUB_INSTANCE_URL, token: env.ACTIVITYPUB_ACCESS_TOKEN };
}

function toFlag(env: Environment, name: string, usual: boolean): boolean {
  const text = env[name]?.trim().toLowerCase() ?? '';
  if (text === '') return usual;
  if (['true', '1', 'yes', 'on'].includes(text)) return true;
  if (['false', '0', 'no', 'off'].includes(text)) return false;
  throw new BridgeError('bad_request', `${name} is "${env[name]}": set it to true or false`);
}

function toNumber(
  env: Environment,
  name: string,
  { usual, from, to, whole }: { usual: number; from: number; to: number; whole: boolean },
): number {
  const text = env[name]?.trim() ?? '';
  if (text === '') return usual;
  const value = Number(text);
  if (value >= from && value <= to && (!whole || Number.isInteger(value))) return value;
  throw new BridgeError(
    'bad_request',
    `${name} is "${env[name]}": set it to a ${whole ? 'whole ' : ''}number from ${from} to ${to}`,
  );
}
