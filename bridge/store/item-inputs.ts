/** What those items are that are no photos: logs beside the logs of their results. Knows no batch but by its files. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AllInputs, ItemInput } from '../batch/ports.ts';
import type { AppendLogOptions } from './append-log.ts';
import { removeIfThere } from './disk.ts';
import { createItemLogs, type ItemLogs } from './item-logs.ts';
import { isBatchFileId } from './snapshot.ts';

const KIND = '.inputs';
const ENDINGS = [`${KIND}.log`, `${KIND}.idx`];

export type ItemInputsOptions = {
  folder: string;
  /** Folders of state files and of damaged files: a batch that still has one there keeps its inputs. */
  besides: readonly string[];
  onDamage: NonNullable<AppendLogOptions['onDamage']>;
};

export function createItemInputs({ folder, besides, onDamage }: ItemInputsOptions): AllInputs & {
  close: ItemLogs<ItemInput>['close'];
} {
  const logs = createItemLogs<ItemInput>(folder, { kind: KIND, onDamage });
  return {
    save: logs.append,
    read: logs.read,
    remove: logs.remove,
    async removeStrays(isKnown) {
      const strays = (await readdir(folder)).filter((name) => {
        const id = toBatchId(name);
        return id !== null && !isKnown(id);
      });
      if (strays.length === 0) return;
      const others = (await Promise.all(besides.map((each) => readdir(each)))).flat();
      const kept = new Set(others.map((name) => name.split('.', 1)[0]));
      for (const name of strays) {
        if (!kept.has(toBatchId(name) ?? '')) await removeIfThere(join(folder, name));
      }
    },
    close: logs.close,
  };
}

/** Null for a file that is none of ours. */
function toBatchId(name: string): string | null {
  const ending = ENDINGS.find((each) => name.endsWith(each));
  const id = ending === undefined ? '' : name.slice(0, -ending.length);
  return isBatchFileId(id) ? id : null;
}
