/** The control groups a process is in, from its own up to the root (Linux). Reads only. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type GroupFolder = { version: 1 | 2; folder: string };
export type GroupPlaces = { root?: string; membership?: string };

/** Folders of one controller's groups, in both hierarchies; some may not exist. `membership`: a file like `/proc/self/cgroup`. */
export function findGroupFolders(
  controller: 'cpu' | 'memory',
  { root = '/sys/fs/cgroup', membership = '/proc/self/cgroup' }: GroupPlaces = {},
): GroupFolder[] {
  const text = readText(membership) ?? '';
  return text.split('\n').flatMap((line): GroupFolder[] => {
    const [, id = '', controllers = '', path = '/'] = line.match(/^(\d+):([^:]*):(.*)$/) ?? [];
    if (id === '0') return ancestors(path).map((at) => ({ version: 2, folder: join(root, at) }));
    if (!controllers.split(',').includes(controller)) return [];
    return ancestors(path).map((at) => ({ version: 1, folder: join(root, controller, at) }));
  });
}

/** `/a/b` → `/a/b`, `/a`, `/`. In a container the outer path may not exist; its own root does. */
function ancestors(path: string): string[] {
  const all: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    all.push(at);
    if (at === '/' || at === '.') return all;
  }
}

/** A number in a file of a group; null when there is none ("max", no such file). */
export function readNumber(folder: string, name: string): number | null {
  const number = Number.parseInt(readText(join(folder, name)) ?? '', 10);
  return Number.isFinite(number) ? number : null;
}

export function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
