import { describe, expect, it } from 'vitest';
import { type HostDeath, toDeathCause } from '../../../bridge/executor/host-death.ts';

const death = (changes: Partial<HostDeath>) =>
  toDeathCause({
    code: null,
    signal: null,
    said: '',
    wasShortOfMemory: false,
    platform: 'linux',
    ...changes,
  });

describe('the cause of a host death', () => {
  it.each(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE'] as const)('is a crash after %s', (signal) => {
    expect(death({ signal })).toBe('crash');
    expect(death({ signal, wasShortOfMemory: true })).toBe('crash');
  });

  it('is a crash after any exit, for a host never ends by itself', () => {
    for (const code of [0, 1, 134, 255]) expect(death({ code })).toBe('crash');
    expect(death({ code: 0xc0000005, platform: 'win32' })).toBe('crash');
  });

  it('is a kill when nothing but SIGKILL or another request to end is known', () => {
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGQUIT'] as const) expect(death({ signal })).toBe('kill');
    expect(death({ code: 1, platform: 'win32' })).toBe('kill');
  });

  it('is memory when SIGKILL met a host short of it, or the host said so', () => {
    expect(death({ signal: 'SIGKILL', wasShortOfMemory: true })).toBe('memory');
    expect(death({ signal: 'SIGTERM', wasShortOfMemory: true })).toBe('kill');
    expect(death({ signal: 'SIGABRT', said: 'FATAL ERROR: JavaScript heap out of memory' })).toBe('memory');
    expect(death({ signal: 'SIGABRT', said: "terminate after throwing 'std::bad_alloc'" })).toBe('memory');
  });
});
