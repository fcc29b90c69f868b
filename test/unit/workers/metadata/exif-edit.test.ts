import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compactExif,
  copyrightExif,
  exifFromTiff,
  keepExif,
} from '../../../../workers/metadata/exif-edit.ts';
import { tag } from '../../../../workers/metadata/exif-tags.ts';
import { type ExifTree, readExifTree } from '../../../../workers/metadata/exif-tree.ts';
import { findEntry, firstInteger, openTiff } from '../../../../workers/metadata/tiff-structure.ts';
import { cameraExif, damaged, makerNote, thumbnail } from './blocks.ts';

const options = { width: 800, height: 600, colour: 'srgb', software: 'Photo Bridge' } as const;
const orders = ['II', 'MM'] as const;

function treeOf(block: Buffer | null): ExifTree {
  const tiff = block && openTiff(block);
  const read = tiff && readExifTree(tiff);
  if (!read) throw new Error('not readable');
  expect(read.damaged).toBe(0);
  return read.tree;
}

const number = (tree: ExifTree, directory: 'ifd0' | 'exif', wanted: number) =>
  firstInteger(findEntry(tree[directory] ?? [], wanted), tree.order);
const text = (tree: ExifTree, directory: 'ifd0' | 'exif' | 'gps' | 'interop', wanted: number) =>
  findEntry(tree[directory] ?? [], wanted)?.value.toString('latin1');

describe.each(orders)('EXIF kept, byte order %s', (order) => {
  it('says orientation 1, our software, the new size and colour space, and keeps the rest', () => {
    const { exif, warnings } = keepExif(cameraExif(order), options);
    const tree = treeOf(exif);
    expect(number(tree, 'ifd0', tag.orientation)).toBe(1);
    expect(text(tree, 'ifd0', tag.software)).toBe('Photo Bridge\0');
    expect(number(tree, 'exif', tag.pixelXDimension)).toBe(800);
    expect(number(tree, 'exif', tag.pixelYDimension)).toBe(600);
    expect(number(tree, 'exif', tag.colorSpace)).toBe(1);
    expect(text(tree, 'interop', tag.interopIndex)).toBe('R98\0');
    expect(text(tree, 'ifd0', 0x0110)).toBe('Canon EOS 5D\0');
    expect(text(tree, 'exif', 0x9003)).toBe('2024:05:06 07:08:09\0');
    expect(text(tree, 'gps', 1)).toBe('N\0');
    expect(warnings).toEqual([]);
  });

  it('leaves maker notes at their offset and takes the thumbnail out', () => {
    const source = cameraExif(order);
    const { exif } = keepExif(source, options);
    expect(exif?.indexOf(makerNote)).toBe(source.indexOf(makerNote));
    expect(source.indexOf(thumbnail)).toBeGreaterThan(0);
    expect(exif?.includes('old thumbnail')).toBe(false);
  });

  it('does not grow a block that has a software tag', () => {
    const source = cameraExif(order);
    expect(keepExif(source, options).exif?.length).toBeLessThanOrEqual(source.length);
  });

  it('keeps everything when there is no room for a new tag inside the block', () => {
    const source = cameraExif(order, { software: false });
    const tree = treeOf(keepExif(source, { ...options, software: 'x'.repeat(400) }).exif);
    expect(text(tree, 'ifd0', tag.software)).toBe(`${'x'.repeat(400)}\0`);
    expect(text(tree, 'ifd0', tag.copyright)).toBe('2024 Ann Author\0');
  });

  it('has only artist and copyright under the copyright policy, and what a JPEG must say of its chroma', () => {
    const tree = treeOf(copyrightExif(cameraExif(order)).exif);
    expect(tree.ifd0.map((entry) => entry.tag)).toEqual([tag.artist, tag.yCbCrPositioning, tag.copyright]);
    expect([tree.exif, tree.gps, tree.interop]).toEqual([null, null, null]);
  });

  it('moves out of a TIFF with movable maker notes, and says so of others', () => {
    const nikon = Buffer.from(`Nikon\0\x02${'n'.repeat(40)}`, 'latin1');
    const moved = exifFromTiff(cameraExif(order, { note: nikon }));
    expect(findEntry(treeOf(moved.exif).exif ?? [], tag.makerNote)?.value).toEqual(nikon);
    expect(moved.warnings).toEqual([]);
    expect(exifFromTiff(cameraExif(order)).warnings).toEqual(['The maker notes could not be kept.']);
  });

  it('becomes small without maker notes and thumbnail', () => {
    const tree = treeOf(compactExif(cameraExif(order)));
    expect(findEntry(tree.exif ?? [], tag.makerNote)).toBeUndefined();
    expect(text(tree, 'exif', 0x9003)).toBe('2024:05:06 07:08:09\0');
  });

  it('never throws on damaged blocks, and answers a readable block with orientation 1', () => {
    const property = fc.property(damaged(cameraExif(order)), (block) => {
      const { exif } = keepExif(block, options);
      const tiff = openTiff(exif ?? Buffer.alloc(0));
      const read = tiff && readExifTree(tiff);
      expect(read && number(read.tree, 'ifd0', tag.orientation)).toBe(1);
      exifFromTiff(block);
      compactExif(block);
      copyrightExif(block);
    });
    fc.assert(property, { numRuns: 400 });
  });
});

describe('EXIF of a source without any', () => {
  it('is a minimal block with our software tag', () => {
    const tree = treeOf(keepExif(null, { ...options, colour: 'adobe-rgb' }).exif);
    expect(text(tree, 'ifd0', tag.software)).toBe('Photo Bridge\0');
    expect(number(tree, 'exif', tag.colorSpace)).toBe(0xffff);
  });

  it('replaces bytes that are no EXIF, with a warning', () => {
    const { exif, warnings } = keepExif(Buffer.from('no EXIF at all'), options);
    expect(text(treeOf(exif), 'ifd0', tag.software)).toBe('Photo Bridge\0');
    expect(warnings).toEqual(['The EXIF data is damaged and was not kept.']);
  });

  it('is nothing under the copyright policy', () => {
    expect(copyrightExif(null)).toEqual({ exif: null, warnings: [] });
  });
});

describe('a directory whose entries all name the same large value', () => {
  it('is copied only up to a limit', () => {
    const value = Buffer.alloc(1024 * 1024);
    const table = Buffer.alloc(2 + 12 * 1000 + 4);
    table.writeUInt16LE(1000, 0);
    for (let i = 0; i < 1000; i++) {
      table.writeUInt16LE(0xa500 + i, 2 + 12 * i);
      table.writeUInt16LE(7, 4 + 12 * i);
      table.writeUInt32LE(value.length, 6 + 12 * i);
      table.writeUInt32LE(8 + table.length, 10 + 12 * i);
    }
    const bomb = Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), table, value]);
    const { exif, warnings } = exifFromTiff(bomb);
    expect(exif?.length).toBeLessThan(5 * 1024 * 1024);
    expect(warnings).toEqual(['Some damaged or very large EXIF tags were not kept.']);
  });
});
