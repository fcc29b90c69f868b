/** Which generation of Camera Raw's mathematics a file was written for. */
import { type CrsSettings, textOf } from './settings.ts';

/** 2003 ("5.0", version 1) and 2010 ("5.7", version 2) have other tone controls than 2012 ("6.6") and all later ones. */
const FIRST_MODERN = 6;

/** Without a version, names decide: everything that 2012 renamed carries the year. */
export function isOldProcess(settings: CrsSettings): boolean {
  const version = Number.parseFloat(textOf(settings, 'ProcessVersion') ?? '');
  if (Number.isFinite(version)) return version < FIRST_MODERN;
  const names = [...settings.keys()];
  if (names.some((name) => /2012/.test(name))) return false;
  return names.some((name) => oldControls.includes(name));
}

/** Settings that only the old versions know; a newer file may still carry them, and Lightroom then passes them over. */
export const oldControls: readonly string[] = [
  'Exposure',
  'Contrast',
  'Brightness',
  'Shadows',
  'HighlightRecovery',
  'FillLight',
  'Clarity',
  'ToneCurve',
  'ToneCurveRed',
  'ToneCurveGreen',
  'ToneCurveBlue',
  'ToneCurveName',
];
