/** Who may reach the daemon: this user's programs without a token, nobody else, and others only as the settings name them. */
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { findPython, hasProgram, leaveOut } from '../helpers/leave-out.ts';
import { askForSocket, askWithCurl, askWithFetch, askWithPython } from './access-clients.ts';
import { createFolder, exchange, makePhotos, postJson, registerPhotos, waitForEnd } from './support.ts';

const canBeNobody = process.platform === 'linux' && process.getuid?.() === 0;
if (!canBeNobody) console.log('skipped: another user of this machine (only root can be one)');

/** An address of this machine that is none of the loopback's. */
function findWideAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? null;
}

describe('programs of this user', () => {
  it('need no token on a daemon as it comes, whatever they are written in', async (context) => {
    if (!(await hasProgram('curl'))) leaveOut(context, 'there is no curl here');
    const { url, port } = await spawnDaemon();
    for (const address of [url, `http://localhost:${port}`, `http://[::1]:${port}`]) {
      expect([address, await askWithFetch(address)]).toEqual([address, '200']);
      expect([address, await askWithCurl(address)]).toEqual([address, '200']);
      expect([address, await askForSocket(`${address}/ws`)]).toEqual([address, '101']);
    }
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    const [greeting] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(greeting.toString())).toMatchObject({ type: 'connection_established' });
    socket.close();
    const python = (await findPython()) ?? leaveOut(context, 'no python3 here has the module requests');
    expect(await askWithPython(python, 'requests', url)).toBe('200');
    expect(await askWithPython(python, 'urllib', url)).toBe('200');
  });
});

describe.runIf(canBeNobody)('another user of this machine', () => {
  it('gets 403 for requests and for the WebSocket, under every address', async () => {
    const { url, port } = await spawnDaemon();
    const asNobody = { asNobody: true };
    for (const address of [url, `http://[::1]:${port}`]) {
      expect(await askWithFetch(address, asNobody)).toBe('403 forbidden_user');
      expect(await askForSocket(`${address}/ws`, asNobody)).toBe('403');
    }
  });

  it('is let in when the setting is off, and then only listed folders may be named', async () => {
    const daemon = await spawnDaemon({ settings: { security: { same_user_only: false } } });
    const asNobody = { asNobody: true };
    expect(await askWithFetch(daemon.url, asNobody)).toBe('200');
    expect(await askForSocket(`${daemon.url}/ws`, asNobody)).toBe('101');
    await expectOnlyListed(daemon);
  });
});

/** A photo outside the library folders is refused. */
async function expectOnlyListed({ url }: TestDaemon): Promise<void> {
  const paths = await makePhotos(await createFolder(), 1);
  const answer = await postJson(`${url}/photos`, { paths });
  expect([answer.status, answer.body.error]).toEqual([
    expect.toBeOneOf([403, 422]),
    expect.stringContaining('library.folders'),
  ]);
}

describe('a bind beyond this machine', () => {
  it('does not start without a token and says which setting to use', async () => {
    await expect(spawnDaemon({ settings: { server: { host: '0.0.0.0' } } })).rejects.toThrow(
      /security\.token_file/,
    );
    await expect(spawnDaemon({ settings: { server: { host: '::' } } })).rejects.toThrow(
      /security\.token_file/,
    );
  });

  it('lets other machines in with the token only, by the names listed, and never writes the token down', async (context) => {
    const address = findWideAddress() ?? leaveOut(context, 'this machine has no address but the loopback');
    const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-access-'));
    const tokenFile = join(folder, 'secrets', 'token');
    const security = { token_file: tokenFile, allowed_hosts: [address] };
    const settings = { server: { host: '0.0.0.0' }, security, log: { level: 'trace' } };
    const daemon = await spawnDaemon({ settings });
    const token = (await readFile(tokenFile, 'utf8')).trim();
    expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
    expect(token.length).toBeGreaterThan(40);
    const url = `http://${address}:${daemon.port}`;
    await expectTokenNeeded(url, token);
    // By a name that is not listed the token does not help.
    const strange = { host: `studio.test:${daemon.port}`, authorization: `Bearer ${token}` };
    expect(await askForSocket(`${url}/ws`, {}, strange)).toBe('421');
    // Programs here need none, at the address that the daemon tells them.
    expect((await exchange(`${daemon.url}/health`)).status).toBe(200);
    await expectOnlyListed(daemon);
    await daemon.stop();
    expect(daemon.stderr).toContain('request admitted');
    for (const part of [token, token.slice(0, 12)]) {
      expect(daemon.stdout + daemon.stderr).not.toContain(part);
      expect(await filesWith(dirname(daemon.dataDir), part)).toEqual([]);
    }
    await rm(folder, { recursive: true });
  });
});

