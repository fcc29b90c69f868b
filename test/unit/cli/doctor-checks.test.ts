import { describe, expect, it } from 'vitest';
import { toClockCheck, toZoneCheck } from '../../../bridge/cli/doctor/clock-checks.ts';
import { toHealthCheck, toLockCheck, toPortCheck } from '../../../bridge/cli/doctor/daemon-checks.ts';
import { findVersion, toEngineCheck } from '../../../bridge/cli/doctor/engine-checks.ts';
import { toPrivacyCheck, toRightsCheck } from '../../../bridge/cli/doctor/folder-checks.ts';
import {
  parseOpenFiles,
  parseQuota,
  toCoresCheck,
  toMemoryCheck,
  toOpenFilesCheck,
} from '../../../bridge/cli/doctor/machine-checks.ts';
import {
  findFileSystem,
  parseMounts,
  toPlaceCheck,
  toSyncClient,
} from '../../../bridge/cli/doctor/place-check.ts';
import { toNodeCheck, toSharpChecks } from '../../../bridge/cli/doctor/program-checks.ts';
import { toInodeCheck, toSpaceCheck } from '../../../bridge/cli/doctor/space-checks.ts';

const NOTE = { pid: 7, port: 5100, url: 'http://127.0.0.1:5100', version: '1.0.0', started_at: '' };
const USE = { lock: 'held', lockPid: 7, note: NOTE, isNotePidAlive: true } as const;

describe('the program', () => {
  it.each([
    ['24.21.0', '>=22.18', 'ok'],
    ['22.18.0', '>=22.18', 'ok'],
    ['22.17.9', '>=22.18', 'problem'],
    ['9.99.0', '>=22.18', 'problem'],
    ['24.0.0', '', 'warning'],
  ])('Node %s against %j is %s', (running, required, status) => {
    expect(toNodeCheck(running, required, '/node').status).toBe(status);
  });

  it('sharp is a problem when its process crashes, hangs, says nothing or fails with one format', () => {
    const formats = { jpeg: 'ok', avif: 'no encoder' };
    const stdout = JSON.stringify({ sharp: '1', libvips: '2', formats });
    expect(toSharpChecks({ kind: 'killed', signal: 'SIGSEGV', stderr: '' })[0]?.detail).toContain('SIGSEGV');
    expect(toSharpChecks({ kind: 'timeout' })[0]?.status).toBe('problem');
    expect(toSharpChecks({ kind: 'ended', code: 0, stdout: '', stderr: '' })[0]?.status).toBe('problem');
    const stderr = 'x\nError: Could not load the "sharp" module\n';
    expect(toSharpChecks({ kind: 'ended', code: 1, stdout, stderr })[0]?.detail).toContain('Could not load');
    expect(toSharpChecks({ kind: 'ended', code: 0, stdout, stderr: '' })[0]?.detail).toContain(
      'avif: no encoder',
    );
  });
});

describe('the data folder', () => {
  it.each([
    ['/home/a/Dropbox/pb', 'Dropbox'],
    ['/home/a/Dropbox (Studio)/pb', 'Dropbox'],
    ['C:\\Users\\a\\OneDrive - Studio\\pb', 'OneDrive'],
    ['/Users/a/Library/Mobile Documents/com~apple~CloudDocs/pb', 'iCloud'],
    ['/Users/a/Library/CloudStorage/GoogleDrive-a@b.c/pb', 'a cloud drive'],
    ['/home/a/dropboxes/pb', null],
    ['/home/a/my driveway/pb', null],
  ])('%s is in the folder of %s', (path, client) => {
    expect(toSyncClient(path)).toBe(client);
  });

  it('is found on the deepest mount, whose name may hold blanks, not on one that only begins alike', () => {
    const mounts = parseMounts(
      'a / ext4 rw 0 0\nb /mnt/my\\040share nfs4 rw 0 0\nc /mnt/my\\040share2 btrfs rw 0 0\n',
    );
    expect(findFileSystem('/mnt/my share/pb', mounts)).toBe('nfs4');
    expect(findFileSystem('/mnt/my share2', mounts)).toBe('btrfs');
    expect(findFileSystem('/mnt/my sharex', mounts)).toBe('ext4');
  });

  it.each(['nfs4', 'cifs', 'smb3', 'fuse.sshfs', 'fuse.mergerfs', 'tmpfs', '9p'])(
    'on %s is a warning',
    (type) => {
      expect(toPlaceCheck('/pb', null, type).status).toBe('warning');
    },
  );

  it.each(['ext4', 'btrfs', 'fuseblk', 'overlay', null])('on %s is ok', (type) => {
    expect(toPlaceCheck('/pb', null, type).status).toBe('ok');
  });

  it('that others may write in, or that is another user’s, is a problem; that others may read in, a warning', () => {
    const privacy = (mode: number, open: string[], uid = 1) =>
      toPrivacyCheck({ folder: '/a b', look: { uid, mode }, uid: 1, open });
    expect(privacy(0o700, [])).toMatchObject({ status: 'ok' });
    expect(privacy(0o755, [])).toMatchObject({ status: 'ok' });
    expect(privacy(0o755, ['journal'])).toMatchObject({ status: 'warning', remedy: "Run: chmod 700 '/a b'" });
    expect(privacy(0o777, [])).toMatchObject({ status: 'problem' });
    expect(privacy(0o700, [], 2)).toMatchObject({ status: 'problem' });
  });

  it('without hard links names what to look for', () => {
    expect(toRightsCheck('rights', '/a', { failed: { step: 'hard link', code: 'EPERM' } }).remedy).toContain(
      'ext4',
    );
    expect(toRightsCheck('rights', '/a', { failed: { step: 'write', code: 'EROFS' } }).remedy).toContain(
      'read-only',
    );
  });
});

