/** The program that keeps the machine awake on each platform. Builds its command line only; starts nothing. */

/**
 * Started without a shell. Each ends by itself when its parent is gone, however that went: on Linux and Windows because its
 * stdin closes, on macOS because it watches the parent's process id.
 */
export type InhibitorCommand = { program: string; args: readonly string[] };

const WHO = 'Photo Bridge';
const WHY = 'Photos are being rendered';

/** ES_CONTINUOUS | ES_SYSTEM_REQUIRED (winbase.h). It holds as long as the thread that set it, which waits for its stdin. */
const KEEP_SYSTEM_AWAKE = 0x80000001;
const WINDOWS_SCRIPT = [
  `$power = Add-Type -PassThru -Namespace PhotoBridge -Name Power -MemberDefinition '[DllImport("kernel32.dll")] public static extern uint SetThreadExecutionState(uint flags);'`,
  `if ($power::SetThreadExecutionState([uint32]${KEEP_SYSTEM_AWAKE}) -eq 0) { exit 1 }`,
  '[void][Console]::In.ReadToEnd()',
].join('; ');

export type InhibitorHost = {
  platform: NodeJS.Platform;
  pid: number;
  /** Windows' own folder (`SystemRoot`). */
  systemRoot?: string | undefined;
};

/** Null where no such program is known. */
export function toInhibitorCommand({ platform, pid, systemRoot }: InhibitorHost): InhibitorCommand | null {
  switch (platform) {
    case 'linux':
      return {
        program: 'systemd-inhibit',
        args: ['--what=sleep:idle', `--who=${WHO}`, `--why=${WHY}`, '--mode=block', 'cat'],
      };
    case 'darwin':
      return { program: '/usr/bin/caffeinate', args: ['-i', '-w', String(pid)] };
    case 'win32':
      return {
        program: `${systemRoot ?? 'C:\\Windows'}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`,
        args: ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', WINDOWS_SCRIPT],
      };
    default:
      return null;
  }
}
