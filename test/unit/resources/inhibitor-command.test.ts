import { describe, expect, it } from 'vitest';
import { toInhibitorCommand } from '../../../bridge/resources/inhibitor-command.ts';

const pid = 4711;

describe('the program that keeps the machine awake', () => {
  it('is systemd-inhibit around a program that ends with its stdin, on Linux', () => {
    const command = toInhibitorCommand({ platform: 'linux', pid });
    expect(command?.program).toBe('systemd-inhibit');
    expect(command?.args).toEqual([
      '--what=sleep:idle',
      '--who=Photo Bridge',
      '--why=Photos are being rendered',
      '--mode=block',
      'cat',
    ]);
  });

  it('is caffeinate watching the daemon, on macOS', () => {
    expect(toInhibitorCommand({ platform: 'darwin', pid })).toEqual({
      program: '/usr/bin/caffeinate',
      args: ['-i', '-w', '4711'],
    });
  });

  it('is the PowerShell of Windows itself, in no profile, ending with its stdin', () => {
    const command = toInhibitorCommand({ platform: 'win32', pid, systemRoot: 'D:\\Windows' });
    expect(command?.program).toBe('D:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe');
    expect(command?.args).toContain('-NoProfile');
    expect(command?.args.at(-1)).toMatch(/SetThreadExecutionState\(\[uint32\]2147483649\).*ReadToEnd\(\)$/);
  });

  it('is none elsewhere', () => {
    expect(toInhibitorCommand({ platform: 'freebsd', pid })).toBeNull();
  });
});
