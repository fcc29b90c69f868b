import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { toBatchExitCode } from '../../../bridge/cli/exit-codes.ts';
import { runHere } from '../../helpers/cli.ts';
import { createStatus } from '../../helpers/statuses.ts';
import { startStubDaemon } from '../../helpers/stub-daemon.ts';

const BATCH = 'batch_0123456789ab';
const started = { message: 'Batch processing started', batch_id: BATCH, photo_count: 2 };
const DEAD = 'http://127.0.0.1:1';

describe('requests', () => {
  it('start sends ids, config and idempotency key', async () => {
    const { url, asked } = await startStubDaemon({ 'POST /batch/start': { body: started } });
    const run = await runHere(
      ['start', '1', '2', '--preset', 'WhiteLayer_v4', '--blend', '60', '--idempotency-key', 'k1'],
      { url },
    );
    expect(run).toMatchObject({ code: 0, stdout: `Batch started: ${BATCH} (2 photos)\n` });
    expect(asked).toMatchObject([
      {
        body: { photo_ids: [1, 2], config: { preset: 'WhiteLayer_v4', blend: 60 } },
        headers: { 'idempotency-key': 'k1' },
      },
    ]);
  });

  it('start registers what is mixed, in order, and starts with the ids', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'photo-bridge-cli-'));
    onTestFinished(() => rm(cwd, { recursive: true }));
    await writeFile(join(cwd, 'a.jpg'), '');
    const { url, asked } = await startStubDaemon({
      'POST /photos': ({ body }) => ({
        body: { photos: [{ photo_id: 'folder' in (body as object) ? 30 : 20, path: '' }], added_count: 1 },
      }),
      'POST /batch/start': { body: started },
    });
    const run = await runHere(['start', '5', 'a.jpg', '.'], { url, cwd });
    expect(run.code).toBe(0);
    expect(asked.map(({ body }) => body)).toEqual([
      { paths: [join(cwd, 'a.jpg')] },
      { folder: cwd },
      { photo_ids: [5, 20, 30] },
    ]);
  });

  it.each([
    [['pause', BATCH], `POST /batch/${BATCH}/pause`, undefined],
    [['pause', BATCH, '--hard'], `POST /batch/${BATCH}/pause`, { mode: 'hard' }],
    [['resume', '0123456789ab'], `POST /batch/${BATCH}/resume`, undefined],
    [['cancel', BATCH], `POST /batch/${BATCH}/cancel`, undefined],
    [
      ['retry', BATCH, '--codes', 'timeout, internal'],
      `POST /batch/${BATCH}/retry-failed`,
      { codes: ['timeout', 'internal'] },
    ],
    [['priority', BATCH, '9'], `POST /batch/${BATCH}/priority`, { priority: 9 }],
  ])('%j asks the right route', async (args, route, body) => {
    const { url, asked } = await startStubDaemon({
      [route]: { body: { batch_id: BATCH, status: 'running' } },
    });
    const run = await runHere(args, { url });
    expect(run).toMatchObject({ code: 0, stdout: `${BATCH} running\n` });
    expect(asked).toMatchObject([{ route, body }]);
  });

  it('knows the newest batch as `last`', async () => {
    const { url, asked } = await startStubDaemon({
      'GET /batch/list?limit=1': { body: { batches: [createStatus()], count: 1 } },
      [`POST /batch/${BATCH}/cancel`]: { body: { batch_id: BATCH, status: 'cancelled' } },
    });
    expect((await runHere(['cancel', 'last'], { url })).code).toBe(0);
    expect(asked).toHaveLength(2);
  });

  it('cleanup without options leaves the age to the daemon', async () => {
    const answer = { message: 'Batch cleanup completed', cleaned_count: 1, days_old: 7 };
    const { url, asked } = await startStubDaemon({ 'POST /batch/cleanup': { body: answer } });
    expect((await runHere(['cleanup'], { url })).stdout).toContain(
      'Cleaned up 1 finished batch older than 7 days',
    );
    expect(asked[0]?.body).toEqual({});
  });

  it('serve hands its flags to the process, nothing else', async () => {
    const run = await runHere(['serve', '--port', '0', '--data-dir', '/d', '--log-level', 'warn']);
    expect(run).toMatchObject({ code: 0, served: [{ port: 0, dataDir: '/d', logLevel: 'warn' }] });
  });
});

