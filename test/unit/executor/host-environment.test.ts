import { afterEach, describe, expect, it, vi } from 'vitest';
import { hostEnvironment } from '../../../bridge/executor/spawn-host.ts';

describe("the host's environment", () => {
  afterEach(() => void vi.unstubAllEnvs());

  it('gives every thread and the file work a place in the pool', () => {
    expect(hostEnvironment(3).UV_THREADPOOL_SIZE).toBe('7');
  });

  it('leaves allocator settings of the user alone', () => {
    vi.stubEnv('MALLOC_ARENA_MAX', '5');
    expect(hostEnvironment(2).MALLOC_ARENA_MAX).toBe('5');
  });

  it("does not hand on the daemon's Node options", () => {
    vi.stubEnv('NODE_OPTIONS', '--inspect');
    expect(hostEnvironment(2).NODE_OPTIONS).toBe('');
  });
});
