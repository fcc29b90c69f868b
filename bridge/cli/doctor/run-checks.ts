/** All checks of `doctor` in the order they are shown. Changes nothing, and one that breaks does not stop the others. */
import { join } from 'node:path';
import type { CliHost, DataFolderUse, ServeFlags, SettingsReport } from '../host.ts';
import { type Check, problem, warning } from './check.ts';
import { readClock, toClockCheck, toZoneCheck } from './clock-checks.ts';
import { checkDaemon, isDaemonRunning, toLockCheck, toPortCheck } from './daemon-checks.ts';
import { checkEngines } from './engine-checks.ts';
import { checkDataFolder, checkOutputFolder } from './folder-checks.ts';
import {
  findQuarantined,
  findTempFiles,
  findWrittenFolders,
  toQuarantineCheck,
  toTempCheck,
} from './left-overs.ts';
import { checkMachine } from './machine-checks.ts';
import { checkPlace } from './place-check.ts';
import { probePort } from './port-probe.ts';
import { checkProgram, toSettingsChecks } from './program-checks.ts';
import { readVolumes, toInodeCheck, toSpaceCheck } from './space-checks.ts';

/** Longer than any check's own deadline: for drives that do not answer. */
const CHECK_MS = 20_000;

type Usable = SettingsReport & { ok: true };

export async function runChecks(host: CliHost, flags: ServeFlags): Promise<Check[]> {
  const report = await host.settings(flags);
  const groups: Promise<Check[]>[] = [
    guard('program', () => checkProgram(host)),
    Promise.resolve(toSettingsChecks(report)),
    ...(report.ok ? await startFolderChecks(host, report) : [Promise.resolve([notChecked()])]),
    guard('clock', async () => {
      const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
      const clock = await readClock(host.root, report.ok ? report.folders.data : null);
      return [toClockCheck(clock), toZoneCheck(host.env, zone)];
    }),
    guard('machine', checkMachine),
    guard('other programs', () => checkEngines(host)),
  ];
  return (await Promise.all(groups)).flat();
}

function notChecked(): Check {
  return warning(
    'data folder',
    'not checked: the settings that name it cannot be used',
    'Repair the settings, then run this again.',
  );
}

async function startFolderChecks(host: CliHost, { settings, folders }: Usable): Promise<Promise<Check[]>[]> {
  const { data } = folders;
  const outputs = settings.output.folders;
  // The probe's own files come and go: what is left over is counted before.
  const use = await host.dataFolderUse(data).catch((error: unknown) => error);
  const known = use instanceof Error || !isUse(use) ? null : use;
  const isRunning = isDaemonRunning(known);
  const written = await findWrittenFolders(data, outputs);
  const leftOver = await findTempFiles(written, isRunning);
  return [
    guard('data folder', () => checkDataFolder(data, host.user)),
    guard('place', async () => [await checkPlace(data)]),
    guard('lock', async () => {
      if (known === null) throw use;
      return [toLockCheck(known, host.version), await checkPort(settings, known), await checkDaemon(known)];
    }),
    guard('output folder', () => Promise.all(outputs.map(checkOutputFolder))),
    guard('disk', async () => {
      const volumes = await readVolumes([data, join(data, 'outputs'), ...outputs]);
      return [...volumes.map(toSpaceCheck), ...volumes.map(toInodeCheck)];
    }),
    guard('left over', async () => [
      toTempCheck(leftOver, isRunning),
      toQuarantineCheck(await findQuarantined(data)),
    ]),
  ];
}

function isUse(value: unknown): value is DataFolderUse {
  return typeof value === 'object' && value !== null && 'lock' in value;
}

async function checkPort({ server }: Usable['settings'], use: DataFolderUse): Promise<Check> {
  const { port } = server;
  const running = isDaemonRunning(use) ? use.note : null;
  const isOurs = running?.port === port;
  const hosts = server.host === undefined ? ['127.0.0.1', '::1'] : [server.host];
  return toPortCheck({ port, running, use: port === 0 || isOurs ? null : await probePort(port, hosts) });
}

/** Never rejects and ends in time. */
async function guard(name: string, check: () => Promise<Check[]>): Promise<Check[]> {
  const { promise, resolve } = Promise.withResolvers<Check[]>();
  const timer = setTimeout(() => {
    resolve([
      problem(
        name,
        `no answer in ${CHECK_MS / 1000} s`,
        'A drive may not answer: see whether it is connected.',
      ),
    ]);
  }, CHECK_MS);
  try {
    return await Promise.race([check(), promise]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [
      problem(
        name,
        `could not be checked: ${message}`,
        'Give yourself the right to it, then run this again.',
      ),
    ];
  } finally {
    clearTimeout(timer);
  }
}
