/** Colours converted by LittleCMS itself (`transicc`), by ICC profiles that are not the product's. */
import { execFileSync } from 'node:child_process';
import { accessSync } from 'node:fs';
import type { Lab } from './delta-e.ts';

const shared = '/usr/share/color/icc';

/** From Debian's packages icc-profiles-free, colord-data and libgs-common. */
export const debianProfiles = {
  srgb: `${shared}/sRGB.icc`,
  'adobe-rgb': `${shared}/compatibleWithAdobeRGB1998.icc`,
  prophoto: `${shared}/colord/ProPhotoRGB.icc`,
  cmyk: `${shared}/ghostscript/default_cmyk.icc`,
  'cmyk by xyz': `${shared}/ghostscript/ps_cmyk.icc`,
  'l-star': `${shared}/LStar-RGB.icc`,
  swapped: `${shared}/colord/SwappedRedAndGreen.icc`,
  'linear-grey': `${shared}/Gray.icc`,
} as const;

/** Says in one line what is missing; in CI that is a failure. */
export function hasLittleCms(): boolean {
  const missing: string[] = [];
  for (const path of ['/usr/bin/transicc', '/usr/bin/convert', ...Object.values(debianProfiles)]) {
    try {
      accessSync(path);
    } catch {
      missing.push(path);
    }
  }
  if (missing.length === 0) return true;
  const sentence = `${missing.join(', ')} missing: apt-get install liblcms2-utils imagemagick icc-profiles-free colord-data libgs-common`;
  if (process.env.CI) throw new Error(sentence);
  console.log(`skipped: ${sentence}`);
  return false;
}

export type Conversion = {
  /** A file, or one of transicc's own: `*Lab`, `*sRGB`, `*Gray22`. */
  from: string;
  to: string;
  /** ICC.1 7.2.15: 0 perceptual, 1 relative colorimetric (the default). */
  intent?: 0 | 1;
  /** Black point compensation. Off by default. */
  blackPoint?: boolean;
};

/**
 * RGB and grey count 0..255, CMYK 0..100, Lab as usual; all with fractions. In float64 without a precalculated table; what is out
 * of an RGB target's gamut is clipped a channel.
 */
export function transicc(colours: readonly (readonly number[])[], conversion: Conversion): number[][] {
  const { from, to, intent = 1, blackPoint = false } = conversion;
  const flags = ['-v0', '-n', '-c0', `-t${intent}`, `-i${from}`, `-o${to}`];
  // Its bounded mode cuts Lab to 0..1.
  if (to !== '*Lab') flags.push('-s');
  if (blackPoint) flags.push('-b');
  const input = colours.map((colour) => colour.map((value) => value.toFixed(6)).join(' ')).join('\n');
  const printed = execFileSync('/usr/bin/transicc', flags, {
    input: `${input}\n`,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
    maxBuffer: 1e8,
  });
  const lines = printed.split('\n').filter((line) => /^\s*-?\d/.test(line));
  if (lines.length !== colours.length) throw new Error(`transicc answered ${lines.length} colours`);
  return lines.map((line) => line.trim().split(/\s+/).map(Number));
}

/** How RGB pixels (0..255) look by a profile. */
export function toLab(colours: readonly (readonly number[])[], profile: string): Lab[] {
  return transicc(colours, { from: profile, to: '*Lab' }) as unknown as Lab[];
}
