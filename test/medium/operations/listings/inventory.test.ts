import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findImage } from '../../../../bridge/operations/listings/images.ts';
import { openInventory } from '../../../../bridge/operations/listings/inventory.ts';
import { header, number, statuses, toLine, write } from './inventory-files.ts';

describe('an inventory on disk', () => {
  it('is saved atomically with a backup of the original, made once', async () => {
    const path = write([toLine('A'), toLine('B')]);
    const original = readFileSync(path);
    chmodSync(path, 0o640);
    const inventory = await openInventory(path);
    for (const [index, row] of inventory.rows.entries()) {
      inventory.setStatus(row, `Posted 2026-11-2${index}`);
      expect(await inventory.save()).toEqual({ ok: true, written: true, missed: [] });
    }
    expect(statuses(path)).toEqual(['Posted 2026-11-20', 'Posted 2026-11-21']);
    expect(readFileSync(`${path}.bak`).equals(original)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(dirname(path)).sort()).toEqual(['images', 'inventory.csv', 'inventory.csv.bak']);
    expect(await inventory.save()).toEqual({ ok: true, written: false, missed: [] });
  });

  it('keeps the backup of before a crash when the batch is resumed, and makes a new one for a new batch', async () => {
    const path = write([toLine('A'), toLine('B')]);
    const original = readFileSync(path);
    const change = async (resumed: boolean, text: string) => {
      const inventory = await openInventory(path, { resumed });
      inventory.setStatus(inventory.rows[0]!, text);
      await inventory.save();
    };
    await change(false, 'Error: 1');
    await change(true, 'Error: 2');
    expect(readFileSync(`${path}.bak`).equals(original)).toBe(true);
    await change(false, 'Error: 3');
    expect(statuses(`${path}.bak`)).toEqual(['Error: 2', '']);
  });

  it('that another program changed is left alone, and nothing is lost', async () => {
    const path = write([toLine('A'), toLine('B')]);
    const inventory = await openInventory(path);
    inventory.setStatus(inventory.rows[1]!, 'Posted 2026-11-22');
    writeFileSync(
      path,
      [header, toLine('NEW'), toLine('B', 'pending'), toLine('A', 'hold'), ''].join('\r\n'),
    );
    const theirs = readFileSync(path);
    expect(await inventory.save()).toMatchObject({ ok: false, reason: 'changed' });
    expect(readFileSync(path).equals(theirs)).toBe(true);
    expect(inventory.unsaved).toBe(1);
    // On demand the statuses go into the changed file, each to its own record.
    expect(await inventory.save({ anyway: true })).toEqual({ ok: true, written: true, missed: [] });
    expect(statuses(path)).toEqual(['', 'Posted 2026-11-22', 'hold']);
    expect(await inventory.save()).toMatchObject({ ok: true, written: false });
  });

  it.each([
    ['Excel', (name: string) => `~$${name}`],
    ['LibreOffice', (name: string) => `.~lock.${name}#`],
  ])(
    'that is open in %s is refused before anything, and kept for later when it is opened meanwhile',
    async (program, toName) => {
      const path = write([toLine('A')]);
      const lock = join(dirname(path), toName('inventory.csv'));
      writeFileSync(lock, '');
      await expect(openInventory(path)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(program),
      });
      rmSync(lock);
      const inventory = await openInventory(path);
      inventory.setStatus(inventory.rows[0]!, 'Posted 2026-11-22');
      writeFileSync(lock, '');
      expect(await inventory.save()).toMatchObject({ ok: false, reason: 'open_elsewhere' });
      expect(statuses(path)).toEqual(['']);
      rmSync(lock);
      expect(await inventory.save()).toMatchObject({ ok: true, written: true });
      expect(statuses(path)).toEqual(['Posted 2026-11-22']);
    },
  );

  it('is found through a link, which stays one', async () => {
    const path = write([toLine('A')]);
    const link = join(dirname(path), 'link.csv');
    symlinkSync(path, link);
    const inventory = await openInventory(link);
    inventory.setStatus(inventory.rows[0]!, 'Posted 2026-11-22');
    await inventory.save();
    expect(statuses(path)).toEqual(['Posted 2026-11-22']);
    expect(realpathSync(link)).toBe(path);
  });

  it('is refused when it is missing, no file, too large or no absolute path', async () => {
    const path = write([toLine('A')]);
    await expect(openInventory(join(dirname(path), 'no.csv'))).rejects.toThrow('does not exist');
    await expect(openInventory(dirname(path))).rejects.toThrow('not a regular file');
    await expect(openInventory('inventory.csv')).rejects.toThrow('absolute');
    truncateSync(path, 50 * 1024 * 1024 + 1);
    await expect(openInventory(path)).rejects.toThrow('50 MB');
  });

  it('with 10,000 rows is saved in bounded memory', async () => {
    const path = write(Array.from({ length: 10_000 }, (_, index) => toLine(number(index))));
    const inventory = await openInventory(path);
    const before = process.memoryUsage().rss;
    for (const [index, row] of inventory.rows.entries()) {
      inventory.setStatus(row, 'Posted 2026-11-22');
      if (index % 2000 === 1999) expect(await inventory.save()).toMatchObject({ ok: true, written: true });
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    expect(statuses(path).every((status) => status === 'Posted 2026-11-22')).toBe(true);
  });
});

describe('the image of a row', () => {
  it('is found in the folder and below it only', async () => {
    const folder = dirname(write([]));
    const images = join(folder, 'images');
    mkdirSync(join(images, 'sub'));
    writeFileSync(join(images, 'sub', 'b.PNG'), 'x');
    writeFileSync(join(folder, 'secret.jpg'), 'x');
    symlinkSync(join(folder, 'secret.jpg'), join(images, 'out.jpg'));
    symlinkSync(join(images, 'a.jpg'), join(images, 'in.jpg'));
    expect(await findImage(images, 'a.jpg')).toEqual({
      filename: 'a.jpg',
      path: join(images, 'a.jpg'),
      type: 'image/jpeg',
    });
    expect(await findImage(images, 'sub/b.PNG')).toMatchObject({ filename: 'b.PNG', type: 'image/png' });
    expect(await findImage(images, 'in.jpg')).toMatchObject({ path: join(images, 'a.jpg') });
    for (const name of [
      'no.jpg',
      '../secret.jpg',
      'sub/../../secret.jpg',
      join(folder, 'secret.jpg'),
      'out.jpg',
      'sub',
      '',
      '.',
      'a.jpg\0',
      '..\\secret.jpg',
    ])
      expect(await findImage(images, name)).toBeNull();
    expect(await findImage(join(folder, 'none'), 'a.jpg')).toBeNull();
  });
});
