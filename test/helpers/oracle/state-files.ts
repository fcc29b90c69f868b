/** The files of a data folder as any program may find them at any moment: readable, and no temp file left. Reads only. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Findings } from './findings.ts';

/** Every state file and every backup is whole JSON, also in the middle of a write and while no daemon lives. */
export function findUnreadable(dataDir: string, findings: Findings): void {
  const folder = join(dataDir, 'batch_states');
  for (const name of names(folder)) {
    if (!name.endsWith('.json') && !name.endsWith('.json.bak')) continue;
    const text = read(join(folder, name));
    // Replaced or removed since it was listed.
    if (text === null) continue;
    try {
      JSON.parse(text);
    } catch {
      findings.add(
        'unreadableStates',
        `${name} is not JSON: ${text.slice(0, 40)} (${text.length} characters)`,
      );
    }
  }
}

/** Temp files below the data folder that were there before `before` (milliseconds of the wall clock). */
export function findStateTemps(dataDir: string, before: number, findings: Findings): void {
  for (const entry of readdirSync(dataDir, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !/\.tmp2?$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined && stat.ctimeMs < before) findings.add('orphanTemps', `${path} was left`);
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
