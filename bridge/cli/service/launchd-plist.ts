/** The launchd agent as a property list (launchd.plist(5)). Pure. */
import { posix } from 'node:path';
import { MARK, type ServiceFacts } from './definition.ts';
import { escapeXml } from './xml-text.ts';

export const LABEL = 'local.photo-bridge';

type Value = string | number | boolean | readonly string[] | { readonly [key: string]: boolean };

export function toLaunchdPlist({ command, user, logsFolder }: ServiceFacts): string {
  const entries: Record<string, Value> = {
    Label: LABEL,
    ProgramArguments: command,
    WorkingDirectory: user.home,
    RunAtLoad: true,
    // Started again after a crash or a refusal, not after a stop that was asked for.
    KeepAlive: { SuccessfulExit: false },
    ThrottleInterval: 10,
    // The daemon promises to end within 5 s.
    ExitTimeOut: 15,
    ProcessType: 'Background',
    LowPriorityIO: true,
    Nice: 5,
    StandardOutPath: posix.join(logsFolder, 'service.out.log'),
    StandardErrorPath: posix.join(logsFolder, 'service.err.log'),
  };
  const lines = Object.entries(entries).flatMap(([key, value]) => [
    `<key>${escapeXml(key)}</key>`,
    ...toLines(value),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${MARK} -->
<plist version="1.0">
<dict>
${indent(lines).join('\n')}
</dict>
</plist>
`;
}

function toLines(value: Value): string[] {
  if (typeof value === 'string') return [`<string>${escapeXml(value)}</string>`];
  if (typeof value === 'number') return [`<integer>${value}</integer>`];
  if (typeof value === 'boolean') return [value ? '<true/>' : '<false/>'];
  if (isList(value)) return ['<array>', ...indent(value.flatMap(toLines)), '</array>'];
  const members = Object.entries(value).flatMap(([key, each]) => [
    `<key>${escapeXml(key)}</key>`,
    ...toLines(each),
  ]);
  return ['<dict>', ...indent(members), '</dict>'];
}

function isList(value: Value): value is readonly string[] {
  return Array.isArray(value);
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