describe('output', () => {
  it('--json prints the answer itself, wherever the flag stands', async () => {
    const body = { batches: [createStatus()], count: 1 };
    const { url } = await startStubDaemon({ 'GET /batch/list?limit=20': { body } });
    for (const args of [
      ['list', '--json'],
      ['--json', 'list'],
    ]) {
      expect(JSON.parse((await runHere(args, { url })).stdout)).toEqual(body);
    }
  });

  it('watch prints one line a change without a terminal, a bar with one, JSON lines when asked', async () => {
    const first = createStatus({ processed_count: 50, progress_percent: 50, seq: 5 });
    const last = createStatus({ status: 'completed', processed_count: 100, progress_percent: 100, seq: 6 });
    const answers = {
      [`GET /batch/${BATCH}/status`]: { body: first },
      [`GET /batch/${BATCH}/status?wait_s=25&since=5`]: { body: last },
    };
    const { url } = await startStubDaemon(answers);
    const lines = await runHere(['watch', BATCH], { url });
    expect(lines.stdout.split('\n')).toEqual([
      `${BATCH}  running  50/100  50 %`,
      `${BATCH}  100/100  100 %  completed`,
      `${BATCH} completed. 100 photos processed.`,
      '',
    ]);
    const json = await runHere(['watch', BATCH, '--json'], { url });
    expect(
      json.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).seq),
    ).toEqual([5, 6]);
    const live = await runHere(['watch', BATCH], { url, tty: true, env: { NO_COLOR: '1' } });
    expect(live.stdout).toContain('\r████████████████████░');
  });

  it('watch interrupted by Ctrl-C says that the batch goes on and ends with 130', async () => {
    let interrupt = () => {};
    const { url } = await startStubDaemon({
      [`GET /batch/${BATCH}/status`]: () => {
        interrupt();
        return { body: createStatus() };
      },
    });
    const run = await runHere(['watch', BATCH], { url, onStart: (press) => (interrupt = press) });
    expect(run).toMatchObject({ code: 130, stderr: expect.stringContaining('The batch goes on') });
  });
});

