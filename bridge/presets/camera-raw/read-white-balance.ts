/** White balance: shifts for developed photos, or the kelvins and names made for RAW. */
import { DAYLIGHT } from '../controls/scene-white.ts';
import { textOf } from './settings.ts';
import type { SettingsReader } from './settings-reader.ts';

const LOWEST = 2000;
const HIGHEST = 50_000;
const TINTS = [-150, 150] as const;

/** Kelvin and tint of Camera Raw's named white balances. */
const namedWhites: Readonly<Record<string, { temperature: number; tint: number }>> = {
  daylight: { temperature: 5500, tint: 10 },
  cloudy: { temperature: 6500, tint: 10 },
  shade: { temperature: 7500, tint: 10 },
  tungsten: { temperature: 2850, tint: 0 },
  fluorescent: { temperature: 3800, tint: 21 },
  flash: { temperature: 5500, tint: 0 },
};

/** A preset with both kinds was made to fit either; photos here are developed already, so the shifts count. */
export function readWhiteBalance(reader: SettingsReader): void {
  const named = (textOf(reader.settings, 'WhiteBalance') ?? '').toLowerCase();
  reader.value(['WhiteBalance']);
  const shifts = reader.value(['IncrementalTemperature', 'IncrementalTint']);
  reader.take(['IncrementalTemperature'], ['temperature'], [-100, 100]);
  reader.take(['IncrementalTint'], ['tint'], [-100, 100]);
  const kelvin = reader.value(['Temperature', 'Tint']);
  if (named === 'auto') {
    reader.unsupported.push('automatic white balance');
    return;
  }
  if (shifts !== null || named === 'as shot') return;
  const white = namedWhites[named];
  if (kelvin !== null) readKelvin(reader);
  else if (white !== undefined) {
    reader.put('WhiteBalance', ['white_balance', 'temperature'], white.temperature);
    reader.put('WhiteBalance', ['white_balance', 'tint'], white.tint);
  } else if (named !== '' && named !== 'custom') reader.unsupported.push(`white balance "${named}"`);
}

/** Some preset makers write a shift of kelvins ("+300") where a temperature belongs; none of Adobe's programs does. */
function readKelvin(reader: SettingsReader): void {
  const text = textOf(reader.settings, 'Temperature') ?? '';
  const isShift = /^[+-]/.test(text) && Number(text) < LOWEST;
  if (!isShift) {
    const temperature = reader.number(['Temperature'], [LOWEST, HIGHEST]);
    if (temperature !== null) reader.put('Temperature', ['white_balance', 'temperature'], temperature.value);
    const tint = reader.number(['Tint'], TINTS);
    if (tint !== null) reader.put('Tint', ['white_balance', 'tint'], tint.value);
    return;
  }
  const shift = reader.number(['Temperature'], [LOWEST - DAYLIGHT.temperature, LOWEST]);
  const tint = reader.number(['Tint'], [TINTS[0] - DAYLIGHT.tint, TINTS[1] - DAYLIGHT.tint]);
  if (shift !== null && shift.value !== 0) {
    reader.put('Temperature', ['white_balance', 'temperature'], DAYLIGHT.temperature + shift.value);
    reader.notes.push(
      `Temperature ${text} is no temperature; it was taken as a shift from ${DAYLIGHT.temperature} K`,
    );
  }
  if (tint !== null && tint.value !== 0) {
    reader.put('Tint', ['white_balance', 'tint'], DAYLIGHT.tint + tint.value);
  }
}
