/** Flags of `start` and `plan` to the request body. Leaves every default to the daemon. */
import { resolve } from 'node:path';
import type { StartRequest, TemplateStart } from '../client/index.ts';
import { parseMoment } from './parse-values.ts';
import type { Selection } from './select-photos.ts';

export type DevelopFlags = {
  preset?: string;
  blend?: number;
  output?: string;
  name?: string;
  suffix?: string;
  format?: string;
  quality?: number;
  longEdge?: number;
  sharpen?: string;
  colour?: string;
  metadata?: string;
  onConflict?: string;
};
export type StartFlags = DevelopFlags & {
  template?: string;
  priority?: number;
  session?: number;
  startAt?: string;
  after?: string[];
  skipUnknown?: boolean;
};

/** Only what was asked for; null when nothing was, so that the daemon's own defaults hold. */
export function toDevelopConfig(
  flags: DevelopFlags,
  cwd: string,
  preset: unknown = flags.preset,
): Record<string, unknown> | null {
  const output = {
    folder: flags.output === undefined ? undefined : resolve(cwd, flags.output),
    name: flags.name,
    suffix: flags.suffix,
    format: flags.format,
    quality: flags.quality,
    long_edge: flags.longEdge,
    sharpen: flags.sharpen,
    colour: flags.colour,
    metadata: flags.metadata,
    on_conflict: flags.onConflict,
  };
  const config = dropAbsent({ preset, blend: flags.blend, output: dropAbsent(output) });
  return config;
}

function dropAbsent(fields: Record<string, unknown>): Record<string, unknown> | null {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return kept.length === 0 ? null : Object.fromEntries(kept);
}

export type StartParts = {
  selection: Selection;
  config: Record<string, unknown> | null;
  flags: StartFlags;
  /** Milliseconds since 1970, for spans in `--start-at`. */
  now: number;
};

export function toStartBody({ selection, config, flags, now }: StartParts): StartRequest {
  return {
    ...selection,
    ...(flags.template !== undefined && { template: flags.template }),
    ...toStartPart(config, flags),
    ...(flags.startAt !== undefined && { start_at: parseMoment('--start-at', flags.startAt, now) }),
    ...(flags.after !== undefined && { depends_on: flags.after }),
  };
}

/** What of a start body also a template can say: nothing of the photos, nothing of one day. */
export function toStartPart(
  config: Record<string, unknown> | null,
  flags: Pick<StartFlags, 'priority' | 'session' | 'skipUnknown'>,
): TemplateStart {
  return {
    ...(config && { config }),
    ...(flags.priority !== undefined && { priority: flags.priority }),
    ...(flags.session !== undefined && { session_id: flags.session }),
    ...(flags.skipUnknown === true && { on_unknown: 'fail_item' as const }),
  };
}
