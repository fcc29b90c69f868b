/** Real Lightroom presets: every one is read, all its colour is honoured, and it compiles to a Look that follows the mathematics. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkPresetFiles } from '../../../bridge/presets/check-preset-files.ts';
import { compileLook } from '../../../bridge/presets/compile-look.ts';
import { developColour } from '../../../bridge/presets/develop-colour.ts';
import { interpolateLook } from '../../../bridge/presets/evaluate-look.ts';
import { parseXmpPreset } from '../../../bridge/presets/xmp/parse-xmp-preset.ts';
import { filesBelow, sharedFolder } from '../../helpers/shared-files.ts';
import { createColours } from '../../unit/presets/colours.ts';

const folder = sharedFolder('presets/xmp');
const bytesOf = (name: string) => readFileSync(join(folder ?? '', name));
const read = (name: string) => parseXmpPreset(bytesOf(name));
const all = folder === null ? [] : filesBelow(folder).filter((name) => name.endsWith('.xmp'));
/** One of the collection came empty. */
const names = all.filter((name) => bytesOf(name).length > 0);
const colours = [...createColours(1500)];

describe.skipIf(folder === null)('real Lightroom presets', () => {
  it('there are many of', () => {
    expect(names.length).toBeGreaterThan(70);
  });

  it.each(names)('%s asks for nothing without words, and its Look stays within a level', (name) => {
    const { preset, unsupported } = read(name);
    for (const words of unsupported) expect(words).toMatch(/^profile "Adobe \w+"/);
    const look = compileLook({ kind: 'native', name, preset });
    const exact = developColour(preset);
    const show = (value: number) => Math.min(1, Math.max(0, value));
    let sum = 0;
    let worst = 0;
    for (const rgb of colours) {
      const [shown, wanted] = [interpolateLook(look, rgb), exact(rgb)];
      for (const channel of [0, 1, 2] as const) {
        const error = 255 * Math.abs(show(shown[channel]) - show(wanted[channel]));
        sum += error;
        worst = Math.max(worst, error);
      }
    }
    expect(sum / (3 * colours.length)).toBeLessThan(0.1);
    expect(worst).toBeLessThan(1);
  });

  it('use no setting that is left unread or not run', async () => {
    const checks = (await checkPresetFiles(folder ?? '')).filter(({ problem }) => problem === null);
    expect(checks).toHaveLength(names.length);
    for (const { settings } of checks) {
      expect(settings.filter(({ honoured }) => !honoured)).toEqual([]);
      expect(settings.length).toBeGreaterThan(0);
    }
  });

  it('come out as a person reads them: Kodachrome 64', () => {
    const { preset, group } = read('slide-kodachrome-64.xmp');
    expect(group).toBe('Slide');
    expect(preset).toMatchObject({
      name: '04 Kodachrome 64',
      exposure: 0.1,
      contrast: 20,
      highlights: -13.8,
      hsl: { red: { hue: 10, saturation: 20, luminance: -10 }, blue: { saturation: 17.5 } },
      colour_grading: {
        shadows: { hue: 220, saturation: 11.3 },
        highlights: { hue: 50, saturation: 7.5 },
        blending: 75,
      },
      grain: { amount: 30 },
      sharpening: { amount: 10 },
    });
    expect(preset.tone_curve?.points).toContainEqual([213, 230]);
    expect(preset.grain).not.toHaveProperty('size');
  });

  it('come out as a person reads them: black and white, parametric curve, kelvins', () => {
    const delta = read('openfilmstocks-2-3-1-ilford-delta-3200.xmp').preset;
    expect(delta.monochrome).toMatchObject({ red: 20, yellow: -10, green: -30, blue: 14 });
    expect(delta.tone_curve?.parametric).toEqual({ highlights: -33, lights: 1, darks: 6, shadows: -5 });
    expect(read('utility-exposure-1-50.xmp').preset).toMatchObject({ name: 'Exposure +1.50', exposure: 1.5 });
    expect(read('utility-wb-daylight.xmp').preset.white_balance).toEqual({ temperature: 5500, tint: 10 });
    expect(read('creative-kodachrome-blue.xmp').preset.white_balance).toEqual({
      temperature: 6500,
      tint: 20,
    });
    const cyanotype = developColour(read('alternative-process-01-cyanotype-classic.xmp').preset)([
      0.6, 0.3, 0.2,
    ]);
    expect(cyanotype[2]).toBeGreaterThan(cyanotype[0]);
  });
});
