/** The systemd user unit as text (systemd.service(5), systemd.exec(5)). Pure. */
import { DefinitionError, MARK, requirePlainText, type ServiceFacts } from './definition.ts';

export const UNIT = 'photo-bridge.service';

/**
 * No option here needs a mount namespace: in a user's manager those fail where unprivileged namespaces are off, and they
 * would hide folders that the photographer writes to. RestrictNamespaces= is left out for engines that come as Flatpak.
 */
export function toSystemdUnit({ command }: ServiceFacts): string {
  return `# ${MARK}
# It is written anew by the next install; own changes belong into: systemctl --user edit ${UNIT}
[Unit]
Description=Photo Bridge, local daemon for photo batches
# Three unclean ends within five minutes bring safe mode with the next start, in which nothing renders: there must be room
# for that start. One that fails even so (a port taken, settings that cannot be used) is given up soon after.
StartLimitIntervalSec=300
StartLimitBurst=6

[Service]
Type=exec
ExecStart=${toExecStart(command)}
WorkingDirectory=-~
Restart=on-failure
RestartSec=5
# Wrong arguments do not become right.
RestartPreventExitStatus=2
# SIGTERM goes to the daemon alone, which ends its render host; it promises to do so within 5 s.
KillMode=mixed
TimeoutStopSec=15
# A render host that the kernel ends for its memory is replaced by the daemon, which goes on.
OOMPolicy=continue
# Behind everything a person waits for. Not the idle class: a disk that is busy for long would keep answers waiting.
Slice=background.slice
Nice=5
IOSchedulingClass=best-effort
IOSchedulingPriority=7
NoNewPrivileges=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=default.target
`;
}

/** systemd takes no program whose path holds one of these. */
const REFUSED_IN_PROGRAM = /["'\\]/;

/** Throws DefinitionError for what systemd cannot start. */
export function toExecStart([program, ...args]: ServiceFacts['command']): string {
  requirePlainText(program);
  if (!REFUSED_IN_PROGRAM.test(program)) return [quoteProgram(program), ...args.map(quoteArgument)].join(' ');
  if (program.includes('=')) {
    throw new DefinitionError(
      `systemd cannot start ${program}: rename the folder so that no quote or backslash is in it`,
    );
  }
  // env(1) replaces itself with the program, so the daemon stays the main process.
  return ['/usr/bin/env', ...[program, ...args].map(quoteArgument)].join(' ');
}

/** `%` starts a specifier. Variables are not put into the path of the program, so `$` stands for itself. */
function quoteProgram(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}

/** In double quotes C escapes are taken back; `%` and `$` are doubled (systemd.service(5), "Command lines"). */
export function quoteArgument(text: string): string {
  const escaped = requirePlainText(text)
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$');
  return `"${escaped}"`;
}
