import { describe, expect, it } from 'vitest';
import {
  groupByPost,
  type ParsedCaptions,
  parseCaptionList,
  parseCaptions,
} from '../../../../bridge/operations/captions/parse-captions.ts';
import { parsePostUrl } from '../../../../bridge/operations/captions/post-url.ts';
import { guessFormat } from '../../../../bridge/operations/captions/read-rows.ts';

const row = { image_id: 'i1', post_id: '11', media_id: '21', caption: 'A tulip', status: 'approved' };
const json = (rows: object[], options = {}) => parseCaptions(JSON.stringify(rows), 'json', options);
const captionsIn = (parsed: ParsedCaptions) => (parsed.ok ? parsed.captions : []);
const messages = (parsed: ParsedCaptions) => (parsed.ok ? [] : parsed.problems.map(({ message }) => message));

describe('the input of captions', () => {
  it('takes approved ones only, in any case, and counts what it left out', () => {
    const parsed = json([
      row,
      { ...row, image_id: 'i2', status: ' Approved ' },
      { ...row, image_id: 'i3', status: 'pending' },
      { image_id: 'i4', status: 'rejected' },
    ]);
    expect(captionsIn(parsed).map(({ image_id }) => image_id)).toEqual(['i1', 'i2']);
    expect(parsed).toMatchObject({ left_out: 2 });
  });

  it('publishes the reviewed caption where there is one', () => {
    const parsed = json([
      { ...row, reviewed_caption: '  A red tulip\r\nin rain ' },
      { ...row, image_id: 'i2', reviewed_caption: ' ' },
    ]);
    expect(captionsIn(parsed).map(({ text }) => text)).toEqual(['A red tulip\nin rain', 'A tulip']);
  });

  it('puts the newest post first, keeps posts together and their images in order', () => {
    const parsed = json([
      { ...row, image_id: 'a', post_id: '5' },
      { ...row, image_id: 'b', post_id: '9', updated_at: '2026-01-01T00:00:00Z' },
      { ...row, image_id: 'c', post_id: '40' },
      { ...row, image_id: 'd', post_id: '7', updated_at: '2026-03-01' },
      { ...row, image_id: 'e', post_id: '9', updated_at: '2026-02-01T00:00:00+02:00' },
    ]);
    expect(captionsIn(parsed).map(({ image_id }) => image_id)).toEqual(['d', 'b', 'e', 'c', 'a']);
    expect(
      groupByPost(captionsIn(parsed)).map(({ post_id, captions }) => [post_id, captions.length]),
    ).toEqual([
      ['7', 1],
      ['9', 2],
      ['40', 1],
      ['5', 1],
    ]);
  });

  it('stops at the limit, newest first', () => {
    const rows = ['1', '3', '2'].map((post_id) => ({ ...row, image_id: post_id, post_id }));
    const parsed = json(rows, { limit: 2 });
    expect(captionsIn(parsed).map(({ image_id }) => image_id)).toEqual(['3', '2']);
    expect(parsed).toMatchObject({ left_out: 1 });
  });

  it('takes CSV with a BOM, semicolons, quotes, breaks in fields and columns in any order', () => {
    const text =
      '\uFEFFStatus;caption;post_url;attachment_index;image_id;notes\r\n' +
      'approved;"Tulips; red, ""wild""\r\nin the park";https://photos.example/@alice/77;1;i1;x\r\n' +
      'pending;;;;i2;\r\n';
    const parsed = parseCaptions(text, 'csv', { server: 'https://photos.example' });
    expect(captionsIn(parsed)).toEqual([
      {
        image_id: 'i1',
        post_id: '77',
        target: { attachment_index: 1 },
        text: 'Tulips; red, "wild"\nin the park',
        updated_at: null,
      },
    ]);
  });

  it('takes a request body: a list, or an object with captions', () => {
    expect(captionsIn(parseCaptionList([row]))).toHaveLength(1);
    expect(captionsIn(parseCaptionList({ captions: [row] }))).toHaveLength(1);
    expect(messages(parseCaptionList({ images: [] }))[0]).toContain('give a list of captions');
  });

  it('tells line, field, value and remedy, all faults at once', () => {
    const text = [
      'image_id,post_id,media_id,caption,status,updated_at',
      'i1,11,21,"Two',
      'lines",approved,',
      ',11,22,Text,approved,yesterday',
      'i3,1.12E+17,23,,approved,',
      'i4,../x,24,Text,approved,',
      'i1,11,25,Text,approved,',
      'i5,11,26,Text,,',
    ].join('\n');
    expect(messages(parseCaptions(text, 'csv'))).toEqual([
      'line 4: image_id is missing: give the image an id of its own',
      'line 4: updated_at is "yesterday": write a time like 2026-05-01T12:00:00Z',
      'line 5: post_id is "1.12E+17": a spreadsheet has rounded this id: format the column as text and enter it again',
      'line 5: caption is missing: an approved caption needs a text',
      'line 6: post_id is "../x": an id has letters, digits, _ and - only',
      'line 7: image_id is "i1": it is on line 2 already: keep one of them',
      'line 8: status is missing: write approved, or what else it is',
    ]);
  });

  it.each([
    [{ ...row, post_id: undefined }, 'item 1: post_id is missing: give post_id or post_url'],
    [
      { ...row, media_id: undefined },
      'item 1: media_id is missing: say which image of the post it is: give media_id or attachment_index',
    ],
    [
      { ...row, media_id: '', attachment_index: -1 },
      'item 1: attachment_index is "-1": count the images of the post from 0: 0, 1, 2 ...',
    ],
    [
      { ...row, post_id: 2 ** 60 },
      'item 1: post_id is "1152921504606847000": a number this large loses digits in JSON: put it in quotes',
    ],
    [
      { ...row, post_id: '', post_url: 'https://x.example/about' },
      'item 1: post_url is "https://x.example/about": no post of a known form is named there: give post_id instead',
    ],
    [{ ...row, caption: 'nul\0' }, 'item 1: caption is "nul\0": remove the characters that are no text'],
  ])('names what is wrong in %j', (given, message) => {
    expect(messages(json([given]))).toEqual([message]);
  });

  it('refuses a post of another server', () => {
    const given = { ...row, post_id: '', post_url: 'https://other.example/@bob/1' };
    expect(messages(json([given], { server: 'https://photos.example' }))[0]).toContain(
      'not on photos.example',
    );
  });

  it.each([
    ['image_id,post_id,caption,status\n', 'the column media_id or attachment_index is needed'],
    ['', 'the column image_id is needed'],
  ])('names the missing column of %j', (text, message) => {
    expect(messages(parseCaptions(text, 'csv'))[0]).toContain(message);
  });

  it('says where CSV or JSON is broken', () => {
    const text = 'image_id,post_id,media_id,caption,status\ni1,11,21\n';
    expect(messages(parseCaptions(text, 'csv'))[0]).toMatch(/^input: CSV .*line 2.*mend that line$/);
    expect(messages(parseCaptions('[{]', 'json'))[0]).toMatch(/^input: JSON is .*: mend the JSON$/);
  });

  it.each([
    ['captions.csv', '', 'csv'],
    ['text/csv; charset=utf-8', '', 'csv'],
    ['application/json', '', 'json'],
    ['-', ' [{}]', 'json'],
    ['-', 'image_id,post_id', 'csv'],
  ])('takes %s with %j for %s', (name, text, format) => {
    expect(guessFormat(name, text)).toBe(format);
  });

  it.each([
    ['https://m.example/@alice/112', { host: 'm.example', id: '112' }],
    ['https://m.example/@alice@far.example/112/', { host: 'm.example', id: '112' }],
    ['https://m.example/users/alice/statuses/112', { host: 'm.example', id: '112' }],
    ['https://pix.example/p/alice/55', { host: 'pix.example', id: '55' }],
    ['https://ple.example:8443/notice/AbC9', { host: 'ple.example:8443', id: 'AbC9' }],
    ['https://ple.example/objects/6f2c', null],
    ['javascript:alert(1)', null],
    ['nonsense', null],
  ])('reads the post of %s', (url, post) => {
    expect(parsePostUrl(url)).toEqual(post);
  });
});
