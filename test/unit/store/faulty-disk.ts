/** A way to open real files that counts their calls and makes chosen ones fail. */
import { type FileHandle, open } from 'node:fs/promises';
import type { OpenFile } from '../../../bridge/store/disk.ts';

export type FaultyCall = 'open' | 'write' | 'datasync' | 'sync' | 'truncate';
type Plan = { call: FaultyCall; code: string; times: number; path: RegExp };

export type FaultyDisk = {
  open: OpenFile;
  count(call: FaultyCall): number;
  failNext(call: FaultyCall, code: string, options?: { times?: number; path?: RegExp }): void;
  /** The next such call waits until `open`; `reached` resolves when it has begun to. */
  holdNext(call: FaultyCall): { reached: Promise<void>; open(): void };
  /** All planned failures are over. */
  heal(): void;
  /** Syncs of files after a sync of that same file failed. */
  syncsAfterFailure(): number;
};

/** A write that fails has put its first half on the disk. */
async function halfOrAll(step: () => void, handle: FileHandle, given: unknown[]): Promise<void> {
  try {
    step();
  } catch (thrown) {
    const [bytes, from, length, position] = given as [Buffer, number, number, number];
    await handle.write(bytes, from, Math.floor(length / 2), position);
    throw thrown;
  }
}

export function createFaultyDisk(): FaultyDisk {
  const counts = new Map<FaultyCall, number>();
  const failedFiles = new Set<number>();
  const holds = new Map<FaultyCall, () => Promise<void>>();
  let plans: Plan[] = [];
  let bad = 0;
  let files = 0;

  const step = (call: FaultyCall, path: string) => {
    counts.set(call, (counts.get(call) ?? 0) + 1);
    const plan = plans.find((one) => one.call === call && one.times > 0 && one.path.test(path));
    if (plan === undefined) return;
    plan.times -= 1;
    throw Object.assign(new Error(`${plan.code}: made to fail, ${call}`), { code: plan.code });
  };
  const sync = (call: 'sync' | 'datasync', file: number, path: string) => {
    if (failedFiles.has(file)) bad += 1;
    try {
      step(call, path);
    } catch (thrown) {
      failedFiles.add(file);
      throw thrown;
    }
  };
  const wrap = (handle: FileHandle, path: string): FileHandle => {
    files += 1;
    const file = files;
    return new Proxy(handle, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]) => {
          if (key === 'truncate') step(key, path);
          if (key === 'write') await halfOrAll(() => step('write', path), target, given);
          if (key === 'sync' || key === 'datasync') sync(key, file, path);
          const hold = holds.get(key as FaultyCall);
          holds.delete(key as FaultyCall);
          await hold?.();
          return Reflect.apply(value, target, given);
        };
      },
    });
  };
  return {
    open: async (path, flags, mode) => {
      step('open', path);
      return wrap(await open(path, flags, mode), path);
    },
    count: (call) => counts.get(call) ?? 0,
    failNext: (call, code, options = {}) => {
      plans.push({ call, code, times: options.times ?? 1, path: options.path ?? /./ });
    },
    holdNext: (call) => {
      const reached = Promise.withResolvers<void>();
      const opened = Promise.withResolvers<void>();
      holds.set(call, () => {
        reached.resolve();
        return opened.promise;
      });
      return { reached: reached.promise, open: () => opened.resolve() };
    },
    heal: () => {
      plans = [];
    },
    syncsAfterFailure: () => bad,
  };
}
