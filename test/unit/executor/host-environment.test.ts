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

  it.each([
    'PHOTO_BRIDGE_SECURITY_TOKEN_FILE',
    'PHOTO_BRIDGE_PORT',
    'AWS_SECRET_ACCESS_KEY',
    'GITHUB_TOKEN',
    'SSH_AUTH_SOCK',
    'LD_PRELOAD',
    'DYLD_INSERT_LIBRARIES',
    'NODE_EXTRA_CA_CERTS',
    'npm_config__auth',
  ])('does not hand on %s', (name) => {
    vi.stubEnv(name, 'secret');
    expect(Object.keys(hostEnvironment(2))).not.toContain(name);
  });

  it.each(['PATH', 'Path', 'HOME', 'TMPDIR', 'LC_ALL', 'TZ', 'SystemRoot', 'LD_LIBRARY_PATH'])(
    'hands on %s, which programs need',
    (name) => {
      vi.stubEnv(name, 'needed');
      expect(hostEnvironment(2)[name]).toBe('needed');
    },
  );

  it('has the loaders that libvips itself does not trust switched off, whatever the user says', () => {
    vi.stubEnv('VIPS_BLOCK_UNTRUSTED', '');
    expect(hostEnvironment(2).VIPS_BLOCK_UNTRUSTED).toBe('1');
  });
});
