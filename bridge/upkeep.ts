/** Builds what the daemon does by itself once a day. Holds no rules of its own. */
import { join } from 'node:path';
import type { BatchApi } from './batch/api.ts';
import type { Settings } from './contract/index.ts';
import type { Log } from './log.ts';
import { DailyCleanup } from './schedule/daily-cleanup.ts';
import { createCleanupMark } from './store/cleanup-mark.ts';

export type UpkeepParts = {
  dataDir: string;
  settings: () => Readonly<Settings>;
  batches: Pick<BatchApi, 'cleanup'>;
  log: Log;
};

/** To be opened when the batches can be asked for. */
export function createUpkeep({ dataDir, settings, batches, log }: UpkeepParts): DailyCleanup {
  return new DailyCleanup({
    setting: () => settings().schedule.cleanup,
    mark: createCleanupMark(join(dataDir, 'last_cleanup'), log),
    cleanup: async (daysOld) => {
      const { cleaned_count } = await batches.cleanup({ days_old: daysOld, dry_run: false });
      return cleaned_count;
    },
    wallMs: Date.now,
    log,
  });
}
