/** Where photos are rendered, and everything that decides how many at a time: governor, gates, the machine's sleep. */
import { join } from 'node:path';
import { findUnseenDeaths } from '../executor/host-marks.ts';
import { createLocalExecutor } from '../executor/local-executor.ts';
import { systemClock } from '../resources/clock.ts';
import { announceGate, createGatedLimiter } from '../resources/gates.ts';
import { createGovernance } from '../resources/governance.ts';
import { createMachineGates } from '../resources/machine-gates.ts';
import { openSafeMode } from '../resources/safe-mode.ts';
import { createSleepInhibitor } from '../resources/sleep-inhibitor.ts';
import { createStateDiskGate } from '../resources/state-disk.ts';
import type { Base, Replacements } from './base.ts';
import type { Storage } from './storage.ts';

export type RenderingParts = Base &
  Replacements & {
    storage: Storage;
    /** A batch runs, held or not. */
    isBusy: () => boolean;
  };
export type Rendering = ReturnType<typeof openRendering>;

export function openRendering(parts: RenderingParts) {
  const { dataDir, log, stack, settings, storage, isBusy } = parts;
  const { events, history, space } = storage;
  const clock = systemClock;
  const marksFolder = join(dataDir, 'render_hosts');
  const unseenDeaths = findUnseenDeaths(marksFolder);
  const inhibitor = createSleepInhibitor({ isAllowed: settings().resources.inhibit_sleep, log });
  stack.push('sleep inhibitor', () => inhibitor.close());
  const executor = createLocalExecutor({
    settings: settings().executor,
    log,
    lockFd: storage.lock.fd,
    hostEntry: parts.hostEntry,
    marksFolder,
    freeBytes: () => governance.meter.memory.available_bytes,
    onActivity: (isActive) => {
      inhibitor.setWanted(isActive);
      if (!isActive) return;
      governance.meter.wake();
      void machine.review();
    },
  });
  stack.push('executor', () => executor.close());
  const governance = createGovernance({
    executor,
    settings,
    clock,
    events,
    log,
    counters: parts.cpuCounters,
  });
  stack.push('governor', () => governance.close());
  const stateDisk = createStateDiskGate(storage.store);
  for (const gate of [governance.limiter, stateDisk, executor.trouble]) announceGate(gate, events);
  const safeMode = openSafeMode({ history, clock, events, log });
  const findLowDisk = () => space.lowText(dataDir, 'the data folder');
  const machine = createMachineGates({ settings, findLowDisk, isBusy, events, clock, log });
  stack.push('machine gates', () => machine.close());
  /** What stops all work, whatever it is. */
  const stops = [safeMode, stateDisk];
  const gates = [...stops, executor.trouble, ...machine.gates];
  const limiter = createGatedLimiter(governance.limiter, gates);
  return {
    executor,
    unseenDeaths,
    safeMode,
    limiter,
    stops,
    governance,
    machine,
    /** Resolves when everything that depends on settings follows the ones that hold now. */
    review: async () => {
      inhibitor.setAllowed(settings().resources.inhibit_sleep);
      governance.limiter.review();
      await machine.review();
    },
  };
}
