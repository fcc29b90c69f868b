/** The process between a render thread and a developing program: nothing outlives whoever wanted the picture. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../../../workers/engines/programs/run-program.ts';

const supervisor = fileURLToPath(
  new URL('../../../../workers/engines/programs/supervisor.ts', import.meta.url),
);
const root = mkdtempSync(join(tmpdir(), 'pb-supervisor-'));
afterAll(() => rm(root, { recursive: true, force: true }));

let made = 0;
function workFolder(): string {
  const folder = join(root, String(++made));
  mkdirSync(folder);
  return folder;
}

/** Starts a child of its own, notes both process ids, and would never end. */
const stubborn = `
  process.on('SIGTERM', () => {});
  const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  require('node:fs').writeFileSync(process.argv[1], process.pid + ' ' + child.pid);
  console.log('at work');
  setInterval(() => {}, 1000);
`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A killed one that nobody has waited for is still listed.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 20));
}

const pidsIn = (path: string) => readFileSync(path, 'utf8').split(' ').map(Number);
const slots = () => new Int32Array(new SharedArrayBuffer(4));
const onWait = () => undefined;

describe('a developing program', () => {
  it('runs without a shell, in the folder, with no settings of the user', async () => {
    const folder = workFolder();
    const script = 'console.log(JSON.stringify([process.argv.slice(1), process.cwd(), process.env.HOME]))';
    const end = await runProgram({
      program: process.execPath,
      args: ['-e', script, '$HOME; echo `id` "quoted"'],
      folder,
      deadlineMs: 20_000,
      slots: slots(),
      onWait,
    });
    expect(end).toMatchObject({ kind: 'ended', code: 0 });
    expect(JSON.parse(end.said)).toEqual([['$HOME; echo `id` "quoted"'], folder, folder]);
    expect(existsSync(folder)).toBe(true);
  });

  it('tells of a program that is not there', async () => {
    const run = { program: '/nowhere/program', args: [], folder: workFolder(), deadlineMs: 20_000 };
    const end = await runProgram({ ...run, slots: slots(), onWait });
    expect(end).toMatchObject({ kind: 'not-started', said: expect.stringContaining('ENOENT') });
  });

  it('is killed at its deadline with all it has started', async () => {
    const folder = workFolder();
    const pids = join(root, 'late');
    const args = ['-e', stubborn, pids];
    const run = { program: process.execPath, args, folder, deadlineMs: 1500, slots: slots(), onWait };
    expect(await runProgram(run)).toMatchObject({ kind: 'timeout' });
    for (const pid of pidsIn(pids)) await until(() => !isAlive(pid));
  });

  it('is killed, and its folder removed, when whoever wanted the picture is killed', async () => {
    const folder = workFolder();
    writeFileSync(join(folder, 'photo.nef'), 'x');
    const pids = join(root, 'orphans');
    const run = [supervisor, folder, '60000', process.execPath, '-e', stubborn, pids];
    // In the place of the render host: starts the supervisor, lets it begin, and lives on until it is killed.
    const starter = `
      const child = require('node:child_process').spawn(process.execPath, ${JSON.stringify(run)}, { stdio: ['pipe', 'ignore', 'ignore'] });
      child.stdin.write('go\\n');
      setInterval(() => {}, 1000);
    `;
    const host = spawn(process.execPath, ['-e', starter], { stdio: 'ignore' });
    await until(() => existsSync(pids) && pidsIn(pids).length === 2);
    const programs = pidsIn(pids);
    expect(programs.every(isAlive)).toBe(true);
    host.kill('SIGKILL');
    await once(host, 'exit');
    for (const pid of programs) await until(() => !isAlive(pid));
    await until(() => !existsSync(folder));
  });
});
