/** Installs and removes the service of this user. What it prints is another file's matter. */
import { setTimeout as delay } from 'node:timers/promises';
import type { CliHost, ServeFlags } from '../host.ts';
import { type ServiceFacts, toServiceFacts } from './definition.ts';
import { type DefinitionFile, readDefinition, removeDefinition, saveDefinition } from './service-file.ts';
import type { Supervisor } from './supervisor.ts';

export type Plan = { text: string; facts: ServiceFacts; dataDir: string; notCarried: readonly string[] };
export type Installed = {
  change: 'written' | 'unchanged' | 'replaced';
  /** Why the supervisor could not be asked to start it; null: it was asked. */
  obstacle: string | null;
  /** A daemon that was started by other means and holds the data folder; the service waits for its end. */
  otherPid: number | null;
  /** The service runs, and where it listens once it has said so. */
  running: boolean | null;
  pid: number | null;
  url: string | null;
};

/** A service that cannot start ends, or waits to be started again, within this time. */
const START_MS = 6000;
const POLL_MS = 100;

/** Throws an Error for people when the settings cannot be used or written into a definition. */
export async function planService(host: CliHost, supervisor: Supervisor, flags: ServeFlags): Promise<Plan> {
  const report = await host.settings(flags);
  if (!report.ok) {
    const lines = report.problems.map(({ message, remedy }) => `  ${message} ${remedy}`);
    throw new Error(`the settings cannot be used, so the service would not start:\n${lines.join('\n')}`);
  }
  const { facts, notCarried } = toServiceFacts(host, report);
  return { text: supervisor.toText(facts), facts, dataDir: report.folders.data, notCarried };
}

/** Throws an Error for people: a file that is not ours, a tool that refuses. */
export async function installService(host: CliHost, supervisor: Supervisor, plan: Plan): Promise<Installed> {
  const file = await readDefinition(supervisor.path, supervisor.encoding);
  refuseForeign(file, supervisor.path);
  const change = toChange(file, plan.text);
  if (change !== 'unchanged') await saveDefinition(supervisor.path, plan.text, supervisor.encoding);
  const obstacle = await supervisor.findObstacle();
  const idle = { running: null, pid: null, url: null, otherPid: null };
  if (obstacle !== null) return { ...idle, change, obstacle };
  const otherPid = await findOther(host, supervisor, plan.dataDir);
  await supervisor.register({ changed: change !== 'unchanged', start: otherPid === null });
  if (otherPid !== null) return { ...idle, change, obstacle, otherPid, running: false };
  return { change, obstacle, otherPid, ...(await waitForStart(host, supervisor, plan.dataDir)) };
}

function toChange(file: DefinitionFile, text: string): Installed['change'] {
  if (file.kind !== 'ours') return 'written';
  return file.text === text ? 'unchanged' : 'replaced';
}

export function refuseForeign(file: DefinitionFile, path: string): void {
  if (file.kind !== 'foreign') return;
  throw new Error(
    `${path} is ${file.what}, not this program's: move it away or remove it, then run this again`,
  );
}

/** Process of a daemon that holds the data folder and is not the service; 0 when its number is not known. */
async function findOther(host: CliHost, supervisor: Supervisor, dataDir: string): Promise<number | null> {
  const use = await host.dataFolderUse(dataDir).catch(() => null);
  if (use?.lock !== 'held') return null;
  const { running, pid } = await supervisor.state();
  const holder = use.note?.pid ?? use.lockPid ?? 0;
  if (running === true && (pid === null || pid === holder)) return null;
  return holder;
}

type Start = Pick<Installed, 'running' | 'pid' | 'url'>;

async function waitForStart(host: CliHost, supervisor: Supervisor, dataDir: string): Promise<Start> {
  const until = performance.now() + START_MS;
  for (;;) {
    const state = await supervisor.state();
    const url = await findUrl(host, dataDir, state.pid);
    if (url !== null || performance.now() > until)
      return { running: state.running ?? url !== null, pid: state.pid, url };
    await delay(POLL_MS);
  }
}

/** Where the daemon of the data folder listens, when it is that process; `pid` null: whichever it is. */
export async function findUrl(host: CliHost, dataDir: string, pid: number | null): Promise<string | null> {
  const use = await host.dataFolderUse(dataDir).catch(() => null);
  if (use === null || use.lock !== 'held' || use.note === null || !use.isNotePidAlive) return null;
  return pid === null || use.note.pid === pid ? use.note.url : null;
}

/** False: there was none. Throws an Error for people. */
export async function uninstallService(supervisor: Supervisor): Promise<boolean> {
  const file = await readDefinition(supervisor.path, supervisor.encoding);
  refuseForeign(file, supervisor.path);
  if (file.kind === 'absent') return false;
  if ((await supervisor.findObstacle()) === null) await supervisor.unregister();
  await removeDefinition(supervisor.path);
  await supervisor.afterRemoval();
  return true;
}
