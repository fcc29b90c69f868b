/** The machine's battery: whether it is being used up, and how full it is. Reads only; unknown where the platform does not tell. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `percent`: 0..100, of all batteries together. `on_battery`: they are being used up. */
export type BatteryReading = { on_battery: boolean; percent: number };

const PMSET_MS = 2000;

/** Null: the machine has none, or the platform does not tell. Never rejects. `folder`: of Linux's power supplies. */
export async function readBattery(
  folder = '/sys/class/power_supply',
  platform: NodeJS.Platform = process.platform,
): Promise<BatteryReading | null> {
  try {
    if (platform === 'linux') return await readSupplies(folder);
    return platform === 'darwin' ? parsePmset(await runPmset()) : null;
  } catch {
    return null;
  }
}

type Supply = { status: string; percent: number; weight: number };

/** Batteries of the machine itself (those of a mouse or a headset have the scope `Device`). */
async function readSupplies(folder: string): Promise<BatteryReading | null> {
  const names = await readdir(folder);
  const supplies = await Promise.all(names.map((name) => readSupply(join(folder, name))));
  const found = supplies.filter((supply) => supply !== null);
  if (found.length === 0) return null;
  const weight = found.reduce((sum, supply) => sum + supply.weight, 0);
  const percent = found.reduce((sum, supply) => sum + supply.percent * supply.weight, 0) / weight;
  // One of two may rest while the other is used up; one that charges means mains.
  const on_battery =
    found.some(({ status }) => status === 'Discharging') &&
    !found.some(({ status }) => status === 'Charging');
  return { on_battery, percent };
}

/** Keys of Documentation/ABI/testing/sysfs-class-power: capacity in percent, energy in µWh or charge in µAh. */
async function readSupply(folder: string): Promise<Supply | null> {
  const read = (name: string) =>
    readFile(join(folder, name), 'utf8').then(
      (text) => text.trim(),
      () => '',
    );
  const [type, scope, present, status, capacity, energy, charge] = await Promise.all(
    ['type', 'scope', 'present', 'status', 'capacity', 'energy_full', 'charge_full'].map(read),
  );
  if (type !== 'Battery' || scope === 'Device' || present === '0') return null;
  const percent = Number(capacity || Number.NaN);
  if (!(percent >= 0)) return null;
  const weight = Number(energy || charge);
  return { status: status ?? '', percent: Math.min(100, percent), weight: weight > 0 ? weight : 1 };
}

function runPmset(): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('/usr/bin/pmset', ['-g', 'batt'], { timeout: PMSET_MS }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}

/** `Now drawing from 'Battery Power'` and, a line each, ` -InternalBattery-0 (id=…)	17%; discharging; 1:02 remaining present: true`. */
export function parsePmset(text: string): BatteryReading | null {
  const percents = [...text.matchAll(/InternalBattery[^\n]*?(\d{1,3})%/g)].map((match) => Number(match[1]));
  if (percents.length === 0) return null;
  const percent = percents.reduce((sum, one) => sum + one, 0) / percents.length;
  return { on_battery: /drawing from 'Battery Power'/.test(text), percent: Math.min(100, percent) };
}
