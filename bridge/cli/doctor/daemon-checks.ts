/** The daemon of the data folder: its lock, its port, how it is. Starts and stops none. */
import { BridgeProblem, createClient } from '../../client/index.ts';
import type { DataFolderUse } from '../host.ts';
import { type Check, ok, problem, warning } from './check.ts';
import type { PortUse } from './port-probe.ts';

const ANSWER_MS = 3000;

export function isDaemonRunning(use: DataFolderUse | null): boolean {
  return use?.lock === 'held';
}

export function toLockCheck(use: DataFolderUse, version: string): Check {
  const { lock, note, lockPid } = use;
  if (lock !== 'held') {
    if (note === null) return ok('lock', lock === 'absent' ? 'free (never used)' : 'free');
    const detail = `free, but runtime.json names process ${note.pid}: that daemon was killed`;
    return warning('lock', detail, 'Nothing is lost; the next start recovers it: photo-bridge serve');
  }
  if (note === null || !use.isNotePidAlive || (lockPid !== null && lockPid !== note.pid)) {
    const detail = `held by process ${lockPid ?? 'unknown'}, which is starting or ending`;
    return warning(
      'lock',
      detail,
      `Try again in a moment. If it stays so, end process ${lockPid ?? 'that holds daemon.lock'}.`,
    );
  }
  const holder = `held by the running daemon: process ${note.pid}, port ${note.port}, version ${note.version}`;
  if (note.version === version) return ok('lock', holder);
  return warning('lock', holder, `This program is version ${version}: stop that daemon and start it again.`);
}

export type PortFacts = { port: number; use: PortUse | null; running: DataFolderUse['note'] };

/** `use`: null when there was nothing to probe. */
export function toPortCheck({ port, use, running }: PortFacts): Check {
  const change = 'Choose another: setting server.port, PHOTO_BRIDGE_PORT, or serve --port.';
  if (running !== null && running.port === port) return ok('port', `${port}, ours`);
  const elsewhere = running === null ? '' : `; the running daemon has ${running.port}`;
  if (use === null) return ok('port', `a free one is picked at the start${elsewhere}`);
  switch (use.kind) {
    case 'free':
      return ok('port', `${port}, free${elsewhere}`);
    case 'bridge':
      return toTaken(
        `${port} is taken by a Photo Bridge ${use.version} with another data folder`,
        running,
        `Stop that one. ${change}`,
      );
    case 'other':
      return toTaken(`${port} is taken by another program`, running, change);
    case 'refused':
      return toTaken(
        `${port} cannot be used (${use.code})`,
        running,
        use.code === 'EACCES' ? `Ports below 1024 need rights you do not have. ${change}` : change,
      );
  }
}

/** With a daemon that runs elsewhere nothing is broken now: only its next start would be. */
function toTaken(detail: string, running: DataFolderUse['note'], remedy: string): Check {
  if (running === null) return problem('port', detail, remedy);
  return warning('port', `${detail}; the running daemon has ${running.port}`, remedy);
}

export async function checkDaemon(use: DataFolderUse): Promise<Check> {
  if (!isDaemonRunning(use)) return ok('daemon', 'none runs with this data folder');
  if (use.note === null) return warning('daemon', 'it does not answer yet', 'Try again in a moment.');
  const { url, pid } = use.note;
  try {
    const health = await createClient({ url }).health({ signal: AbortSignal.timeout(ANSWER_MS) });
    return toHealthCheck(String(health.state), typeof health.reason === 'string' ? health.reason : null, url);
  } catch (error) {
    const why = error instanceof BridgeProblem ? error.message : `no answer in ${ANSWER_MS / 1000} s`;
    return problem(
      'daemon',
      `${url}: ${why}`,
      `End process ${pid} and start the daemon again; nothing is lost.`,
    );
  }
}

const remedies: Record<string, string> = {
  starting: 'Try again in a moment.',
  stopping: 'It ends by itself; start it again with: photo-bridge serve',
  read_only: 'It takes no changes until its disk works again: see the checks of disk and rights.',
  safe_mode: 'It renders nothing by itself after several unclean ends. Go on with: photo-bridge resume BATCH',
};

export function toHealthCheck(state: string, reason: string | null, url: string): Check {
  const detail = `${url}, ${state.replace('_', ' ')}${reason === null ? '' : `: ${reason}`}`;
  if (state === 'ready' && reason === null) return ok('daemon', detail);
  const remedy = remedies[state] ?? 'See its log: photo-bridge logs';
  return state === 'read_only' ? problem('daemon', detail, remedy) : warning('daemon', detail, remedy);
}
