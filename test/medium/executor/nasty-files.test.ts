/** Files that are no photos, or photos made or changed to do harm, through the real render host: each fails by itself, the host stays. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevelopTask, settingsSchema } from '../../../bridge/contract/index.ts';
import { createLocalExecutor, type LocalExecutor } from '../../../bridge/executor/local-executor.ts';
import { createLog } from '../../../bridge/log.ts';
import { makeImage } from '../../helpers/images.ts';
import { developTask } from '../../helpers/tasks.ts';

let folder = '';
let executor: LocalExecutor;
let item = 0;
let pid: number | null = null;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pb-nasty-'));
  const settings = settingsSchema.parse({ executor: { threads: 2 } }).executor;
  executor = createLocalExecutor({ settings, log: createLog('silent') });
  const good = join(folder, 'good.jpg');
  await writeFile(good, await makeImage());
  expect((await develop(good)).ok).toBe(true);
  pid = executor.pid();
});
afterAll(async () => {
  await executor.close();
  await rm(folder, { recursive: true, force: true });
});

async function develop(path: string, limits: Partial<DevelopTask['limits']> = {}) {
  const end = await executor.develop(developTask({ path, folder, item: item++, limits }), {});
  if (end.kind !== 'outcome') throw new Error(JSON.stringify(end));
  return end.outcome;
}

/** The host is the same and has not grown by more than a small photo's worth. */
function expectHostUnharmed(): void {
  expect(executor.restarts).toBe(0);
  expect(executor.pid()).toBe(pid);
  expect(executor.hostRssBytes() ?? 0).toBeLessThan(900e6);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const BOMB_BYTES = 128 * 2 ** 20;

/** Grey, of zeros; `extra` goes before the pixels. `isWhole: false`: the pixels are left out. */
function makePng(width: number, height: number, { extra = [] as Buffer[], isWhole = true } = {}): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const pixels = deflateSync(Buffer.alloc(isWhole ? (width + 1) * height : 10));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    ...extra,
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A header that claims a picture of that size, and next to nothing behind it. */
function makeTiff(width: number, height: number): Buffer {
  const tags: [tag: number, type: number, value: number][] = [
    [256, 4, width],
    [257, 4, height],
    [258, 3, 8],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 200],
    [277, 3, 1],
    [278, 4, height],
    [279, 4, 16],
  ];
  const out = Buffer.alloc(256);
  out.write('II*\0', 0, 'latin1');
  out.writeUInt32LE(8, 4);
  out.writeUInt16LE(tags.length, 8);
  tags.forEach(([tag, type, value], index) => {
    const at = 10 + index * 12;
    out.writeUInt16LE(tag, at);
    out.writeUInt16LE(type, at + 2);
    out.writeUInt32LE(1, at + 4);
    if (type === 3) out.writeUInt16LE(value, at + 8);
    else out.writeUInt32LE(value, at + 8);
  });
  return out;
}

function makeWebp(width: number, height: number): Buffer {
  const out = Buffer.alloc(64);
  out.write('RIFF', 0, 'latin1');
  out.writeUInt32LE(56, 4);
  out.write('WEBPVP8X', 8, 'latin1');
  out.writeUInt32LE(10, 16);
  out.writeUIntLE(width - 1, 24, 3);
  out.writeUIntLE(height - 1, 27, 3);
  return out;
}

describe.runIf(process.platform === 'linux')('what is no file', () => {
  it('fails as unreadable: a FIFO, a socket, a device behind a link, a folder', async () => {
    const place = (name: string) => join(folder, name);
    execFileSync('mkfifo', [place('fifo.jpg')]);
    await symlink('/dev/zero', place('zero.jpg'));
    await mkdir(place('folder.jpg'));
    const server = createServer().listen(place('socket.jpg'));
    await once(server, 'listening');
    try {
      for (const name of ['fifo.jpg', 'zero.jpg', 'folder.jpg', 'socket.jpg']) {
        expect(await develop(place(name)), name).toMatchObject({
          ok: false,
          failure: { code: 'source_unreadable' },
        });
      }
    } finally {
      server.close();
    }
    expectHostUnharmed();
  });
});

