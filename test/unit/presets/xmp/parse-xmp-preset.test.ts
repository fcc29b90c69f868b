/** XMP files as they come: names, types, encodings, and files that want to do harm. */
import { describe, expect, it } from 'vitest';
import { parseXmpPreset } from '../../../../bridge/presets/xmp/parse-xmp-preset.ts';
import { attributeSpelling, type PlainSettings, writeXmp } from '../camera-raw/write-xmp.ts';

const settings = { ProcessVersion: '15.4', Contrast2012: '+10' };
const bytesOf = (text: string) => Buffer.from(text);
const read = (text: string) => parseXmpPreset(bytesOf(text));
const inside = (elements: string, more: PlainSettings = {}) =>
  writeXmp({ ...settings, ...more }).replace('</rdf:Description>', `${elements}$&`);
const alt = (name: string, items: string) => `<crs:${name}><rdf:Alt>${items}</rdf:Alt></crs:${name}>`;

describe('names', () => {
  it('are taken in the default language, with group and description', () => {
    const names =
      '<rdf:li xml:lang="de">Abend</rdf:li><rdf:li xml:lang="x-default">Evening &amp; Dusk</rdf:li>';
    const text = inside(
      alt('Name', names) +
        alt('Group', '<rdf:li xml:lang="x-default">Mine</rdf:li>') +
        alt('Description', '<rdf:li xml:lang="x-default">Soft light.</rdf:li>'),
    );
    expect(read(text)).toMatchObject({
      preset: { name: 'Evening & Dusk', description: 'Soft light.', contrast: 10 },
      group: 'Mine',
    });
  });

  it('that Lightroom translates lose their key, and none is no name', () => {
    expect(read(inside('', { Name: '$$$/CRaw/Style/Name=Vivid' })).preset.name).toBe('Vivid');
    expect(read(writeXmp(settings)).preset).toEqual({ contrast: 10 });
    expect(read(inside(alt('Name', ''))).preset).toEqual({ contrast: 10 });
  });
});

describe('kinds of files', () => {
  it.each(['Normal', 'normal', 'Look', ''])('with type "%s" are presets', (type) => {
    expect(read(writeXmp({ ...settings, PresetType: type })).preset).toEqual({ contrast: 10 });
  });

  it.each(['Metadata', 'LocalAdjustment', 'Export'])('with type "%s" are refused', (type) => {
    expect(() => read(writeXmp({ ...settings, PresetType: type }))).toThrow(
      `not a develop preset: its type is "${type}"`,
    );
  });

  it('are read in UTF-8 with or without mark, and in UTF-16 of both orders', () => {
    const text = writeXmp({ ...settings, Name: 'Ünïcode ✓' }, { ...attributeSpelling, packet: true });
    const wide = Buffer.from(`\uFEFF${text}`, 'utf16le');
    const swapped = Buffer.from(wide).swap16();
    const bare = Buffer.from(writeXmp({ ...settings, Name: 'Ünïcode ✓' }), 'utf16le');
    for (const bytes of [bytesOf(text), bytesOf(`\uFEFF${text}`), wide, swapped, bare]) {
      expect(parseXmpPreset(bytes).preset).toEqual({ name: 'Ünïcode ✓', contrast: 10 });
    }
  });

  it('may wrap settings in other namespaces and comments, and carry namespaces of their own', () => {
    const text = inside(
      '<!-- crs:Exposure2012="5" --><o:Note xmlns:o="urn:other" o:Contrast2012="3">text</o:Note>',
    );
    expect(read(text).preset).toEqual({ contrast: 10 });
  });
});

const open = '<x:xmpmeta xmlns:x="adobe:ns:meta/">';
const laughs = `<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`;
const deep = '<crs:Look><rdf:Description>'.repeat(20_000);
const wrong = writeXmp(settings).replace('camera-raw-settings', 'camera-raw-setting5');
const attributes = Array.from({ length: 100_000 }, (_, index) => ` a${index}="1"`).join('');

