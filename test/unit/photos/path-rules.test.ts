import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../bridge/contract/index.ts';
import { toPathRules } from '../../../bridge/photos/path-rules.ts';

const rulesOf = (settings: object) => toPathRules(settingsSchema.parse(settings), '/data');

describe('path rules', () => {
  it('are open by default, with the data folder’s own library and outputs listed', () => {
    expect(rulesOf({})).toEqual({
      mode: 'any',
      sourceFolders: ['/data/photos'],
      outputFolders: ['/data/outputs'],
    });
    const named = rulesOf({ library: { folders: ['/a'] }, output: { folders: ['/b'] } });
    expect(named).toMatchObject({ sourceFolders: ['/a'], outputFolders: ['/b', '/data/outputs'] });
  });

  it.each([
    [{ security: { paths: 'listed' } }],
    [{ security: { allowed_origins: ['https://x.example'] } }],
    [{ security: { allowed_hosts: ['studio.local'] } }],
    [{ security: { same_user_only: false } }],
    [{ server: { host: '0.0.0.0' } }],
    [{ server: { host: '::' } }],
    [{ server: { host: '127.0.0.1.example.org' } }],
  ])('are limited to listed folders with %o, whatever else is set', (settings) => {
    expect(rulesOf(settings).mode).toBe('listed');
  });

  it.each(['localhost', '127.0.0.1', '127.1.2.3', '::1', 'LocalHost'])('stay open on %s', (host) => {
    expect(rulesOf({ server: { host } }).mode).toBe('any');
  });
});
