import { existsSync, mkdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventDraft } from '../../../bridge/contract/index.ts';
import { createLog } from '../../../bridge/log.ts';
import { type Library, openLibrary } from '../../../bridge/photos/library.ts';
import { openTempLibrary, type TempLibrary } from './temp-library.ts';

let temp: TempLibrary;
let library: Library | undefined;
let events: EventDraft[];
let wake: () => void;
beforeEach(async () => {
  temp = await openTempLibrary();
  events = [];
  wake = () => {};
});
afterEach(async () => {
  await library?.close();
  await temp.remove();
});

function open(folders = [{ path: join(temp.root, 'library'), own: true }]): Library {
  library = openLibrary({
    catalog: temp.catalog,
    registration: temp.registration,
    events: {
      publish: (event) => {
        events.push(event);
        wake();
        return events.length;
      },
    },
    log: createLog('silent'),
    folders,
    settleMs: 40,
    retryMs: 50,
  });
  return library;
}
/** Resolves when the events so far say that so many photos were added and went missing. */
function changes(added: number, missing: number): Promise<void> {
  const sum = (key: 'added' | 'missing') =>
    events.reduce((total, event) => total + (event.type === 'photos_changed' ? event[key] : 0), 0);
  return new Promise((resolve) => {
    wake = () => {
      if (sum('added') >= added && sum('missing') >= missing) resolve();
    };
    wake();
  });
}
const idOf = (name: string) => temp.catalog.find(join(temp.root, 'library', name));
/** A renamed photo is no event with a count: look until the catalog knows the new name. */
const expectId = (name: string) => expect.poll(() => idOf(name), { timeout: 20_000, interval: 20 });
const restart = async () => {
  await library?.close();
  await temp.reopen();
};

describe('the watched library', () => {
  it('makes its own folder, gives ids to what is there in name order, and to what comes later', async () => {
    await open().scanned;
    expect(existsSync(join(temp.root, 'library'))).toBe(true);
    temp.photo('library/one.jpg');
    await changes(1, 0);
    temp.photo('library/sub/two.jpg');
    temp.photo('library/.hidden.jpg');
    await changes(2, 0);
    expect([await idOf('one.jpg'), await idOf('sub/two.jpg'), await idOf('.hidden.jpg')]).toEqual([
      1,
      2,
      null,
    ]);
    await restart();
    for (const name of ['x10', 'x9']) temp.photo(`library/${name}.jpg`);
    await open().scanned;
    expect([await idOf('x9.jpg'), await idOf('x10.jpg'), await idOf('one.jpg')]).toEqual([3, 4, 1]);
  });

  it('knows a vanished photo as missing and as present again when it is back', async () => {
    const path = temp.photo('library/one.jpg');
    await open().scanned;
    rmSync(path);
    await changes(1, 1);
    expect(await idOf('one.jpg')).toBe(1);
    temp.photo('library/one.jpg');
    temp.photo('library/two.jpg');
    await changes(2, 1);
    expect([await idOf('one.jpg'), await idOf('two.jpg'), temp.catalog.count]).toEqual([1, 2, 2]);
  });

  it('keeps the id through a rename, a move to a sub-folder and a rename of the folder', async () => {
    temp.photo('library/a/one.jpg');
    temp.photo('library/a/two.jpg');
    await open().scanned;
    const at = (name: string) => join(temp.root, 'library', name);
    renameSync(at('a/one.jpg'), at('uno.jpg'));
    await expectId('uno.jpg').toBe(1);
    expect(await idOf('a/one.jpg')).toBeNull();
    renameSync(at('a'), at('b'));
    await expectId('b/two.jpg').toBe(2);
    expect(await idOf('a/two.jpg')).toBeNull();
    // A new photo at an old name is a new photo.
    temp.photo('library/a/one.jpg', 'another one');
    await changes(3, 0);
    expect(await idOf('a/one.jpg')).toBe(3);
    expect(events.every((event) => event.type === 'photos_changed' && event.missing === 0)).toBe(true);
  });

  it('keeps the id of a photo renamed while the daemon was down, and sees what vanished meanwhile', async () => {
    const old = temp.photo('library/old.jpg');
    const gone = temp.photo('library/gone.jpg');
    await open().scanned;
    const [oldId, goneId] = [await idOf('old.jpg'), await idOf('gone.jpg')];
    await restart();
    renameSync(old, join(temp.root, 'library/new.jpg'));
    rmSync(gone);
    events = [];
    await open().scanned;
    expect(await idOf('new.jpg')).toBe(oldId);
    expect(await idOf('gone.jpg')).toBe(goneId);
    expect(events).toEqual([{ type: 'photos_changed', added: 0, missing: 1 }]);
    await restart();
    expect(await idOf('new.jpg')).toBe(oldId);
  });

  it('follows a photo from one library folder to another', async () => {
    mkdirSync(join(temp.root, 'library/second'), { recursive: true });
    const path = temp.photo('library/first/one.jpg');
    await open([
      { path: join(temp.root, 'library/first'), own: false },
      { path: join(temp.root, 'library/second'), own: false },
    ]).scanned;
    renameSync(path, join(temp.root, 'library/second/one.jpg'));
    await expectId('second/one.jpg').toBe(1);
  });

  it('takes a folder that appears later, without making it', async () => {
    const folder = join(temp.root, 'library/mount');
    await open([{ path: folder, own: false }]).scanned;
    expect(existsSync(folder)).toBe(false);
    const photo = temp.photo('library/mount/one.jpg');
    utimesSync(photo, 1, 1);
    await changes(1, 0);
    expect(await idOf('mount/one.jpg')).toBe(1);
  });
});
