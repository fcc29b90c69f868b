import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../../bridge/log.ts';
import { createSleepInhibitor, type SleepInhibitor } from '../../../bridge/resources/sleep-inhibitor.ts';
import { isRunning } from '../../helpers/processes.ts';

/** Writes its process id and what it was asked, then runs the program it was given, as the real one does. */
const FAKE = `#!/bin/sh
echo "$$ $*" >> "$LIFE"
exec cat
`;
const ownerScript = fileURLToPath(new URL('./inhibitor-owner.ts', import.meta.url));
const held: SleepInhibitor[] = [];

afterEach(() => {
  for (const one of held.splice(0)) one.close();
});

type Lines = { pid: number; asked: string }[];

function createFake(text = FAKE) {
  const folder = mkdtempSync(join(tmpdir(), 'photo-bridge-inhibitor-'));
  const life = join(folder, 'life');
  writeFileSync(join(folder, 'systemd-inhibit'), text, { mode: 0o755 });
  const env = { ...process.env, PATH: [folder, '/usr/bin', '/bin'].join(delimiter), LIFE: life };
  const lives = (): Lines =>
    (existsSync(life) ? readFileSync(life, 'utf8') : '')
      .split('\n')
      .filter(Boolean)
      .map((line) => ({ pid: Number.parseInt(line, 10), asked: line.replace(/^\d+ /, '') }));
  return { env, lives };
}

function createInhibitor(env: NodeJS.ProcessEnv, times: { lingerMs?: number; retryMs?: number } = {}) {
  const lines: Record<string, unknown>[] = [];
  const log = createLog('debug', {
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  const inhibitor = createSleepInhibitor({ isAllowed: true, log, env, lingerMs: 20, ...times });
  held.push(inhibitor);
  return { inhibitor, lines };
}

const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 10 });

describe.skipIf(process.platform !== 'linux')('the sleep inhibitor', () => {
  it('runs while work is wanted and ends a while after the last of it', async () => {
    const { env, lives } = createFake();
    const { inhibitor, lines } = createInhibitor(env);
    expect(lives()).toEqual([]);
    inhibitor.setWanted(true);
    await eventually(() => expect(lives()).toHaveLength(1));
    expect(lives()[0]?.asked).toContain('--what=sleep:idle --who=Photo Bridge');
    inhibitor.setWanted(false);
    await eventually(() => expect(isRunning(lives()[0]?.pid ?? 0)).toBe(false));
    expect(lines).toEqual([]);
  });

  it('starts one program however often work begins and ends', async () => {
    const { env, lives } = createFake();
    const { inhibitor } = createInhibitor(env, { lingerMs: 60_000 });
    for (let turn = 0; turn < 1000; turn += 1) inhibitor.setWanted(turn % 2 === 0);
    inhibitor.setWanted(true);
    await eventually(() => expect(lives()).toHaveLength(1));
    const [{ pid } = { pid: 0 }] = lives();
    inhibitor.setWanted(false);
    inhibitor.setWanted(true);
    expect(isRunning(pid)).toBe(true);
    inhibitor.close();
    await eventually(() => expect(isRunning(pid)).toBe(false));
    expect(lives()).toHaveLength(1);
  });

  it('ends when the program that wanted it is killed', async () => {
    const { env, lives } = createFake();
    const owner = spawn(process.execPath, [ownerScript], { env, stdio: 'inherit' });
    await eventually(() => expect(lives()).toHaveLength(1));
    const [{ pid } = { pid: 0 }] = lives();
    expect(isRunning(pid)).toBe(true);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    await eventually(() => expect(isRunning(pid)).toBe(false));
  });

  it('goes and comes with its setting', async () => {
    const { env, lives } = createFake();
    const { inhibitor } = createInhibitor(env, { lingerMs: 60_000 });
    inhibitor.setAllowed(false);
    inhibitor.setWanted(true);
    inhibitor.setAllowed(true);
    await eventually(() => expect(lives()).toHaveLength(1));
    inhibitor.setAllowed(false);
    await eventually(() => expect(isRunning(lives()[0]?.pid ?? 0)).toBe(false));
    inhibitor.setAllowed(true);
    await eventually(() => expect(lives()).toHaveLength(2));
  });

  it('says once that there is no such program, and does not look again for a while', async () => {
    const { env, lives } = createFake();
    const { inhibitor, lines } = createInhibitor({ ...env, PATH: '/nowhere' });
    inhibitor.setWanted(true);
    await eventually(() => expect(lines).toHaveLength(1));
    expect(lines[0]).toMatchObject({ level: 20, program: 'systemd-inhibit' });
    expect(lines[0]?.reason).toContain('ENOENT');
    for (let turn = 0; turn < 100; turn += 1) inhibitor.setWanted(turn % 2 === 0);
    // What was started now would have failed by then.
    await once(spawn('/bin/true'), 'close');
    expect(lines).toHaveLength(1);
    expect(lives()).toEqual([]);
  });

  it('says why a program failed, and tries again later while work goes on', async () => {
    const { env, lives } = createFake(
      '#!/bin/sh\necho "$$ $*" >> "$LIFE"\necho "Failed to connect to bus" >&2\nexit 1\n',
    );
    const { inhibitor, lines } = createInhibitor(env, { retryMs: 50 });
    inhibitor.setWanted(true);
    await eventually(() => expect(lives().length).toBeGreaterThan(2));
    inhibitor.setWanted(false);
    expect(lines[0]).toMatchObject({ level: 20, reason: 'Failed to connect to bus' });
    expect(lines.length).toBeLessThanOrEqual(lives().length);
  });
});
