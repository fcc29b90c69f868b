/** Preset files that are small and ask for much: refused at once, with a sentence. */
import { describe, expect, it } from 'vitest';
import { parseLrtemplate } from '../../../bridge/presets/lrtemplate/parse-lrtemplate.ts';
import { readPngSize, toHaldLevel } from '../../../bridge/presets/lut/hald-table.ts';
import { parseNativePreset } from '../../../bridge/presets/parse-native-preset.ts';
import { parseXmpPreset } from '../../../bridge/presets/xmp/parse-xmp-preset.ts';
import { billionLaughs, makePng } from '../../fixtures/bombs.ts';

const MOST_CPU_MS = 1000;

function cpuMsOf(run: () => unknown): number {
  const before = process.cpuUsage();
  expect(run).toThrow();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const xmp = (body: string) => () => parseXmpPreset(Buffer.from(body));
const meta = (inside: string) => `<x:xmpmeta xmlns:x="adobe:ns:meta/">${inside}</x:xmpmeta>`;

describe('a preset file that is a bomb', () => {
  it.each<[string, () => unknown]>([
    ['entities of entities', xmp(billionLaughs)],
    ['an entity of a file', xmp('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>')],
    ['a document type of another place', xmp('<!DOCTYPE x SYSTEM "http://localhost:1/x.dtd"><x/>')],
    ['parameters as entities', xmp('<!DOCTYPE x [<!ENTITY % a "b">%a;]><x/>')],
    ['an entity that nobody knows', xmp(meta('&a0;'))],
    ['100,000 elements one in the other', xmp('<a>'.repeat(100_000))],
    ['300,000 elements one after the other', xmp(meta('<a/>'.repeat(300_000)))],
    ['100,000 attributes', xmp(`<a ${Array.from({ length: 100_000 }, (_, n) => `b${n}=""`).join(' ')}/>`)],
    ['a text without an end', xmp(`<a b="${'x'.repeat(3_000_000)}`)],
    [
      '100,000 lists one in the other',
      () => parseNativePreset(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    ],
    ['objects 40 deep', () => parseNativePreset(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`)],
    [
      'a million unknown keys',
      () => parseNativePreset(`{${Array.from({ length: 60_000 }, (_, n) => `"k${n}":1`)}}`),
    ],
    ['100,000 tables one in the other', () => parseLrtemplate(Buffer.from(`s = ${'{'.repeat(100_000)}`))],
    ['brackets of Lua without an end', () => parseLrtemplate(Buffer.from(`s = ${'--[[ '.repeat(100_000)}`))],
    ['a HaldCLUT of 60,000 pixels an edge', () => toHaldLevel(readPngSize(makePng(60_000, 60_000)))],
  ])('of %s is refused for little', (_what, run) => {
    expect(cpuMsOf(run)).toBeLessThan(MOST_CPU_MS);
  });

  it('reads no file and asks no server: what is refused is the declaration, not what it names', () => {
    expect(xmp(billionLaughs)).toThrow(/document types and entities/);
    expect(xmp('<!DOCTYPE x SYSTEM "http://localhost:1/x.dtd"><x/>')).toThrow(/document types and entities/);
  });
});
