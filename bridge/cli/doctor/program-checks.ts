/** Is the program itself sound: Node, sharp (in a process of its own), the settings. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CliHost, SettingsReport } from '../host.ts';
import { type CommandEnd, runCommand } from '../run-command.ts';
import { type Check, ok, problem, warning } from './check.ts';

const SHARP_TIMEOUT_MS = 15_000;
const REINSTALL = 'Run `npm ci` in the folder of Photo Bridge.';

export async function checkProgram(host: CliHost): Promise<Check[]> {
  const manifest = JSON.parse(await readFile(join(host.root, 'package.json'), 'utf8')) as {
    engines?: { node?: string };
  };
  const script = join(host.root, 'workers', 'check', 'check-sharp.ts');
  const probe = await runCommand(host.self.node, {
    args: [script],
    env: { ...host.env, NODE_OPTIONS: '' },
    timeoutMs: SHARP_TIMEOUT_MS,
  });
  return [
    toNodeCheck(process.versions.node, manifest.engines?.node ?? '', host.self.node),
    ...toSharpChecks(probe),
  ];
}

/** `required` is a lower bound, `>=22.18`; the only form this package uses. */
export function toNodeCheck(running: string, required: string, path: string): Check {
  const wanted = /^>=\s*(\d+(?:\.\d+)*)$/.exec(required)?.[1];
  const detail = `${running} (${path}), needed ${required}`;
  if (wanted === undefined)
    return warning('node', detail, `${REINSTALL} Its package.json names no Node version.`);
  if (isAtLeast(running, wanted)) return ok('node', detail);
  return problem('node', detail, `${REINSTALL} That brings the right Node along.`);
}

function isAtLeast(running: string, wanted: string): boolean {
  const have = running.split('.').map(Number);
  for (const [index, part] of wanted.split('.').map(Number).entries()) {
    const own = have[index] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}

type SharpReport = { sharp: string; libvips: string; formats: Record<string, string> };

export function toSharpChecks(probe: CommandEnd): Check[] {
  const report = probe.kind === 'ended' && probe.code === 0 ? parseReport(probe.stdout) : null;
  if (report === null) return [problem('sharp', `does not run: ${toReason(probe)}`, REINSTALL)];
  const names = Object.keys(report.formats);
  const broken = names.filter((name) => report.formats[name] !== 'ok');
  const first = broken[0];
  const detail =
    first === undefined
      ? `${report.sharp}, reads and writes ${names.join(', ')}`
      : `${report.sharp} fails with ${broken.join(', ')}: ${report.formats[first]}`;
  return [
    first === undefined ? ok('sharp', detail) : problem('sharp', detail, REINSTALL),
    ok('libvips', report.libvips),
  ];
}

function parseReport(text: string): SharpReport | null {
  try {
    const report = JSON.parse(text) as SharpReport;
    return typeof report.sharp === 'string' && typeof report.formats === 'object' ? report : null;
  } catch {
    return null;
  }
}

function toReason(probe: CommandEnd): string {
  switch (probe.kind) {
    case 'timeout':
      return `no answer in ${SHARP_TIMEOUT_MS / 1000} s`;
    case 'killed':
      return `its process was ended by ${probe.signal}`;
    case 'not_started':
      return `its process could not be started (${probe.reason})`;
    case 'ended': {
      const said = probe.stderr.split('\n').find((line) => /error/i.test(line)) ?? `exit code ${probe.code}`;
      return said.trim().slice(0, 200);
    }
  }
}

export function toSettingsChecks(report: SettingsReport): Check[] {
  const where = report.file ?? 'no settings file, defaults';
  const warnings = report.warnings.map((text) =>
    warning('settings', text, 'Correct the name of the variable, or unset it.'),
  );
  if (!report.ok) {
    return [
      ...report.problems.map(({ message, remedy }) => problem('settings', message, remedy)),
      ...warnings,
    ];
  }
  const keys = report.notFromFile;
  const others = keys.length === 0 ? '' : `; by flag or environment: ${keys.join(', ')}`;
  return [ok('settings', where + others), ...warnings];
}
