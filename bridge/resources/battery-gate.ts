/** On a battery that runs low nothing is handed out (setting `resources.battery_below_percent`). */
import type { Log } from '../log.ts';
import { type BatteryReading, readBattery } from './battery.ts';
import { createPolledGate, type GateFinding, type PolledGate } from './polled-gate.ts';

/** A battery that gives a little less than was read must not place and lift the hold in turn. */
const HYSTERESIS_PERCENT = 3;
const LOOK_MS = 30_000;
/** A timer may be a little early. */
const FRESH_MS = LOOK_MS - 1000;
/** So soon after a first batch the battery is read. */
const IDLE_MS = 5000;

export type BatteryGateParts = {
  /** Percent; 0: never mind the battery. Asked each time. */
  belowPercent: () => number;
  /** Batches run or would: while none does, the battery is not read. */
  isBusy: () => boolean;
  clock: { iso(): string; monotonicMs(): number };
  log: Log;
  /** Seam for tests. */
  read?: () => Promise<BatteryReading | null>;
};
export type BatteryGate = PolledGate & {
  /** At most 30 s old. Null: there is none, or the platform does not tell. Never rejects. */
  battery(): Promise<BatteryReading | null>;
};

/** What was read when the hold began; the setting of then. */
type Low = { percent: number; below: number };

/** `review()` is to be called when the setting changed. */
export function createBatteryGate(parts: BatteryGateParts): BatteryGate {
  const { belowPercent, isBusy, clock, log, read = readBattery } = parts;
  let newest: { atMs: number; reading: Promise<BatteryReading | null> } | null = null;
  let low: Low | null = null;
  const battery = (): Promise<BatteryReading | null> => {
    const now = clock.monotonicMs();
    if (newest === null || now - newest.atMs >= FRESH_MS) newest = { atMs: now, reading: read() };
    return newest.reading;
  };
  const gate = createPolledGate({
    look: async () => {
      const isOfInterest = belowPercent() > 0 && (isBusy() || low !== null);
      const reading = isOfInterest ? await battery() : null;
      low = findLow(reading, belowPercent(), low);
      return low === null ? null : toFinding(low);
    },
    waitMs: () => (isBusy() ? LOOK_MS : IDLE_MS),
    iso: clock.iso,
    log,
  });
  return Object.assign(gate, { battery });
}

function findLow(reading: BatteryReading | null, below: number, before: Low | null): Low | null {
  if (reading === null || !reading.on_battery) return null;
  const isSame = before?.below === below;
  if (reading.percent >= (isSame ? below + HYSTERESIS_PERCENT : below)) return null;
  // Said once: a reason that follows every percent would be news every few minutes.
  return isSame ? before : { percent: reading.percent, below };
}

function toFinding({ percent, below }: Low): GateFinding {
  const reason = `on battery at ${Math.round(percent)} %; goes on when mains is back or the setting resources.battery_below_percent (${below}) is lower`;
  return { owner: 'battery', reason };
}
