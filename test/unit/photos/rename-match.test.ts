import { describe, expect, it } from 'vitest';
import { matchRenames } from '../../../bridge/photos/rename-match.ts';

const file = (path: string, ino: number, more = {}) => ({
  path,
  identity: { dev: 1, ino, born: 5, size: 100, modified: 10, ...more },
});

describe('matching new names with vanished photos', () => {
  it('goes by the file itself, also when it was edited in between', () => {
    const vanished = [
      { id: 1, ...file('/a/1.jpg', 11) },
      { id: 2, ...file('/a/2.jpg', 12) },
    ];
    const added = [file('/a/y.jpg', 12, { size: 7, modified: 99 }), file('/a/x.jpg', 11)];
    expect([...matchRenames(vanished, added)]).toEqual([
      ['/a/y.jpg', 2],
      ['/a/x.jpg', 1],
    ]);
  });

  it('is not fooled by an inode that was used again', () => {
    const vanished = [{ id: 1, ...file('/a/1.jpg', 11) }];
    expect(matchRenames(vanished, [file('/a/new.jpg', 11, { born: 6, size: 3, modified: 20 })]).size).toBe(0);
    const unborn = [{ id: 1, ...file('/a/1.jpg', 11, { born: 0 }) }];
    expect(matchRenames(unborn, [file('/a/new.jpg', 11, { born: 0, modified: 11 })]).size).toBe(0);
  });

  it('knows a photo moved from another disk by size and time, when there is no doubt', () => {
    const vanished = [{ id: 1, ...file('/a/1.jpg', 11) }];
    const moved = file('/b/1.jpg', 900, { dev: 2, born: 77 });
    expect(matchRenames(vanished, [moved]).get('/b/1.jpg')).toBe(1);
    expect(matchRenames(vanished, [moved, { ...moved, path: '/b/2.jpg' }]).size).toBe(0);
    expect(matchRenames([...vanished, { ...vanished[0]!, id: 2 }], [moved]).size).toBe(0);
    expect(matchRenames(vanished, [{ ...moved, path: '/b/1.png' }]).size).toBe(0);
  });

  it('gives no id twice', () => {
    const vanished = [{ id: 1, ...file('/a/1.jpg', 11) }];
    const links = [file('/a/x.jpg', 11), file('/a/y.jpg', 11)];
    expect([...matchRenames(vanished, links).values()]).toEqual([1]);
  });
});
