import { describe, expect, it } from 'vitest';
import { RequestGate } from '../../../../bridge/operations/captions/request-gate.ts';
import { ServerFault } from '../../../../bridge/operations/captions/server-fault.ts';
import { createTestPace } from './fixture.ts';

const refuse = (retryAfterMs: number | null) => async () => {
  throw new ServerFault('http', 'too many', { status: 429, retryAfterMs });
};

describe('the gate to a server', () => {
  it('lets so many requests through at a time, in order of asking', async () => {
    const gate = new RequestGate(2, { pace: createTestPace() });
    const asked: number[] = [];
    const holds = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    const passes = holds.map((hold, index) =>
      gate.pass(() => {
        asked.push(index);
        return hold.promise;
      }),
    );
    const turn = () => new Promise(setImmediate);
    await turn();
    expect(asked).toEqual([0, 1]);
    holds[1]?.resolve();
    await turn();
    expect(asked).toEqual([0, 1, 2]);
    for (const hold of holds) hold.resolve();
    await Promise.all(passes);
    expect(asked).toEqual([0, 1, 2, 3]);
  });

  it('gives the place of one that failed, or that no longer waits, to the next', async () => {
    const gate = new RequestGate(1, { pace: createTestPace() });
    const hold = Promise.withResolvers<void>();
    const first = gate.pass(() => hold.promise);
    const stop = new AbortController();
    const second = gate.pass(async () => 'second', stop.signal);
    const third = gate.pass(async () => 'third');
    stop.abort(new Error('stopped'));
    await expect(second).rejects.toThrow('stopped');
    hold.reject(new Error('broken'));
    await expect(first).rejects.toThrow('broken');
    expect(await third).toBe('third');
    expect(await gate.pass(async () => 'fourth')).toBe('fourth');
  });

  it('one that is stopped at the very moment it gets its place hands it on', async () => {
    const gate = new RequestGate(1, { pace: createTestPace() });
    const hold = Promise.withResolvers<void>();
    const first = gate.pass(() => hold.promise);
    const stop = new AbortController();
    const second = gate.pass(async () => stop.signal.throwIfAborted(), stop.signal);
    hold.resolve();
    await first;
    stop.abort(new Error('stopped'));
    await second.catch(() => undefined);
    expect(await gate.pass(async () => 'next')).toBe('next');
  });

  it('429 obeyed: when the server asks one to wait, nobody asks before', async () => {
    const pace = createTestPace();
    const gate = new RequestGate(2, { pace });
    await expect(gate.pass(refuse(30_000))).rejects.toThrow('too many');
    const before = pace.now();
    expect(await gate.pass(async () => pace.now() - before)).toBe(30_000);
    expect(pace.delays).toEqual([30_000]);
    await gate.pass(async () => undefined);
    expect(pace.delays).toEqual([30_000]);
  });

  it('a wait that is a refusal for now, or none at all, holds up nobody', async () => {
    const pace = createTestPace();
    const gate = new RequestGate(1, { pace });
    for (const wait of [null, 16 * 60_000]) {
      await expect(gate.pass(refuse(wait))).rejects.toThrow('too many');
      await gate.pass(async () => undefined);
    }
    expect(pace.delays).toEqual([]);
  });
});
