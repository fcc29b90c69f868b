/** What every part of the daemon is built from. Types, and what of the settings more than one part asks for. */
import type { Settings, SourceLimits } from '../contract/index.ts';
import type { CloseStack } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import type { CpuCounters } from '../resources/cpu-sample.ts';

export type Base = {
  dataDir: string;
  log: Log;
  /** Takes the parts down again, the last one first. */
  stack: CloseStack;
  settings: () => Readonly<Settings>;
};

/** What only code can put in place of a part: neither a setting nor a flag does. */
export type Replacements = {
  /** Another program for the render host. */
  hostEntry?: string | undefined;
  /** Another account of the CPU than this machine's. */
  cpuCounters?: CpuCounters | undefined;
};

export const MEGABYTE = 1024 * 1024;

export function toSourceLimits(settings: Readonly<Settings>): SourceLimits {
  const { photo_megapixels, photo_alone_megapixels, photo_mb } = settings.limits;
  return {
    max_pixels: photo_megapixels * 1e6,
    alone_pixels: photo_alone_megapixels * 1e6,
    max_bytes: photo_mb * MEGABYTE,
  };
}
