/** Runs a daemon under strace: what it called on which file, and faults at the k-th call on one file. Knows no batch. */
import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type SpawnedDaemon, spawnServe } from '../../bridge/cli/spawn-daemon.ts';
import { toTestEnvironment } from '../helpers/environment.ts';

/** The calls with which Node (libuv) opens, changes and syncs files. */
export const FILE_CALLS = [
  ...['openat', 'write', 'writev', 'pwrite64', 'pwritev', 'fdatasync', 'fsync', 'ftruncate'],
  ...['rename', 'renameat', 'renameat2', 'link', 'linkat', 'unlink', 'unlinkat', 'mkdir', 'mkdirat'],
] as const;

const onDescriptor: ReadonlySet<string> = new Set(
  ['write', 'writev', 'pwrite64', 'pwritev', 'fdatasync', 'fsync', 'ftruncate'], // as `fsync(24</path>)`
);

export type TracedCall = {
  tid: number;
  call: string;
  /** Of a call on two names: the first. Empty when it has none. */
  path: string;
  /** The line from the call's name on. */
  text: string;
};

/** `when` as in strace's `inject=…:when=`: counted per thread over the calls that the tracing lets through. */
export type Injection = { calls: readonly string[]; fault: string; when?: string };

export type TraceOptions = {
  /** Where trace and script go. */
  folder: string;
  /** Name of both, in that folder. */
  name: string;
  args: readonly string[];
  env?: Record<string, string>;
  calls: readonly string[];
  /** Only calls on these very files and folders are traced, counted and hit. Absent: all. */
  paths?: readonly string[];
  inject?: readonly Injection[];
  /** Bytes of data shown. */
  shown?: number;
};

const entry = fileURLToPath(new URL('../../bridge/main.ts', import.meta.url));

/** Null when strace can inject faults here, else why not. With the environment's CI set it must. */
export async function missingStrace(): Promise<string | null> {
  const args = ['-o', '/dev/null', '-e', 'trace=getpid', '-e', 'inject=getpid:retval=7', 'true'];
  try {
    await promisify(execFile)('strace', args);
    return null;
  } catch (error) {
    if (process.env.CI) throw new Error('strace must work where CI is set', { cause: error });
    return 'strace is missing or may not trace';
  }
}

/**
 * The daemon keeps its own process id and exit; for the caller it has ended when its render host and strace are gone as
 * well. Rejects when it ends before it is ready.
 */
export async function spawnTraced(options: TraceOptions): Promise<SpawnedDaemon> {
  const { folder, name, args, env } = options;
  const trace = traceFile(options);
  const script = join(folder, `${name}.sh`);
  // `-I 2`: a SIGTERM makes it let go of the daemon.
  const command = [
    'strace',
    '-D',
    '-I',
    '2',
    '-f',
    '-y',
    '-o',
    trace,
    ...straceFlags(options),
    process.execPath,
    entry,
  ];
  await writeFile(script, `exec ${command.map(quote).join(' ')} "$@"\n`);
  await chmod(script, 0o700);
  return spawnServe({
    self: { node: '/bin/sh', entry: script },
    args,
    env: { ...toTestEnvironment(), ...env },
    cwd: folder,
  });
}

/** Whole once the daemon has ended. */
export function readTrace(options: Pick<TraceOptions, 'folder' | 'name'>): Promise<string> {
  return readFile(traceFile(options), 'utf8').catch(() => '');
}

function traceFile({ folder, name }: Pick<TraceOptions, 'folder' | 'name'>): string {
  return join(folder, `${name}.trace`);
}

function straceFlags({ calls, paths = [], inject = [], shown }: TraceOptions): string[] {
  const faults = inject.map(({ calls: hit, fault, when }) => {
    return `inject=${hit.join(',')}:${fault}${when === undefined ? '' : `:when=${when}`}`;
  });
  return [
    ...(shown === undefined ? [] : ['-s', String(shown)]),
    ...['-e', `trace=${calls.join(',')}`],
    ...paths.flatMap((path) => ['-P', path]),
    ...faults.flatMap((fault) => ['-e', fault]),
  ];
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** In order of their beginning. */
export function parseTrace(trace: string): TracedCall[] {
  const calls: TracedCall[] = [];
  for (const line of trace.split('\n')) {
    const match = /^(\d+)\s+(?:[\d.]+\s+)?((\w+)\(.*)$/.exec(line);
    if (match === null) continue;
    const [, tid = '', text = '', call = ''] = match;
    const path = onDescriptor.has(call) ? /^\w+\(\d+<([^>]*)>/.exec(text)?.[1] : /"([^"]*)"/.exec(text)?.[1];
    calls.push({ tid: Number(tid), call, path: path ?? '', text });
  }
  return calls;
}

/** Calls in whose place an error, a delay or a kill came. */
export function countFired(trace: string): number {
  return trace.match(/\((?:INJECTED|DELAYED)\)$| = \?$/gm)?.length ?? 0;
}
