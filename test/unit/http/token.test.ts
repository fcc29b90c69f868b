import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../bridge/contract/index.ts';
import { checkToken, loadToken } from '../../../bridge/http/token.ts';

const security = (value: object) => settingsSchema.parse({ security: value }).security;

describe('the token', () => {
  it('is made once, private, and only when a setting asks for it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-token-'));
    expect(await loadToken(security({}), folder)).toBeNull();
    const asked = security({ allowed_origins: ['https://panel.example'] });
    const token = await loadToken(asked, folder);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await loadToken(asked, folder)).toBe(token);
    expect((await stat(join(folder, 'token'))).mode & 0o777).toBe(0o600);
    expect((await readFile(join(folder, 'token'), 'utf8')).trim()).toBe(token);
  });

  it('is refused when it is too short to be one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-token-'));
    await writeFile(join(folder, 'mine'), 'short\n');
    await expect(loadToken(security({ token_file: join(folder, 'mine') }), folder)).rejects.toThrow(
      'shorter than',
    );
  });

  it('is taken as a Bearer header, and in the address only for a WebSocket', () => {
    const claim = { authorization: undefined, target: '/ws?token=secret', isUpgrade: true };
    expect(checkToken('secret', claim)).toBeNull();
    expect(checkToken('secret', { ...claim, isUpgrade: false })?.code).toBe('unauthorized');
    expect(checkToken('secret', { ...claim, target: '/ws', authorization: 'bearer secret' })).toBeNull();
    for (const authorization of ['Bearer secre', 'Bearer secret2', 'Basic secret', 'Bearer', '', undefined]) {
      expect(checkToken('secret', { authorization, target: '/', isUpgrade: true })?.code).toBe(
        'unauthorized',
      );
    }
    expect(checkToken(null, { authorization: 'Bearer null', target: '/', isUpgrade: false })?.code).toBe(
      'unauthorized',
    );
  });

  it('is compared by digests in constant time, and in no other way', () => {
    const source = readFileSync(new URL('../../../bridge/http/token.ts', import.meta.url), 'utf8');
    expect(source).toContain('return timingSafeEqual(digest(a), digest(b));');
    expect(source).toContain('isEqual(token, given)');
    expect(source).not.toMatch(/given\s*[!=]==|[!=]==\s*given|token\s*[!=]==(?! null)|[!=]==\s*token/);
  });
});
