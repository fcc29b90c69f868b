import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { toOutline } from '../../../bridge/cli/completion/outline.ts';
import { loadScript, shells } from '../../../bridge/cli/completion/script.ts';
import { widthOf } from '../../../bridge/cli/text-width.ts';
import { problemSchema } from '../../../bridge/contract/index.ts';
import { runHere } from '../../helpers/cli.ts';
import { calls, findLeaves, walkTree } from '../../helpers/cli-calls.ts';

const DEAD = 'http://127.0.0.1:1';
const nodes = walkTree();
const leaves = findLeaves();
const groups = nodes.filter(({ command }) => command.commands.length > 0);
const daemonCommands = Object.entries(calls).flatMap(([path, { args, needsDaemon }]) =>
  needsDaemon ? [{ path, args: [...path.split(' '), ...args] }] : [],
);

/** The one document on stderr. */
function parseProblem(stderr: string) {
  expect(stderr.endsWith('\n')).toBe(true);
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  return problemSchema.parse(JSON.parse(lines[0]!));
}

it('the calls of these tests are of all commands there are', () => {
  expect(Object.keys(calls).sort()).toEqual(leaves.map(({ path }) => path).sort());
});

describe('help', () => {
  it.each(nodes.map(({ path }) => path))(
    'of "%s" says what everything is, within 80 columns',
    async (path) => {
      const run = await runHere([...path.split(' ').filter(Boolean), '--help']);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      for (const line of run.stdout.split('\n')) expect(widthOf(line), line).toBeLessThanOrEqual(80);
      const { command } = nodes.find((node) => node.path === path)!;
      expect(command.description()).not.toBe('');
      const unexplained = [
        ...command.options.filter(({ description }) => !description).map(({ flags }) => flags),
        ...command.registeredArguments.filter(({ description }) => !description).map((each) => each.name()),
      ];
      expect(unexplained).toEqual([]);
    },
  );

  it('is as wide as the terminal, and says how JSON and exit codes are meant', async () => {
    const { stdout } = await runHere(['--help'], { tty: true, env: { NO_COLOR: '1' } });
    expect(stdout).toContain('problem');
    for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 130]) expect(stdout).toMatch(new RegExp(`\\b${code} \\w`));
    expect(stdout).not.toContain('\u001b');
  });
});

describe('a wrong call ends with 2', () => {
  it.each(leaves.map(({ path }) => path))('of "%s"', async (path) => {
    const words = path.split(' ');
    const called = [...words, ...calls[path]!.args, '--no-such-option'];
    const plain = await runHere(called, { url: DEAD });
    expect(plain).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--no-such-option') });
    const json = await runHere(['--json', ...called], { url: DEAD });
    expect(json).toMatchObject({ code: 2, stdout: '', served: [] });
    expect(parseProblem(json.stderr)).toMatchObject({
      code: 'usage',
      exit_code: 2,
      error: expect.stringContaining('--no-such-option'),
    });
    const { command } = leaves.find((leaf) => leaf.path === path)!;
    if (!command.registeredArguments.some(({ required }) => required)) return;
    const missing = await runHere([...words, '--json'], { url: DEAD });
    expect({ code: missing.code, stdout: missing.stdout }).toEqual({ code: 2, stdout: '' });
    parseProblem(missing.stderr);
  });

  it.each(groups.map(({ path }) => path))('of "%s" without a command', async (path) => {
    const words = path.split(' ').filter(Boolean);
    expect(await runHere(words)).toMatchObject({ code: 2, stdout: '' });
    const json = await runHere([...words, '--json']);
    expect(json).toMatchObject({ code: 2, stdout: '' });
    expect(parseProblem(json.stderr)).toMatchObject({ code: 'usage', exit_code: 2 });
  });

  it.each(nodes.filter(({ path }) => path !== '').map(({ path }) => path))(
    'of "%s" with a slip of the finger, and names what was meant',
    async (path) => {
      const words = path.split(' ');
      const last = words.pop()!;
      const run = await runHere([...words, last.slice(0, -1) + 'x'.concat(last.slice(-1))], { url: DEAD });
      expect(run).toMatchObject({ code: 2, stderr: expect.stringMatching(/Did you mean/) });
    },
  );

  it('of a choice that is none, and names the nearest', async () => {
    const run = await runHere(['list', '--status', 'runing'], { url: DEAD });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('--status must be one of pending, running');
    expect(run.stderr).toContain('did you mean "running"?');
    expect((await runHere(['completion', 'zhs'])).stderr).toContain('did you mean "zsh"');
  });
});

describe('without a daemon', () => {
  it.each(daemonCommands)('$path ends with 3 and says where it looked', async ({ path, args }) => {
    const cwd = process.cwd();
    const flag = path.startsWith('settings') ? ['--url', DEAD] : [];
    const plain = await runHere([...args, ...flag], { url: DEAD, cwd });
    expect(plain).toMatchObject({ code: 3, stdout: '' });
    expect(plain.stderr).toContain('photo-bridge serve');
    expect(plain.stderr).toMatch(/is what (PHOTO_BRIDGE_URL|--url) says/);
    const json = await runHere([...args, ...flag, '--json'], { url: DEAD, cwd });
    expect(json).toMatchObject({ code: 3, stdout: '' });
    expect(parseProblem(json.stderr)).toMatchObject({ code: 'unreachable', exit_code: 3 });
  });

  it('names the runtime.json of a daemon that has gone', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'photo-bridge-cli-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    const note = join(dataDir, 'runtime.json');
    await writeFile(note, JSON.stringify({ pid: 1, url: DEAD }));
    const run = await runHere(['list'], { dataDir });
    expect(run).toMatchObject({ code: 3, stderr: expect.stringContaining(`${DEAD} is what ${note} says`) });
  });
});

describe('a refusal of the daemon', () => {
  let status = 404;
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ status, code: 'refused', title: 'Refused', detail: 'No.', error: 'No.' }));
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  const situations = [
    [404, 4],
    [409, 5],
    [422, 1],
    [507, 1],
  ] as const;
  const table = daemonCommands.flatMap((each) => situations.map(([http, exit]) => ({ ...each, http, exit })));
  it.each(table)('$http ends $path with $exit', async ({ path, args, http, exit }) => {
    status = http;
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const flag = path.startsWith('settings') ? ['--url', url] : [];
    const run = await runHere([...args, ...flag, '--json'], { url, cwd: process.cwd() });
    expect(run).toMatchObject({ code: exit, stdout: '' });
    expect(parseProblem(run.stderr)).toMatchObject({ status: http, error: 'No.', exit_code: exit });
  });
});

describe('completion scripts', () => {
  const outline = toOutline(nodes[0]!.command);

  it('are about every command, and no command that is not there', () => {
    const known = nodes.filter(({ path }) => path !== 'help').map(({ path }) => path);
    const listed = outline.map(({ path }) => path).filter((path) => !/(^| )help$/.test(path));
    expect(listed.sort()).toEqual(known.sort());
    for (const { path, command } of nodes) {
      const options = outline.find((each) => each.path === path)!.options.flatMap(({ names }) => names);
      for (const { long } of command.options) expect(options).toContain(long);
    }
  });

  it.each(shells)('for %s names every command and every option', (shell) => {
    const script = loadScript(shell, outline);
    for (const { path, options, commands } of outline) {
      expect(script).toContain(path);
      for (const { names } of options) for (const name of names) expect(script).toContain(name);
      for (const { name } of commands) expect(script).toContain(name);
    }
  });
});
