/** The gates over what the machine and its clock allow: run window, battery, room for the daemon's own state. Owns no rule. */
import type { Clock, EventSink } from '../batch/ports.ts';
import type { Settings } from '../contract/index.ts';
import type { Log } from '../log.ts';
import type { BatteryReading } from './battery.ts';
import { createBatteryGate } from './battery-gate.ts';
import { announceGate, type Gate } from './gates.ts';
import { createLowDiskGate } from './low-disk.ts';
import { createRunWindowGate } from './run-window-gate.ts';

export type MachineGateParts = {
  settings: () => Readonly<Settings>;
  /** Why the volume of the data folder is too full, or null. */
  findLowDisk: () => Promise<string | null>;
  /** A batch runs, held or not. */
  isBusy: () => boolean;
  events: EventSink;
  clock: Clock;
  log: Log;
};
export type MachineGates = {
  gates: readonly Gate[];
  /** For `/resources`: at most 30 s old, null where there is none or it is not known. Never rejects. */
  battery(): Promise<BatteryReading | null>;
  /** To be called when settings changed, or tasks begin after a while without. Resolves when all were looked at. Never rejects. */
  review(): Promise<void>;
  close(): void;
};

export function createMachineGates(parts: MachineGateParts): MachineGates {
  const { settings, findLowDisk, isBusy, events, clock, log } = parts;
  const runWindow = createRunWindowGate({ window: () => settings().schedule.run_window, clock, log });
  const battery = createBatteryGate({
    belowPercent: () => settings().resources.battery_below_percent,
    isBusy,
    clock,
    log,
  });
  const lowDisk = createLowDiskGate({ findLow: findLowDisk, isBusy, clock, log });
  const gates = [lowDisk, runWindow, battery];
  for (const gate of gates) announceGate(gate, events);
  return {
    gates,
    battery: battery.battery,
    review: async () => void (await Promise.all(gates.map((gate) => gate.review()))),
    close: () => {
      for (const gate of gates) gate.close();
    },
  };
}
