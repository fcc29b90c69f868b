import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { secretSettings } from '../../../bridge/contract/index.ts';
import { settingPaths } from '../../../bridge/settings/setting-paths.ts';
import { toSettingsTable, withSettingsTable } from '../../../bridge/settings/settings-table.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('what is published of the settings', () => {
  it('is in the README as the code has it (npm run docs:settings)', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    expect(withSettingsTable(readme)).toBe(readme);
  });

  it('has a row and words for every setting', () => {
    const table = toSettingsTable();
    for (const { key, path, description } of settingPaths) {
      expect(table).toContain(`| \`${path.slice(0, 2).join('.')}\``);
      expect([key, description]).not.toEqual([key, '']);
    }
    expect(table.split('\n').filter((line) => line.startsWith('| `')).length).toBe(
      new Set(settingPaths.map(({ path }) => path.slice(0, 2).join('.'))).size,
    );
  });

  it('marks every secret, everything that lets others in, and everything that is read only at the start', () => {
    const keys = (is: (path: (typeof settingPaths)[number]) => boolean) =>
      settingPaths.filter(is).map(({ key }) => key);
    expect(keys(({ isSecret }) => isSecret).sort()).toEqual([...secretSettings].sort());
    const guarded = keys(({ isGuarded }) => isGuarded);
    const mustBe =
      /^(security\.|limits\.|server\.host$|data_dir$|library\.folders$|output\.folders$|webhooks\.secret$)/;
    for (const { key } of settingPaths) if (mustBe.test(key)) expect(guarded).toContain(key);
    for (const key of secretSettings) expect(guarded).toContain(key);
    const late = new Set(keys(({ needsRestart }) => needsRestart));
    for (const key of ['server.port', 'server.host', 'data_dir', 'security.token_file', 'executor.threads'])
      expect(late).toContain(key);
    // What is taken away from others is taken away at once.
    for (const key of [
      'security.allowed_origins',
      'security.allowed_hosts',
      'security.same_user_only',
      'security.paths',
    ])
      expect(late).not.toContain(key);
  });
});