describe('the daemon', () => {
  it.each([
    [USE, 'ok', 'process 7, port 5100, version 1.0.0'],
    [{ ...USE, note: { ...NOTE, version: '0.9.0' } }, 'warning', 'version 0.9.0'],
    [{ ...USE, note: null }, 'warning', 'process 7, which is starting or ending'],
    [{ ...USE, lockPid: 8 }, 'warning', 'process 8, which is starting or ending'],
    [{ ...USE, lock: 'free' as const }, 'warning', 'was killed'],
    [{ ...USE, lock: 'free' as const, note: null }, 'ok', 'free'],
  ])('lock %#', (use, status, detail) => {
    const check = toLockCheck(use, '1.0.0');
    expect(check.status).toBe(status);
    expect(check.detail).toContain(detail);
  });

  it('port: taken is a problem for who wants to start, a warning while ours runs elsewhere', () => {
    const port = { port: 5200, use: { kind: 'other' as const }, running: null };
    expect(toPortCheck(port)).toMatchObject({
      status: 'problem',
      remedy: expect.stringContaining('server.port'),
    });
    expect(toPortCheck({ ...port, running: NOTE })).toMatchObject({ status: 'warning' });
    expect(toPortCheck({ port: 5100, use: null, running: NOTE })).toMatchObject({
      status: 'ok',
      detail: '5100, ours',
    });
    expect(toPortCheck({ ...port, use: { kind: 'bridge', version: '3.0' } }).detail).toContain(
      'Photo Bridge 3.0',
    );
    expect(
      toPortCheck({ port: 80, use: { kind: 'refused', code: 'EACCES' }, running: null }).remedy,
    ).toContain('1024');
  });

  it.each([
    ['ready', null, 'ok'],
    ['safe_mode', 'three unclean ends', 'warning'],
    ['read_only', 'the disk is full', 'problem'],
    ['stopping', null, 'warning'],
  ])('in state %s (%s) is %s', (state, reason, status) => {
    expect(toHealthCheck(state, reason, 'http://x').status).toBe(status);
  });
});

describe('the machine', () => {
  it.each([
    [50e6, 'problem'],
    [500e6, 'warning'],
    [5e9, 'ok'],
  ])('%d bytes free are %s', (freeBytes, status) => {
    const volume = { folder: '/a', freeBytes, totalBytes: 10e9, freeInodes: 0, totalInodes: 0 };
    expect(toSpaceCheck(volume).status).toBe(status);
    expect(toInodeCheck(volume).status).toBe('ok');
    expect(toInodeCheck({ ...volume, totalInodes: 1e6 }).status).toBe('problem');
  });

  it('memory, cores, open files', () => {
    expect([8e9, 8e8, 2e8].map((bytes) => toMemoryCheck(bytes, 16e9, 0).status)).toEqual([
      'ok',
      'warning',
      'problem',
    ]);
    expect([parseQuota('150000 100000'), parseQuota('max 100000'), parseQuota('-1 100000')]).toEqual([
      1.5,
      null,
      null,
    ]);
    expect([toCoresCheck(4, 8, 1.5).status, toCoresCheck(1, 8, 0.5).status]).toEqual(['ok', 'warning']);
    const limits =
      'Limit   Soft Limit  Hard Limit  Units\nMax open files            1024                 4096    files\n';
    expect([parseOpenFiles(limits), parseOpenFiles('')]).toEqual([1024, null]);
    expect([64, 1024, 8192, Infinity].map((limit) => toOpenFilesCheck(limit).status)).toEqual([
      'problem',
      'warning',
      'ok',
      'ok',
    ]);
  });

  it('a clock before the installation is a problem, one before the newest state a warning', () => {
    const hour = 3600_000;
    const clock = { nowMs: 100 * hour, installedMs: 10 * hour, newestStateMs: 100 * hour };
    expect(toClockCheck(clock).status).toBe('ok');
    expect(toClockCheck({ ...clock, newestStateMs: 103 * hour })).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('3 h 00 min'),
    });
    expect(toClockCheck({ ...clock, installedMs: 101 * hour }).status).toBe('problem');
    expect(toZoneCheck({ TZ: 'Europe/Berlin' }, 'Europe/Berlin').status).toBe('ok');
    expect(toZoneCheck({ TZ: 'Nowhere/Land' }, 'UTC').status).toBe('warning');
  });

  it('engines tell their version in their own ways', () => {
    expect(findVersion('this is darktable 4.2.1\ncopyright (c) 2009')).toBe('4.2.1');
    expect(findVersion('RawTherapee, version 5.9, command line.')).toBe('5.9');
    expect(findVersion('13.59\n')).toBe('13.59');
    expect(findVersion('no such thing')).toBeNull();
    expect(toEngineCheck('x', '/x', { kind: 'timeout' }).status).toBe('warning');
  });
});