describe('hostile and damaged files', () => {
  const cases: [what: string, text: string | Uint8Array, message: RegExp][] = [
    ['nothing', '', /^the file is empty$/],
    ['blanks', ' \n ', /^the file is empty$/],
    ['text', 'hello', /^line 1: not well-formed XML: /],
    ['JSON', '{"contrast": 1}', /^line 1: not well-formed XML: /],
    ['a document type', `${laughs}${writeXmp(settings)}`, /^line 1: document types and entities/],
    [
      'a document type from elsewhere',
      `<!DOCTYPE x SYSTEM "file:///etc/passwd">${writeXmp(settings)}`,
      /^line 1: document types/,
    ],
    [
      'an entity of its own',
      inside('<crs:Name>&lol;</crs:Name>'),
      /^line 3: not well-formed XML: invalid character entity/,
    ],
    ['an entity of HTML', inside('<crs:Name>&nbsp;</crs:Name>'), /^line 3: not well-formed XML/],
    ['a stray declaration', inside('<!ENTITY a "b">'), /^line 3: /],
    ['endless nesting', inside(deep), /^line 3: nested deeper than 32 levels$/],
    ['endless elements', inside('<crs:A/>'.repeat(200_000)), /^line 3: more than 50000 elements$/],
    ['endless attributes', `${open}<a${attributes}/></x:xmpmeta>`, /^line 1: more than 1000 attributes$/],
    [
      'endless attributes over many tags',
      inside('<crs:A xml:lang="a" xml:base="b"/>'.repeat(15_000)),
      /^line 3: more than 20000 attributes in all$/,
    ],
    ['another namespace', wrong, /^holds no develop settings$/],
    [
      'an unknown prefix',
      inside('<nope:Contrast/>'),
      /^line 3: not well-formed XML: unbound namespace prefix/,
    ],
    ['half a file', writeXmp(settings).slice(0, 250), /^line \d: not well-formed XML/],
    [
      'an unclosed end',
      writeXmp(settings).replace('</x:xmpmeta>', ''),
      /^line \d: not well-formed XML: unclosed root tag/,
    ],
    ['crossed tags', inside('<crs:A><crs:B></crs:A></crs:B>'), /^line 3: not well-formed XML: /],
    ['NUL', inside('<crs:Name>a\u0000b</crs:Name>'), /^line 3: the character U\+0000 is not allowed/],
    ['NUL by number', inside('<crs:Name>&#0;</crs:Name>'), /^line 3: /],
    [
      'half of UTF-16',
      Buffer.from(`\uFEFF${writeXmp(settings)}`, 'utf16le').subarray(0, 301),
      /^not UTF-16 text/,
    ],
    ['Latin-1', Buffer.from(writeXmp({ ...settings, Name: 'Ünter' }), 'latin1'), /^not UTF-8 text/],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), /^not UTF-8 text/],
    ['no RDF', `${open}<a/></x:xmpmeta>`, /^line 1: not an XMP file: there is no rdf:RDF in it$/],
  ];
  it.each(cases)('%s: refused with one sentence', (_, content, message) => {
    const bytes = typeof content === 'string' ? bytesOf(content) : content;
    expect(() => parseXmpPreset(bytes)).toThrow(expect.objectContaining({ code: 'preset_invalid' }));
    expect(() => parseXmpPreset(bytes)).toThrow(message);
  });

  it('a megabyte in one attribute is only a long text', () => {
    expect(read(writeXmp({ ...settings, Copyright: 'x'.repeat(1_000_000) })).preset).toEqual({
      contrast: 10,
    });
  });

  it('settings named like parts of the language are settings nobody knows', () => {
    const names = { constructor: '5', hasOwnProperty2: '1', toString: '1' } as unknown as PlainSettings;
    expect(read(writeXmp({ ...settings, ...names })).preset).toEqual({ contrast: 10 });
    const proto = inside('<crs:__proto__>7</crs:__proto__>');
    expect(read(proto).unsupported).toEqual(['unknown setting __proto__']);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