describe('exit codes', () => {
  it.each([
    ['start', '1', '--watch'],
    ['retry', BATCH, '--watch'],
    ['watch', BATCH],
    ['logs', BATCH, '-f'],
    ['mirror', 'retry'],
  ])('130 for Ctrl-C in the middle of: %s %s %s', async (...args) => {
    let interrupt = () => {};
    const pressed = () => {
      // After this answer has been given.
      setImmediate(() => interrupt());
      return { body: createStatus() };
    };
    const { url } = await startStubDaemon({
      'POST /batch/start': { body: started },
      [`POST /batch/${BATCH}/retry-failed`]: { body: createStatus() },
      [`GET /batch/${BATCH}/status`]: pressed,
      [`GET /batch/${BATCH}/status?wait_s=25&since=1`]: pressed,
      [`GET /batch/${BATCH}/log?since=0`]: { body: { lines: [] } },
      'POST /mirror/retry': () => {
        interrupt();
        return { body: {} };
      },
    });
    const words = args.filter((word) => word !== undefined);
    for (const flags of [[], ['--json']]) {
      const run = await runHere([...words, ...flags], { url, onStart: (press) => (interrupt = press) });
      expect(run.code).toBe(130);
      if (flags.length > 0) for (const line of run.stderr.split('\n').slice(0, -1)) JSON.parse(line);
    }
  });

  it('4 for `last` when there is no batch, 4 and the nearest for a batch that is not there', async () => {
    const { url } = await startStubDaemon({
      'GET /batch/list?limit=1': { body: { batches: [], count: 0 } },
      'GET /batch/list?limit=1000': { body: { batches: [createStatus()], count: 1 } },
    });
    const none = await runHere(['pause', 'last'], { url });
    expect(none).toMatchObject({ code: 4, stderr: expect.stringContaining('There is no batch yet') });
    const near = await runHere(['pause', 'batch_0123456789ac'], { url });
    expect(near).toMatchObject({ code: 4, stderr: expect.stringContaining(`Did you mean ${BATCH}?`) });
    const json = await runHere(['status', 'batch_0123456789ac', '--json'], { url });
    expect(JSON.parse(json.stderr).advice).toContain(`Did you mean ${BATCH}?`);
  });

  it('2 and how to call it right, for a wrong call', async () => {
    for (const args of [
      ['strat'],
      ['start'],
      ['start', '1', '--blend', '101'],
      ['pause', BATCH, '--for', 'soon'],
    ]) {
      const run = await runHere(args, { url: DEAD });
      expect(run).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('error:') });
    }
    expect((await runHere(['strat'])).stderr).toContain('Did you mean start?');
  });

  it('0 for help and version', async () => {
    expect(await runHere(['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('serve') });
    expect(await runHere(['start', '--help'])).toMatchObject({ code: 0 });
    expect(await runHere(['--version'])).toMatchObject({ code: 0, stdout: '9.9.9\n' });
  });

  it('3 and how to start the daemon, when none answers', async () => {
    const run = await runHere(['list'], { url: DEAD });
    expect(run).toMatchObject({ code: 3, stderr: expect.stringContaining('photo-bridge serve') });
  });

  it('4 for a batch that is not there, with the problem as JSON when asked', async () => {
    const { url } = await startStubDaemon({});
    const run = await runHere(['show', 'batch_ffffffffffff', '--json'], { url });
    expect(run).toMatchObject({ code: 4, stdout: '' });
    expect(JSON.parse(run.stderr)).toMatchObject({ status: 404, code: 'batch_not_found' });
  });

  it('5 and what is possible, for the wrong state', async () => {
    const { url } = await startStubDaemon({
      [`POST /batch/${BATCH}/pause`]: {
        status: 409,
        body: { code: 'illegal_transition', detail: 'Failed to pause batch', allowed_actions: ['cancel'] },
      },
    });
    const run = await runHere(['pause', BATCH], { url });
    expect(run).toMatchObject({ code: 5, stderr: 'error: Failed to pause batch\nPossible now: cancel.\n' });
  });

  it.each([
    [{ status: 'completed', processed_count: 100 }, 0],
    [{ status: 'completed', processed_count: 99, failed_count: 1 }, 6],
    [{ status: 'failed', failed_count: 100 }, 7],
    [{ status: 'failed', error: 'The preset is gone' }, 1],
    [{ status: 'cancelled', processed_count: 50 }, 1],
  ] as const)('of a batch that ended as %j: %i', (changes, code) => {
    expect(toBatchExitCode(createStatus(changes))).toBe(code);
  });
});

describe('finding the daemon', () => {
  it('prefers the flag, then the environment, then runtime.json of the data folder', async () => {
    const answers = { 'GET /presets': { body: { presets: [] } } };
    const daemons = await Promise.all([1, 2, 3].map(() => startStubDaemon(answers)));
    const [byFlag, byEnvironment, byFile] = daemons;
    const dataDir = await mkdtemp(join(tmpdir(), 'photo-bridge-cli-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    await writeFile(join(dataDir, 'runtime.json'), JSON.stringify({ pid: 1, url: byFile?.url }));
    const counts = () => daemons.map(({ asked }) => asked.length);

    await runHere(['presets', 'list', '--url', byFlag!.url], { url: byEnvironment!.url, dataDir });
    expect(counts()).toEqual([1, 0, 0]);
    await runHere(['presets', 'list'], { url: byEnvironment!.url, dataDir });
    expect(counts()).toEqual([1, 1, 0]);
    await runHere(['presets', 'list'], { dataDir });
    expect(counts()).toEqual([1, 1, 1]);
  });
});