describe('a bomb', () => {
  it.each([
    ['of 900 megapixels of zeros', makePng(30_000, 30_000, { isWhole: false }), 'png', ['source_too_large']],
    ['that is a TIFF header', makeTiff(60_000, 60_000), 'tif', ['source_too_large', 'damaged_image']],
    ['that is a WebP header', makeWebp(16_384, 16_384), 'webp', ['source_too_large', 'damaged_image']],
    [
      'that is a GIF header',
      Buffer.from('GIF89a\xff\xff\xff\xff\x00\x00\x00;', 'latin1'),
      'gif',
      ['unsupported_format'],
    ],
  ] as const)('%s fails before it is decoded', async (name, bytes, extension, codes) => {
    const path = join(folder, `bomb-${item}.${extension}`);
    await writeFile(path, bytes);
    const outcome = await develop(path);
    expect(outcome.ok, name).toBe(false);
    if (!outcome.ok) expect(codes).toContain(outcome.failure.code);
    expectHostUnharmed();
  });

  it('in a colour profile or a text of a PNG does not take the memory it unpacks to', async () => {
    const bomb = deflateSync(Buffer.alloc(BOMB_BYTES));
    const name = Buffer.from('x\0\0', 'latin1');
    for (const type of ['iCCP', 'zTXt']) {
      const path = join(folder, `bomb-${type}.png`);
      await writeFile(path, makePng(64, 48, { extra: [chunk(type, Buffer.concat([name, bomb]))] }));
      const outcome = await develop(path);
      // The picture itself is good: with or without it, never a crash.
      if (!outcome.ok) expect(outcome.failure.code).toBe('damaged_image');
      expectHostUnharmed();
    }
  });
});

describe('a file above the limit', () => {
  it('fails by its size, also when it grows while it is looked at', async () => {
    const path = join(folder, 'growing.jpg');
    const bytes = await makeImage({ width: 1200, height: 900 });
    await writeFile(path, bytes);
    const descriptor = openSync(path, 'r+');
    const growing = setInterval(
      () => ftruncateSync(descriptor, bytes.length + Math.ceil(Math.random() * 4e6)),
      1,
    );
    try {
      for (let round = 0; round < 10; round += 1) {
        const outcome = await develop(path, { max_bytes: bytes.length + 1e6 });
        if (!outcome.ok) expect(['source_too_large', 'source_changed']).toContain(outcome.failure.code);
      }
    } finally {
      clearInterval(growing);
      closeSync(descriptor);
    }
    expectHostUnharmed();
  });
});

describe('a photo that is written while it is read', () => {
  it('is whole or fails: never a half one for a whole one, and the host does not die of it', async () => {
    const path = join(folder, 'unsteady.jpg');
    const bytes = await makeImage({ width: 900, height: 600 });
    await writeFile(path, bytes);
    const whole = await develop(path);
    const reference = whole.ok ? whole.output?.sha256 : undefined;
    const descriptor = openSync(path, 'r+');
    const half = Math.floor(bytes.length / 2);
    let turn = 0;
    const writing = setInterval(() => {
      turn += 1;
      if (turn % 3 === 0) ftruncateSync(descriptor, half);
      else if (turn % 3 === 1) ftruncateSync(descriptor, bytes.length);
      else writeSync(descriptor, bytes, half, bytes.length - half, half);
    }, 3);
    const seen: Record<string, number> = {};
    try {
      for (let round = 0; round < 8; round += 1) {
        for (const outcome of await Promise.all([develop(path), develop(path)])) {
          const code = outcome.ok ? 'whole' : outcome.failure.code;
          seen[code] = (seen[code] ?? 0) + 1;
          if (!outcome.ok) continue;
          expect(outcome.output?.sha256).toBe(reference);
          const file = readFileSync(outcome.output?.path ?? '');
          expect(createHash('sha256').update(file).digest('hex')).toBe(reference);
        }
      }
    } finally {
      clearInterval(writing);
      closeSync(descriptor);
    }
    const known = ['whole', 'source_changed', 'damaged_image'];
    expect(Object.keys(seen).filter((code) => !known.includes(code))).toEqual([]);
    expect(Object.keys(seen).some((code) => code !== 'whole')).toBe(true);
    expectHostUnharmed();
  });
});
