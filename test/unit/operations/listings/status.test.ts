import { describe, expect, it } from 'vitest';
import { type ListingRecord, listingColumns } from '../../../../bridge/operations/listings/columns.ts';
import { createProgress } from '../../../../bridge/operations/listings/progress.ts';
import { findRowFault } from '../../../../bridge/operations/listings/row-checks.ts';
import { toRunResult } from '../../../../bridge/operations/listings/run-result.ts';
import { parseSaveEvery, toSaveInterval } from '../../../../bridge/operations/listings/save-interval.ts';
import {
  isSelected,
  toErrorStatus,
  toExportCell,
  toFailedStatus,
  toPostedStatus,
} from '../../../../bridge/operations/listings/status.ts';

const good: ListingRecord = {
  bucket_truck_id: 'BT-001_A',
  image_filename: 'a.JPG',
  title: 'Truck',
  description: '0123456789',
  price: '12500.50',
  tags: 'ab',
  fuel_type: '',
  equipment_type: '',
  posting_status: '',
};

describe('which rows a run takes', () => {
  it.each([
    ['', true],
    ['  ', true],
    ['pending', true],
    [' PENDING ', true],
    ['Error: Image not found', true],
    ['Error', true],
    ['Posted 2026-01-02', false],
    ['hold', false],
    ['pending review', false],
  ])('mode new and the status "%s": %s', (status, expected) => {
    expect(isSelected(status, 'new')).toBe(expected);
    expect(isSelected(status, 'all')).toBe(true);
  });
});

describe('status texts', () => {
  it('are as the page says', () => {
    expect(toPostedStatus('2026-11-22')).toBe('Posted 2026-11-22');
    expect(toErrorStatus('Image not found')).toBe('Error: Image not found');
    expect(toErrorStatus('x'.repeat(100))).toBe(`Error: ${'x'.repeat(100)}`);
    expect(toErrorStatus('x'.repeat(101))).toBe(`Error: ${'x'.repeat(100)}...`);
  });

  it('stand on one line and cut no character in two', () => {
    expect(toErrorStatus('a\r\nb\u0000c\ud800')).toBe('Error: a b c\ufffd');
    expect(toErrorStatus('😀'.repeat(101))).toBe(`Error: ${'😀'.repeat(100)}...`);
    expect(toErrorStatus(' \n ')).toBe('Error: System error');
  });

  it('never begin as a formula does, whatever the reason is; exports escape what does', () => {
    expect(toErrorStatus('=1+1')).toBe('Error: =1+1');
    expect(['=1', '+1', '-1', '@a', 'a=1'].map(toExportCell)).toEqual(["'=1", "'+1", "'-1", "'@a", 'a=1']);
  });

  it('a posted row keeps its text when another attempt fails', () => {
    expect(toFailedStatus('Posted 2026-01-02', 'no')).toBe('Posted 2026-01-02');
    expect(toFailedStatus('Error: old', 'no')).toBe('Error: no');
  });
});

describe('row checks', () => {
  it('takes a good row and the edges', () => {
    expect(findRowFault(good)).toBeNull();
    for (const change of [
      { price: '1000000' },
      { price: '0.01' },
      { price: '1.25E4' },
      { title: 'x'.repeat(200) },
      { description: 'x'.repeat(5000) },
      { tags: 'x'.repeat(50) },
    ])
      expect(findRowFault({ ...good, ...change })).toBeNull();
  });

  it.each([
    ['bucket_truck_id', ['', 'bt1', 'BT 1', 'BT1\n', 'BT/1']],
    ['image_filename', ['', 'a', 'a.exe', 'jpg']],
    ['title', ['abcd', 'x'.repeat(201)]],
    ['description', ['123456789', 'x'.repeat(5001)]],
    ['price', ['', '0', '-1', '1000000.01', 'abc', '1,000', 'Infinity', '0x10', 'NaN']],
    ['tags', ['', 'a', 'x'.repeat(51)]],
  ] as const)('names %s', (column, values) => {
    for (const value of values)
      expect(findRowFault({ ...good, [column]: value })).toContain(`Invalid ${column}`);
  });

  it('knows every column', () => {
    expect(Object.keys(good)).toEqual([...listingColumns]);
  });
});

describe('progress', () => {
  it('rises after each record and is 100 only at the end', () => {
    const seen: [number, string][] = [];
    const tell = createProgress(11, (percent, message) => seen.push([percent, message]));
    for (let index = 1; index <= 11; index += 1) tell(`BT${String(index).padStart(3, '0')}`);
    expect(seen[4]).toEqual([45.4, 'Processing record 5/11: BT005']);
    const percents = seen.map(([percent]) => percent);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.filter((percent) => percent === 100)).toHaveLength(1);
    expect(percents.at(-1)).toBe(100);
  });

  it('is not 100 at 1999 of 2000', () => {
    const seen: number[] = [];
    const tell = createProgress(2000, (percent) => seen.push(percent));
    for (let index = 0; index < 1999; index += 1) tell('A');
    expect(Math.max(...seen)).toBeLessThan(100);
  });

  it('one that throws changes nothing', () => {
    const tell = createProgress(1, () => {
      throw new Error('no');
    });
    expect(() => tell('A')).not.toThrow();
    createProgress(1, () => Promise.reject(new Error('no')))('A');
  });
});

describe('the save interval', () => {
  it('is ten percent, at least each record, or what is set', () => {
    expect([1, 5, 10, 25, 1000].map((total) => toSaveInterval(total, parseSaveEvery('10%')))).toEqual([
      1, 1, 1, 2, 100,
    ]);
    expect(toSaveInterval(1000, parseSaveEvery('7'))).toBe(7);
    for (const wrong of ['', '0', '0%', '101%', '1.5', '-1', 'x'])
      expect(() => parseSaveEvery(wrong)).toThrow('save-every');
  });
});

describe('the result of a run', () => {
  const result = (success: boolean) => ({
    success,
    message: '',
    status_update: '',
    ad_url: null,
    record_id: 'A',
    timestamp: '',
  });
  const run = { selected: 2, skipped: 3, interrupted: false };

  it('counts', () => {
    expect(toRunResult({ ...run, results: [result(true), result(false)] })).toMatchObject({
      success: true,
      total_records: 2,
      successful_posts: 1,
      failed_posts: 1,
      skipped_records: 3,
    });
  });

  it('is no success when every record failed, when it was interrupted, or when it could not be saved', () => {
    expect(toRunResult({ ...run, results: [result(false), result(false)] }).success).toBe(false);
    expect(toRunResult({ ...run, interrupted: true, results: [result(true)] }).success).toBe(false);
    expect(toRunResult({ ...run, saveFault: 'no', results: [result(true), result(true)] }).success).toBe(
      false,
    );
  });

  it('is a success when there was nothing to do', () => {
    expect(toRunResult({ ...run, selected: 0, results: [] })).toMatchObject({
      success: true,
      message: 'No records to process',
    });
  });
});
