import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLog } from '../../../bridge/log.ts';
import { type BatteryReading, parsePmset, readBattery } from '../../../bridge/resources/battery.ts';
import { createBatteryGate } from '../../../bridge/resources/battery-gate.ts';
import { createSetClock } from '../../helpers/set-clock.ts';

type Files = Record<string, string>;

async function suppliesOf(supplies: Record<string, Files>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-supplies-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, files] of Object.entries(supplies)) {
    await mkdir(join(folder, name));
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, name, file), `${text}\n`);
  }
  return folder;
}
const readOn = async (supplies: Record<string, Files>) => readBattery(await suppliesOf(supplies), 'linux');

describe('the battery', () => {
  it('of Linux is read with its state', async () => {
    const battery = { type: 'Battery', status: 'Discharging', capacity: '17' };
    expect(await readOn({ AC: { type: 'Mains', online: '0' }, BAT0: battery })).toEqual({
      on_battery: true,
      percent: 17,
    });
    for (const status of ['Charging', 'Full', 'Not charging', 'Unknown'])
      expect(await readOn({ BAT0: { ...battery, status } })).toEqual({ on_battery: false, percent: 17 });
  });

  it('counts two together by their size, one of which may rest', async () => {
    const reading = await readOn({
      BAT0: { type: 'Battery', status: 'Unknown', capacity: '0', energy_full: '10000000' },
      BAT1: { type: 'Battery', status: 'Discharging', capacity: '40', energy_full: '30000000' },
    });
    expect(reading).toEqual({ on_battery: true, percent: 30 });
  });

  it('of a mouse, one that is not in, and no battery at all say nothing', async () => {
    const mouse = { type: 'Battery', scope: 'Device', status: 'Discharging', capacity: '5' };
    const empty = { type: 'Battery', present: '0', status: 'Unknown', capacity: '0' };
    expect(await readOn({ mouse, BAT1: empty, AC: { type: 'Mains' } })).toBeNull();
    expect(await readOn({ BAT0: { type: 'Battery', status: 'Discharging', capacity: 'what' } })).toBeNull();
    expect(await readBattery('/there/is/no/such/folder', 'linux')).toBeNull();
    expect(await readBattery('/', 'win32')).toBeNull();
  });

  it('of macOS is read from what pmset says', () => {
    const line = (state: string) =>
      ` -InternalBattery-0 (id=4653155)\t17%; ${state}; 1:02 remaining present: true\n`;
    expect(parsePmset(`Now drawing from 'Battery Power'\n${line('discharging')}`)).toEqual({
      on_battery: true,
      percent: 17,
    });
    expect(parsePmset(`Now drawing from 'AC Power'\n${line('charging')}`)).toEqual({
      on_battery: false,
      percent: 17,
    });
    expect(parsePmset("Now drawing from 'AC Power'\n")).toBeNull();
  });
});

function createScene(first: BatteryReading | null) {
  const clock = createSetClock('2026-06-01T12:00:00Z');
  const scene = { reading: first, below: 20, isBusy: true, reads: 0 };
  const gate = createBatteryGate({
    belowPercent: () => scene.below,
    isBusy: () => scene.isBusy,
    clock,
    log: createLog('silent'),
    read: async () => {
      scene.reads += 1;
      return scene.reading;
    },
  });
  onTestFinished(() => gate.close());
  /** Half a minute later. */
  const later = async (percent: number, on_battery = true) => {
    scene.reading = { percent, on_battery };
    clock.advance(30_000);
    await gate.review();
    return gate.hold;
  };
  return { scene, gate, clock, later };
}

describe('the battery gate', () => {
  it('holds below the setting while on battery, says why, and lifts on mains', async () => {
    const { later } = createScene(null);
    expect(await later(20)).toBeNull();
    expect(await later(17.4)).toMatchObject({
      owner: 'battery',
      reason:
        'on battery at 17 %; goes on when mains is back or the setting resources.battery_below_percent (20) is lower',
    });
    expect(await later(17.4, false)).toBeNull();
    expect(await later(5, false)).toBeNull();
  });

  it('does not flutter where the battery is about at the setting, nor say each percent anew', async () => {
    const { later, gate } = createScene(null);
    const reasons = new Set<string>();
    let changes = 0;
    gate.onChange(() => {
      changes += 1;
      reasons.add(gate.hold?.reason ?? 'none');
    });
    for (const percent of [21, 19, 20, 21, 22, 18, 15, 22]) await later(percent);
    expect(changes).toBe(1);
    expect([...reasons]).toHaveLength(1);
    expect(await later(23)).toBeNull();
  });

  it('follows the setting at once, without the margin; 0 is off', async () => {
    const { later, scene, gate } = createScene(null);
    expect(await later(17)).not.toBeNull();
    scene.below = 17;
    await gate.review();
    expect(gate.hold).toBeNull();
    scene.below = 30;
    await gate.review();
    expect(gate.hold).not.toBeNull();
    scene.below = 0;
    await gate.review();
    expect(gate.hold).toBeNull();
  });

  it('reads at most every 30 seconds, and not at all while nothing runs and nobody asks', async () => {
    const { scene, gate, clock } = createScene({ on_battery: true, percent: 5 });
    scene.isBusy = false;
    await gate.review();
    const before = scene.reads;
    await gate.review();
    expect(scene.reads).toBe(before);
    expect(gate.hold).toBeNull();
    scene.isBusy = true;
    clock.advance(30_000);
    await gate.review();
    await gate.review();
    expect(await gate.battery()).toEqual({ on_battery: true, percent: 5 });
    expect(scene.reads).toBe(before + 1);
    expect(gate.hold?.owner).toBe('battery');
  });
});
