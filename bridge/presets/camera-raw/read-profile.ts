/** The profile of a preset: one with a table of its own is honoured, Adobe's own have none that is public. */
import type { ColourProfile, HueTable } from '../../contract/index.ts';
import { decodeHueTable } from './hue-table-file.ts';
import { toPlainText } from './read-camera-raw.ts';
import { decodeRgbTable } from './rgb-table.ts';
import { type CrsSettings, isFalse, isSettings, isTrue, textOf } from './settings.ts';
import type { SettingsReader } from './settings-reader.ts';

/**
 * Profiles that mean "as the camera would show it" (or, grey, that and nothing more): a developed photo looks like that already, and
 * Lightroom itself offers nothing else for one.
 */
const plain =
  /^(adobe (standard|color|monochrome)( b&w)?|adobe standard v2|camera standard.*|color|monochrome|embedded|default.*|acr [\d.]+|as shot|.*linear raw.*)$/i;
/** The table of hues that Adobe Color consists of; creative profiles name it as their base. */
const ADOBE_COLOR_TABLE = 'E1095149FDB39D7A057BAB208837E2E1';
const HALF_PLAIN = 'Adobe Monochrome';
/** What a profile's parameters may hold without asking for anything more than its table. */
const covered =
  /^(Version|CompatibleVersion|ProcessVersion|ConvertToGrayscale|LookTable|LookTableAmount|RGBTable|RGBTableAmount|Table_\w+|CameraProfile|CameraProfileDigest|ClipboardVersion|HasSettings|FilterList|PointColors|UUID|Supports\w+|Cluster|Copyright|Group|Name|Amount)$/;

/** Answers whether the profile turns the photo grey. */
export function readProfile(reader: SettingsReader): boolean {
  const look = reader.value(['Look'])?.value;
  reader.value([
    'CameraProfile',
    'RGBTable',
    'RGBTableAmount',
    'LookTable',
    'LookTableAmount',
    'ToneMapStrength',
  ]);
  readTable(reader, reader.settings, { name: null, amount: 1 });
  if (isSettings(look)) return readLook(reader, look);
  const name = textOf(reader.settings, 'CameraProfile') ?? '';
  if (name !== '' && !plain.test(name)) listProfile(reader, name);
  return false;
}

function readLook(reader: SettingsReader, look: CrsSettings): boolean {
  const name = toPlainText(textOf(look, 'Name')) ?? '';
  const parameters = look.get('Parameters');
  if (name === '' && parameters === undefined) return false;
  const inside = isSettings(parameters) ? parameters : new Map<string, string>();
  const amount = toFactor(look, 'Amount');
  const isGrey =
    isTrue(inside, 'ConvertToGrayscale') || (name === HALF_PLAIN && !isFalse(inside, 'ConvertToGrayscale'));
  if (plain.test(name) || amount === 0) return isGrey;
  const isRead = readTable(reader, inside, { name, amount });
  const more = [...inside.keys()].filter((key) => !covered.test(key));
  if (!isRead && !isGrey) listProfile(reader, name);
  else if (more.length > 0)
    reader.unsupported.push(`settings inside the profile "${name}": ${more.slice(0, 8).join(', ')}`);
  return isGrey;
}

/** Answers whether there was a table and it was read. */
function readTable(
  reader: SettingsReader,
  from: CrsSettings,
  { name, amount }: { name: string | null; amount: number },
): boolean {
  const hasHues = readHues(reader, from, { name, amount });
  const digest = textOf(from, 'RGBTable') ?? '';
  if (digest === '') return hasHues;
  const text = textOf(from, `Table_${digest}`) ?? textOf(reader.settings, `Table_${digest}`);
  if (text === null) {
    if (name === null) reader.unsupported.push('a profile whose table is not in the file');
    return hasHues;
  }
  const table = decodeRgbTable(text, digest);
  const wanted = toFactor(from, 'RGBTableAmount') * amount;
  const held = Math.min(table.maxAmount, Math.max(table.minAmount, wanted));
  const profile: ColourProfile = {
    ...(name !== null && { name }),
    amount: Math.min(200, Math.max(0, held * 100)),
    ...table.profile,
  };
  reader.put('RGBTable', ['profile'], profile);
  return true;
}

/** Answers whether there was a table of hues and it was read. */
function readHues(
  reader: SettingsReader,
  from: CrsSettings,
  { name, amount }: { name: string | null; amount: number },
): boolean {
  const digest = textOf(from, 'LookTable') ?? '';
  if (digest === '' || digest.toUpperCase() === ADOBE_COLOR_TABLE) return false;
  const text = textOf(from, `Table_${digest}`) ?? textOf(reader.settings, `Table_${digest}`);
  if (text === null) {
    reader.unsupported.push(`the table of hues of ${name === null ? 'a profile' : `the profile "${name}"`}`);
    return false;
  }
  const { table, minAmount, maxAmount } = decodeHueTable(text, digest);
  const held = Math.min(maxAmount, Math.max(minAmount, toFactor(from, 'LookTableAmount') * amount));
  const hueTable: HueTable = {
    ...(name !== null && { name }),
    amount: Math.min(200, Math.max(0, held * 100)),
    ...table,
  };
  reader.put('LookTable', ['hue_table'], hueTable);
  return true;
}

function toFactor(settings: CrsSettings, key: string): number {
  const value = Number(textOf(settings, key) ?? 1);
  return Number.isFinite(value) ? Math.max(0, value) : 1;
}

function listProfile(reader: SettingsReader, name: string): void {
  reader.unsupported.push(`profile "${name}" (Adobe has not published its colours)`);
}
