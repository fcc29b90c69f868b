import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../../bridge/log.ts';
import { hideSecrets } from '../../../bridge/logging/hide-secrets.ts';
import { toReadableLine, toTerminalLine } from '../../../bridge/logging/readable-line.ts';
import { createRequestContext, runInRequest } from '../../../bridge/logging/request-context.ts';

/** All that terminals listen to, and what surrounds it. */
const character = fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code));
const warning = {
  level: 40,
  time: '2026-01-01T00:00:00.000Z',
  batch_id: 'batch_0123456789ab',
  request_id: '0123456789abcdef',
  n: 2,
  why: 'two words',
  msg: 'slow',
};

describe('a log line for people', () => {
  it('is plain for a pipe', () => {
    expect(toReadableLine(JSON.stringify(warning))).toBe(
      '2026-01-01T00:00:00.000Z warn  slow batch_id=batch_0123456789ab request_id=0123456789abcdef n=2 why="two words"',
    );
    expect(toReadableLine('no json')).toBe('no json');
  });

  it('is short on a terminal: clock, level, ids by their digits', () => {
    const line = toTerminalLine(JSON.stringify(warning), { isColoured: false });
    expect(line).toMatch(
      /^\d\d:00:00\.000 WARN {2}slow batch=0123456789ab request=0123456789ab n=2 why="two words"$/,
    );
    const coloured = toTerminalLine(JSON.stringify(warning), { isColoured: true });
    expect(coloured).toContain('\u001b[33mWARN \u001b[0m');
    const bare = coloured.split(/\p{Cc}\[[\d;]*m/u).join('');
    expect(bare).toBe(line);
  });

  it('shows the stack of an error below, but of a warning only what it says', () => {
    const err = { type: 'Error', message: 'broke', stack: 'Error: broke\n    at a (b.ts:1:2)' };
    const lines = (level: number) =>
      toTerminalLine(JSON.stringify({ ...warning, level, err }), { isColoured: false }).split('\n');
    expect(lines(50)).toEqual([expect.stringContaining('error=broke'), '    at a (b.ts:1:2)']);
    expect(lines(40)).toEqual([expect.stringContaining('error=broke')]);
  });

  it('lets nothing through that moves a terminal, whatever a file or a client is called', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: character, maxLength: 8 }),
        fc.string({ unit: character, maxLength: 4 }),
        (value, key) => {
          const line = JSON.stringify({
            ...warning,
            msg: value,
            [`x${key}`]: value,
            err: { message: value },
          });
          for (const text of [
            toReadableLine(line),
            toTerminalLine(line, { isColoured: false }),
            toReadableLine(value),
          ])
            expect(text).not.toMatch(/\p{Cc}/u);
        },
      ),
    );
  });
});

describe('secrets in a log line', () => {
  it('are taken out wherever they are', () => {
    const secret = 'SECRET0123456789';
    for (const text of [
      `{"path":"/ws?token=${secret}"}`,
      `{"path":"/ws?a=1&token=${secret}&b=2"}`,
      `{"err":{"message":"fetch https://ann:${secret}@host/x failed"}}`,
      `{"headers":"Authorization: Bearer ${secret}=="}`,
      `{"authorization":"${secret}"}`,
      `{"access_token":"${secret}","x":1}`,
      `{"secret":"whsec_${secret}"}`,
      `{"msg":"signed with whsec_${secret}=="}`,
    ]) {
      const hidden = hideSecrets(text);
      expect(hidden).not.toContain(secret);
      expect(hidden).toContain('(hidden)');
      expect(() => JSON.parse(hidden) as unknown).not.toThrow();
    }
  });

  it('are all that changes: other lines stay as they are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (fields) => {
        fc.pre(!/token|secret|bearer|password|authorization|@/i.test(JSON.stringify(fields)));
        expect(hideSecrets(JSON.stringify(fields))).toBe(JSON.stringify(fields));
      }),
    );
    expect(hideSecrets('{"file":"/photos/my token/a@b.jpg"}')).toBe('{"file":"/photos/my token/a@b.jpg"}');
  });
});

describe('a line of a request', () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLog('info', { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) });

  it('says which, until its answer is out', async () => {
    const context = createRequestContext('mine');
    let goOn = () => {};
    const later = runInRequest(context, async () => {
      log.info('during');
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      log.info('after');
    });
    log.info('elsewhere');
    context.isOver = true;
    goOn();
    await later;
    expect(lines.map(({ msg, request_id }) => [msg, request_id])).toEqual([
      ['during', 'mine'],
      ['elsewhere', undefined],
      ['after', undefined],
    ]);
  });

  it('takes an id of the client only when it is harmless', () => {
    expect(createRequestContext('a.B-1_2').id).toBe('a.B-1_2');
    for (const bad of ['', 'a b', 'a\nb', 'é', 'x'.repeat(65), '"'])
      expect(createRequestContext(bad).id).toMatch(/^[0-9a-f]{16}$/);
  });
});
