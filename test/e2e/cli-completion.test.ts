import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { toCleanEnvironment } from '../../bridge/cli/spawn-daemon.ts';
import { runHere } from '../helpers/cli.ts';
import { self, spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { makePhotos, startHeld } from './support.ts';

const execute = promisify(execFile);
const typeInto = fileURLToPath(new URL('../helpers/type-into.py', import.meta.url));

/** In CI all of them have to be there. */
function hasShell(name: string): boolean {
  try {
    execFileSync(name, ['-c', 'exit 0'], { stdio: 'ignore' });
    return true;
  } catch {
    if (process.env.CI) return true;
    console.log(`skipped: ${name} is not installed`);
    return false;
  }
}

let daemon: TestDaemon;
let folder: string;
let ids: string[];
let env: Record<string, string>;

/** As it is called in the shells: `complete` for real, anything else says what it was called with. */
const program = `#!/bin/sh
if [ "$1" = complete ]; then exec '${self.node}' '${self.entry}' "$@"; fi
printf 'ARGS'; printf '[%s]' "$@"; echo
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'photo-bridge-completion-'));
  daemon = await spawnDaemon();
  await mkdir(join(folder, 'photos'));
  await makePhotos(join(folder, 'photos'), 120);
  ids = [];
  for (let index = 0; index < 2; index += 1) {
    ids.push(await startHeld(daemon.client, join(folder, 'photos'), join(folder, 'out')));
  }
  await daemon.client.batches.pause(ids[0]!);
  await daemon.client.templates.save({ name: "my 'web' look", start: {} });
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'photo-bridge'), program);
  await chmod(join(bin, 'photo-bridge'), 0o755);
  const path = `${bin}${delimiter}${process.env.PATH}`;
  env = {
    ...toCleanEnvironment(process.env),
    PATH: path,
    PHOTO_BRIDGE_URL: daemon.url,
    HOME: folder,
  } as Record<string, string>;
  for (const shell of ['bash', 'zsh', 'fish']) {
    await writeFile(join(folder, `script.${shell}`), (await runHere(['completion', shell])).stdout);
  }
});
afterAll(async () => {
  await daemon.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Words of a line, and what is offered for the last. The newest batch is `last`, too. */
function toTable(): [words: string[], candidates: string[]][] {
  const [paused = '', running = ''] = ids;
  return [
    [['pau'], ['pause']],
    [
      ['photos', ''],
      ['add', 'list', 'help'],
    ],
    [
      ['pause', ''],
      [running, 'last'],
    ],
    [['resume', ''], [paused]],
    [['cancel', running.slice(0, 12)], [running]],
    [
      ['--url', daemon.url, 'cancel', ''],
      [running, paused, 'last'],
    ],
    [['start', '--pre'], ['--preset']],
    [['start', '--preset', 'WhiteL'], ['WhiteLayer_v4']],
    [
      ['start', '--format', ''],
      ['jpeg', 'png', 'webp', 'tiff', 'avif'],
    ],
    [
      ['list', '--status', 'p'],
      ['pending', 'paused'],
    ],
    [['presets', 'show', 'WhiteL'], ['WhiteLayer_v4']],
    [['settings', 'get', 'log.lev'], ['log.level']],
    [['settings', 'set', 'log.lev'], ['log.level=']],
    [['help', 'pau'], ['pause']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish', 'powershell'],
    ],
    [['start', '-o', 'pho'], ['photos']],
    [['bogus', ''], []],
  ];
}

describe.skipIf(!hasShell('bash'))('bash', () => {
  it('offers commands, options, choices and the names the daemon knows', async () => {
    const table = toTable();
    const calls = table.map(
      ([words]) =>
        `COMP_WORDS=(photo-bridge ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _photo_bridge; printf '<%s>' "\${COMPREPLY[@]}"; echo`,
    );
    const script = ['source ./script.bash', ...calls].join('\n');
    const { stdout, stderr } = await execute('bash', ['--norc', '-c', script], { cwd: folder, env });
    expect(stderr).toBe('');
    const lines = stdout.split('\n');
    for (const [at, [words, candidates]] of table.entries()) {
      expect({ words, found: lines[at] }).toEqual({
        words,
        found: candidates.map((each) => `<${each}>`).join('') || '<>',
      });
    }
  });
});

describe.skipIf(!hasShell('fish'))('fish', () => {
  it('offers commands, options, choices and the names the daemon knows', async () => {
    const table = toTable();
    const lines = table.map(([words]) => `complete -C 'photo-bridge ${words.join(' ')}'; echo ---`);
    const script = ['source ./script.fish', ...lines].join('\n');
    const { stdout } = await execute('fish', ['-N', '-c', script], { cwd: folder, env });
    const found = stdout.split('---\n').map((part) =>
      part
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split('\t')[0]?.replace(/\/$/, '')),
    );
    for (const [at, [words, candidates]] of table.entries()) {
      expect({ words, found: found[at]?.sort() }).toEqual({ words, found: [...candidates].sort() });
    }
  });
});

/** Typed by hand on a terminal of its own: what is run in the end. */
const typed = [
  ['photo-bridge pau\t', '[pause]'],
  ['photo-bridge start --preset=WhiteL\t', '[start][--preset=WhiteLayer_v4]'],
  ['photo-bridge start --template my\t', "[start][--template][my 'web' look]"],
  ['photo-bridge start --template "my\t', "[start][--template][my 'web' look]"],
  ['photo-bridge list --status=runn\t', '[list][--status=running]'],
  ['photo-bridge settings set log.lev\tdebug', '[settings][set][log.level=debug]'],
] as const;

async function typeLines(argv: readonly string[], setup: string): Promise<string> {
  const steps = [
    { type: `${setup}; echo REA''DY\r`, until: 'READY' },
    ...typed.map(([line]) => ({ type: `${line}\r`, until: 'ARGS.*\n' })),
    { type: 'exit\r' },
  ];
  const running = execute('python3', [typeInto, ...argv], { cwd: folder, env: { ...env, TERM: 'xterm' } });
  running.child.stdin?.end(JSON.stringify(steps));
  return (await running).stdout;
}

describe.each([
  ['bash', ['bash', '--norc', '--noprofile', '-i'], 'source ./script.bash'],
  ['zsh', ['zsh', '-f', '-i'], 'autoload -Uz compinit; compinit -u -D; source ./script.zsh'],
] as const)('%s on a terminal', (shell, argv, setup) => {
  it.skipIf(!hasShell(shell))(
    'completes what is typed, in quotes and after =, and quotes what needs it',
    async () => {
      const shown = await typeLines(argv, setup);
      const found = [...shown.matchAll(/ARGS(\[.*\])/g)].map(([, args]) => args);
      expect(found).toEqual(typed.map(([, args]) => args));
    },
  );
});

describe('complete', () => {
  it('is silent and ends with 0 where no daemon runs, or answers, or for what it does not know', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    onTestFinished(() => void mute.close());
    const silent = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const nothing = { code: 0, stdout: '', stderr: '' };
    expect(await runHere(['complete', 'batches'], { url: 'http://127.0.0.1:1' })).toMatchObject(nothing);
    expect(await runHere(['complete', 'batches', '--url', silent])).toMatchObject(nothing);
    expect(await runHere(['complete', 'toString'], { url: daemon.url })).toMatchObject(nothing);
    expect(await runHere(['complete'], { url: daemon.url })).toMatchObject(nothing);
  });

  it('asks the daemon that the line is about', async () => {
    const { stdout } = await runHere(
      ['complete', 'paused-batches', 'resume', '--data-dir=x', '--url', daemon.url],
      { url: 'http://127.0.0.1:1' },
    );
    expect(stdout).toMatch(new RegExp(`^${ids[0]}\\tpaused, [0-9.]+ % of 120\\n$`));
  });
});
