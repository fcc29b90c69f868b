import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../../bridge/settings/load.ts';
import { toProblemText } from '../../../bridge/settings/problems.ts';
import { toSettingsReport } from '../../../bridge/settings/report.ts';

const SECRET = `whsec_${Buffer.alloc(24, 5).toString('base64')}`;

function load(file: unknown, env: Record<string, string> = {}) {
  const cwd = mkdtempSync(join(os.tmpdir(), 'pb-secret-'));
  writeFileSync(join(cwd, 'bridge.config.json'), JSON.stringify(file));
  return loadSettings({ flags: {}, env, place: { cwd, env, platform: 'linux', home: cwd } });
}

describe('the setting webhooks.secret', () => {
  it('comes from the file or the environment, and a report only says that it is set', () => {
    for (const loaded of [
      load({ webhooks: { secret: SECRET } }),
      load({}, { PHOTO_BRIDGE_WEBHOOKS_SECRET: SECRET }),
    ]) {
      expect(loaded.ok && loaded.settings.webhooks.secret).toBe(SECRET);
      const report = toSettingsReport(loaded);
      expect(report.ok && report.settings.webhooks).toEqual({ secret: '(set)' });
      expect(JSON.stringify(report)).not.toContain(SECRET.slice(6));
    }
    const mirror = toSettingsReport(load({ content: { mirror_token: 'hidden-word' } }));
    expect(mirror.ok && mirror.settings.content).toEqual({ mirror_token: '(set)' });
    const without = toSettingsReport(load({}));
    expect(without.ok && without.settings.webhooks).toEqual({});
  });

  it.each([
    { webhooks: { secret: 'hidden-word' } },
    { webhooks: { secret: `${SECRET}hidden-word` } },
    { webhooks: 'hidden-word' },
    { webhooks: { secret: ['hidden-word'] } },
    { webhooks: { secrt: 'hidden-word' } },
  ])('is refused as %j without being shown', (file) => {
    const loaded = load(file);
    if (loaded.ok) throw new Error('was accepted');
    const text = loaded.problems.map(toProblemText).join('\n');
    expect(text).toContain('webhooks');
    expect(JSON.stringify([text, loaded.problems, toSettingsReport(loaded)])).not.toContain('hidden-word');
  });
});