async function expectTokenNeeded(url: string, token: string): Promise<void> {
  const ask = async (headers: Record<string, string>, query = '') =>
    (await exchange(`${url}/batch/list${query}`, { headers })).status;
  expect(await ask({})).toBe(401);
  expect(await ask({ authorization: `Bearer ${token}x` })).toBe(401);
  expect(await ask({ authorization: `Bearer ${token.slice(1)}` })).toBe(401);
  expect(await ask({ authorization: token })).toBe(401);
  expect(await ask({}, `?token=${token}`)).toBe(401);
  expect(await ask({ authorization: `Bearer ${token}` })).toBe(200);
  // Let in, it is a query like any other, and must not end up in the log either.
  expect(await ask({ authorization: `Bearer ${token}` }, `?token=${token}`)).toBe(400);
  const socket = (query: string, headers = {}) => askForSocket(`${url}/ws${query}`, {}, headers);
  expect(await socket('')).toBe('401');
  expect(await socket(`?token=${token}x`)).toBe('401');
  expect(await socket(`?token=${token}`)).toBe('101');
  expect(await socket('', { authorization: `Bearer ${token}` })).toBe('101');
  // Of a page it must be the origin that is named, too.
  expect(await socket(`?token=${token}`, { origin: 'http://evil.test' })).toBe('403');
}

/** Paths of the files below `folder` that contain the text. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(
    paths.map(async (path) => ((await readFile(path, 'latin1')).includes(text) ? [path] : [])),
  );
  return found.flat();
}

describe('a daemon that lets another origin in', () => {
  const origin = 'https://panel.example';

  /** `allowed` holds a photo, and links to the photo and the folder `other` outside. */
  async function createPlaces() {
    const folder = await realpath(await createFolder());
    const [allowed, other, out] = ['allowed', 'other', 'out'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const path of [allowed, other, out]) await mkdir(path);
    const [inside = ''] = await makePhotos(allowed, 1);
    const [outside = ''] = await makePhotos(other, 1, { width: 200 });
    await symlink(outside, join(allowed, 'link.jpg'));
    await symlink(other, join(allowed, 'folder-link'));
    await symlink(other, join(out, 'link'));
    return { allowed, other, out, inside, outside };
  }

  it('reads and writes only inside the listed folders, also through links and for photos known before', async () => {
    const { allowed, other, out, inside, outside } = await createPlaces();
    const open = await spawnDaemon();
    await registerPhotos(open.client, [inside, outside]);
    await open.stop();

    const settings = {
      security: { allowed_origins: [origin], paths: 'any' },
      library: { folders: [allowed] },
      output: { folders: [out] },
    };
    const daemon = await spawnDaemon({ settings, dataDir: open.dataDir });
    const bodies = [
      { paths: [outside] },
      { paths: [join(allowed, 'link.jpg')] },
      { paths: [join(allowed, 'folder-link', 'photo-01.jpg')] },
      { paths: [join(allowed, '..', 'other', 'photo-01.jpg')] },
      { folder: other },
      { folder: join(allowed, 'folder-link') },
    ];
    for (const body of bodies) {
      const answer = await postJson(`${daemon.url}/photos`, body);
      expect([body, answer.status]).toEqual([body, 422]);
    }
    for (const folder of [
      other,
      join(out, 'link'),
      join(out, 'link', 'new'),
      join(out, '..', 'other'),
      '/etc',
    ]) {
      const config = { output: { folder } };
      const answer = await postJson(`${daemon.url}/batch/start`, { photo_ids: [1], config });
      expect([folder, answer.status]).toEqual([folder, expect.toBeOneOf([403, 422])]);
    }
    expect((await exchange(`${daemon.url}/photos/2/thumbnail`)).status).toBe(403);

    const { batch_id } = await daemon.client.batches.start({
      photo_ids: [1, 2],
      config: { output: { folder: join(out, 'new') } },
    });
    const { processed_count, failed_count } = await waitForEnd(daemon.client, batch_id);
    expect({ processed_count, failed_count }).toEqual({ processed_count: 1, failed_count: 1 });
    expect(await readdir(join(out, 'new'))).toHaveLength(1);
    expect(await readdir(other)).toEqual(['photo-01.jpg']);
  });

  it('takes its token from the header, gives it to no other origin, and keeps it in a private file', async () => {
    const daemon = await spawnDaemon({ settings: { security: { allowed_origins: [origin] } } });
    const file = join(daemon.dataDir, 'token');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const token = (await readFile(file, 'utf8')).trim();
    const ask = (headers: Record<string, string>) => fetch(`${daemon.url}/batch/list`, { headers });
    const good = await ask({ origin, authorization: `Bearer ${token}` });
    expect([good.status, good.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
    const bare = await ask({ origin });
    expect([bare.status, bare.headers.get('access-control-allow-origin')]).toEqual([401, null]);
    for (const other of ['https://panel.example.evil.test', 'http://panel.example', 'null', '']) {
      const answer = await ask({ origin: other, authorization: `Bearer ${token}` });
      expect([other, answer.status]).toEqual([other, 403]);
    }
    const socket = (query: string) => askForSocket(`${daemon.url}/ws${query}`, {}, { origin });
    expect([await socket(''), await socket(`?token=${token}`)]).toEqual(['401', '101']);
  });

  it('does not start with a token that is too short to be one', async () => {
    const folder = await createFolder();
    const token_file = join(folder, 'token');
    await writeFile(token_file, 'short\n');
    await expect(spawnDaemon({ settings: { security: { token_file } } })).rejects.toThrow(/shorter than 16/);
  });
});
