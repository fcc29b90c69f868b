/** `service install | uninstall | status | print`: the daemon started by the system when this user logs in. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Action, Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { runCommand } from '../run-command.ts';
import { findSupervisor } from '../service/find-supervisor.ts';
import {
  findUrl,
  type Installed,
  installService,
  planService,
  uninstallService,
} from '../service/install.ts';
import { readDefinition } from '../service/service-file.ts';
import type { Supervisor } from '../service/supervisor.ts';
import { toServeFlags } from './serve.ts';

const BUILD_MS = 60_000;

type Flags = { port?: number; dataDir?: string; config?: string; force?: boolean; dryRun?: boolean };

export const serviceInstall: Action<Flags> = async (context, args, flags) => {
  if (flags.dryRun) return await servicePrint(context, args, flags);
  const { host, terminal, json } = context;
  if (host.user.uid === 0 && !flags.force) {
    throw new Error(
      'this is the root user, and the service would write photos as root: run it without sudo, as the user who edits. ' +
        'With --force it is installed for root all the same.',
    );
  }
  const supervisor = await findSupervisor(host);
  const plan = await planService(host, supervisor, toServeFlags(flags));
  await buildPage(context);
  const installed = await installService(host, supervisor, plan);
  const { obstacle, otherPid, ...known } = installed;
  const steps = toSteps(supervisor, installed);
  if (json) {
    const { name, path } = supervisor;
    const rest = { obstacle, other_pid: otherPid, not_carried: plan.notCarried, left_to_do: steps };
    terminal.json({ supervisor: name, path, ...known, ...rest });
  } else {
    for (const line of [...toNews(supervisor, installed), ...plan.notCarried.map(toNotCarried)])
      terminal.line(line);
    if (steps.length > 0) terminal.line('Left to do:');
    for (const step of steps) terminal.line(`  ${step}`);
  }
  return hasFailed(installed) ? exitCodes.error : exitCodes.ok;
};

/** A service is not started by `npm start`, which builds the dashboard. Without it the daemon says how to. */
async function buildPage({ host, terminal }: Context): Promise<void> {
  const folder = join(host.root, 'bridge', 'dashboard');
  const args = [join(folder, 'ensure-built.ts')];
  await runCommand(host.self.node, { args, env: host.env, timeoutMs: BUILD_MS });
  if (!existsSync(join(folder, 'dist', 'index.html')))
    terminal.note('The dashboard is not built: npm run build:dashboard');
}

function hasFailed({ obstacle, otherPid, running }: Installed): boolean {
  return obstacle === null && otherPid === null && running === false;
}

const changes: Record<Installed['change'], string> = {
  written: 'Service installed',
  unchanged: 'Service already installed, nothing to change',
  replaced: 'Service installed in place of an earlier one',
};

function toNews(supervisor: Supervisor, installed: Installed): string[] {
  const { change, obstacle, otherPid, running, pid, url } = installed;
  const lines = [`${changes[change]}: ${supervisor.path}`];
  if (obstacle !== null) return [...lines, `It is not started: ${obstacle}.`];
  lines.push('It starts when you log in.');
  if (otherPid !== null) {
    return [
      ...lines,
      `It does not run yet: a daemon that was started by hand (process ${otherPid}) uses its data folder.`,
    ];
  }
  if (running !== true) return [...lines, 'It does not run: it has ended, or has not come up in time.'];
  return [...lines, `It runs${pid === null ? '' : `: process ${pid}`}${url === null ? '' : `, ${url}`}.`];
}

function toSteps({ byHand }: Supervisor, installed: Installed): string[] {
  if (installed.obstacle !== null) return [`In a session where it can be started, run: ${byHand.register}`];
  if (installed.otherPid !== null) return [`Stop process ${installed.otherPid}, then run: ${byHand.start}`];
  return hasFailed(installed) ? [`See why: ${byHand.logs}`, 'and: photo-bridge doctor'] : [];
}

function toNotCarried(key: string): string {
  return `Note: ${key} is set by the environment, which a service does not have; put it into the settings file.`;
}

export const servicePrint: Action<Flags> = async ({ host, terminal, json }, _args, flags) => {
  const supervisor = await findSupervisor(host);
  const { path, name } = supervisor;
  const { text } = await planService(host, supervisor, toServeFlags(flags));
  if (json) terminal.json({ supervisor: name, path, text });
  else {
    terminal.note(`would be written to ${path}`);
    terminal.line(text.trimEnd());
  }
  return exitCodes.ok;
};

export const serviceUninstall: Action = async ({ host, terminal, json }) => {
  const supervisor = await findSupervisor(host);
  const removed = await uninstallService(supervisor);
  if (json) terminal.json({ supervisor: supervisor.name, path: supervisor.path, removed });
  else if (removed) {
    terminal.line(`Service removed: ${supervisor.path}`);
    terminal.line('Batches, settings and results are as they were.');
  } else terminal.line(`No service is installed (${supervisor.path}).`);
  return exitCodes.ok;
};

export const serviceStatus: Action = async (context) => {
  const { host, terminal, json } = context;
  const supervisor = await findSupervisor(host);
  const { name, path, encoding } = supervisor;
  const file = await readDefinition(path, encoding);
  const obstacle = await supervisor.findObstacle();
  const state =
    obstacle === null && file.kind !== 'absent'
      ? await supervisor.state()
      : { starts: null, running: null, pid: null };
  const url = await findDaemonUrl(context, state.pid);
  const installed = file.kind !== 'absent';
  if (json) {
    terminal.json({ installed, ours: file.kind === 'ours', supervisor: name, path, obstacle, ...state, url });
    return exitCodes.ok;
  }
  terminal.line(`installed  ${toInstalledText(file, path)}`);
  if (!installed) {
    terminal.line(url === null ? 'running    no' : `running    not as a service, but at ${url}`);
    return exitCodes.ok;
  }
  terminal.line(`starts     ${toStartsText(state.starts, obstacle)}`);
  terminal.line(`running    ${toRunningText(state, url)}`);
  return exitCodes.ok;
};

async function findDaemonUrl(context: Context, pid: number | null): Promise<string | null> {
  const folders = await context.folders();
  return folders === null ? null : await findUrl(context.host, folders.data, pid);
}

function toInstalledText(file: Awaited<ReturnType<typeof readDefinition>>, path: string): string {
  if (file.kind === 'absent') return 'no; install it with: photo-bridge service install';
  return file.kind === 'ours' ? path : `${path} is ${file.what}, not this program's`;
}

function toStartsText(starts: 'at_login' | 'never' | null, obstacle: string | null): string {
  if (starts === null) return `cannot be told${obstacle === null ? '' : `: ${obstacle}`}`;
  return starts === 'at_login'
    ? 'when you log in'
    : 'not by itself; repair that with: photo-bridge service install';
}

function toRunningText(
  { running, pid }: { running: boolean | null; pid: number | null },
  url: string | null,
): string {
  if (running === false) return 'no';
  if (running === null) return url === null ? 'no daemon answers' : `a daemon, at ${url}`;
  return `yes${pid === null ? '' : `, process ${pid}`}${url === null ? '' : `, ${url}`}`;
}
