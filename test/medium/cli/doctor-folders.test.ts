/** What `doctor` says of folders on drives that refuse: read-only, full, out of names, without hard links. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkEngines } from '../../../bridge/cli/doctor/engine-checks.ts';
import { checkDataFolder, checkOutputFolder } from '../../../bridge/cli/doctor/folder-checks.ts';
import { probeFolder } from '../../../bridge/cli/doctor/folder-probe.ts';
import { findQuarantined, findTempFiles, findWrittenFolders } from '../../../bridge/cli/doctor/left-overs.ts';
import { readVolumes, toInodeCheck, toSpaceCheck } from '../../../bridge/cli/doctor/space-checks.ts';
import { findProgram } from '../../../bridge/cli/find-program.ts';
import type { CliHost } from '../../../bridge/cli/host.ts';

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A small drive in memory; null, and a line, where this machine lets nobody mount one. */
async function mountDrive(options: string): Promise<string | null> {
  const folder = await createFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder], { stdio: 'ignore' });
  } catch {
    console.log('skipped: drives of their own (mounting is not allowed here)');
    return null;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

const user = { name: 'x', uid: process.getuid?.() ?? null, home: '/' };

describe('folders', () => {
  it('that work leave nothing behind', async () => {
    const folder = await createFolder();
    expect((await checkDataFolder(folder, user)).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
    expect(await checkOutputFolder(folder)).toMatchObject({ status: 'ok' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('that are not there yet are not made by looking', async () => {
    const folder = join(await createFolder(), 'a', 'b');
    expect(await checkDataFolder(folder, user)).toMatchObject([{ status: 'ok' }]);
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });

  it('that are files are a problem', async () => {
    const file = join(await createFolder(), 'file');
    await writeFile(file, '');
    expect(await checkDataFolder(file, user)).toMatchObject([{ status: 'problem' }]);
    expect(await checkDataFolder(join(file, 'below'), user)).toMatchObject([{ status: 'problem' }]);
  });

  it('on a read-only drive are a problem', async () => {
    const folder = await mountDrive('ro');
    if (folder === null) return;
    expect((await probeFolder(folder)).failed).toEqual({ step: 'write', code: 'EROFS' });
    expect(await checkOutputFolder(folder)).toMatchObject({ status: 'problem' });
  });

  it('on a small and crowded drive are a problem twice', async () => {
    const folder = await mountDrive('size=20m,nr_inodes=200');
    if (folder === null) return;
    const [volume] = await readVolumes([folder, join(folder, 'not there')]);
    expect(volume).toBeDefined();
    if (volume === undefined) return;
    expect([toSpaceCheck(volume).status, toInodeCheck(volume).status]).toEqual(['problem', 'problem']);
  });

  it('with leftovers are counted; fresh ones of a running daemon are not', async () => {
    const folder = await createFolder();
    await mkdir(join(folder, 'outputs', 'batch_1'), { recursive: true });
    await mkdir(join(folder, 'quarantine'));
    await writeFile(join(folder, 'outputs', 'batch_1', '.pb-b-1-1.tmp'), '');
    await writeFile(join(folder, 'outputs', 'batch_1', 'a.tmp.jpg'), '');
    await writeFile(join(folder, 'quarantine', 'x.json.damaged'), '');
    await writeFile(join(folder, 'quarantine', 'x.json.damaged.reason.txt'), '');
    const folders = await findWrittenFolders(folder, []);
    expect((await findTempFiles(folders, false)).count).toBe(1);
    expect((await findTempFiles(folders, true)).count).toBe(0);
    expect((await findQuarantined(folder)).count).toBe(1);
  });
});

describe('other programs', () => {
  async function createProgram(script: string): Promise<CliHost> {
    const folder = await createFolder();
    await writeFile(join(folder, 'darktable-cli'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return {
      env: { PATH: `${folder}:/usr/bin:/bin`, HOME: folder },
      platform: 'linux',
    } as unknown as CliHost;
  }

  it('are asked for their version and leave nothing in the home', async () => {
    const host = await createProgram('mkdir -p "$HOME/.config/made"; echo "this is darktable 4.2.1"');
    const [darktable] = await checkEngines(host);
    expect(darktable).toMatchObject({ status: 'ok', detail: expect.stringContaining('4.2.1') });
    expect(await readdir(String(host.env.HOME))).toEqual(['darktable-cli']);
  });

  it('that hang are given up', async () => {
    const [darktable] = await checkEngines(await createProgram('exec sleep 60'));
    expect(darktable).toMatchObject({ status: 'warning', detail: expect.stringContaining('no answer') });
  });

  it('are looked for in absolute folders only, and must be programs', async () => {
    const folder = await createFolder();
    await writeFile(join(folder, 'tool'), '', { mode: 0o644 });
    await mkdir(join(folder, 'sub', 'tool'), { recursive: true });
    const find = (PATH: string) => findProgram({ name: 'tool', env: { PATH }, platform: 'linux' });
    expect(await find(`${folder}:${folder}/sub:.`)).toBeNull();
    await writeFile(join(folder, 'sub', 'real'), '', { mode: 0o755 });
    await symlink(join(folder, 'sub', 'real'), join(folder, 'link'));
    expect(await findProgram({ name: 'link', env: { PATH: folder }, platform: 'linux' })).toBe(
      join(folder, 'link'),
    );
  });
});
