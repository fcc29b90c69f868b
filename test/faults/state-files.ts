/**
 * Some 500 files as they should never lie in a folder of batch states, each with what must become of it. Data only: writes
 * them, starts nothing.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { seedState as sample } from '../helpers/seed-state.ts';
import { createRandom } from './random.ts';
import { oddValues, wrongValues } from './state-values.ts';

/**
 * `set aside`: moved to the quarantine as it is, and reported. `kept`: reported, and left where it is. `batch`: a batch of
 * this state. `either`: one of the first or the last. `ignored`: no state file, nobody touches it.
 */
export type Fate = 'set aside' | 'kept' | 'batch' | 'either' | 'ignored';
export type StateCase = { name: string; fate: Fate; why: string; write: (path: string) => void };

type State = Record<string, unknown>;
const PHOTOS = [1, 2, 3];

/** The form of the original, from its guide. */
export function seedState(id: string, changes: State = {}): State {
  return {
    ...sample,
    batch_id: id,
    photo_ids: PHOTOS,
    processed_photo_ids: [1],
    total_photos: 3,
    processed_count: 1,
    ...changes,
  };
}

/** Ours, with its checksum. */
export function ownState(id: string, changes: State = {}): string {
  const text = JSON.stringify(seedState(id, { _schema: 1, _seq: 5, ...changes }), null, 2).slice(0, -2);
  return `${text},\n  "_sum": "${crc32(text).toString(16).padStart(8, '0')}"\n}\n`;
}

class Cases {
  readonly list: StateCase[] = [];

  /** A file under a fresh, good name; `content` is given its id. */
  add(fate: Fate, why: string, content: (id: string) => string | Buffer): void {
    const id = `batch_corpus${String(this.list.length).padStart(4, '0')}`;
    this.file(fate, why, { name: `${id}.json`, content: content(id) });
  }

  file(fate: Fate, why: string, { name, content }: { name: string; content: string | Buffer }): void {
    this.list.push({ name, fate, why, write: (path) => writeFileSync(path, content) });
  }

  /** Something that is no file. */
  thing(fate: Fate, why: string, write: (path: string) => void): void {
    this.list.push({
      name: `batch_corpus${String(this.list.length).padStart(4, '0')}.json`,
      fate,
      why,
      write,
    });
  }
}

export function createStateCases(seed: number): StateCase[] {
  const cases = new Cases();
  addCutAndFlipped(cases, seed);
  addEncodings(cases);
  addOtherJson(cases);
  addWrongValues(cases);
  addOddValues(cases);
  addNames(cases);
  addThings(cases);
  return cases.list;
}

function addCutAndFlipped(cases: Cases, seed: number): void {
  const random = createRandom(seed);
  const forms = [(id: string) => JSON.stringify(seedState(id), null, 2), (id: string) => ownState(id)];
  for (const form of forms) {
    cases.add('set aside', 'empty', () => '');
    for (let part = 1; part <= 60; part += 1) {
      const cut = (id: string) => form(id).slice(0, Math.floor(((form(id).length - 3) * part) / 60));
      cases.add('set aside', `cut after ${part} sixtieths`, cut);
    }
  }
  for (let round = 0; round < 100; round += 1) {
    // Within what the checksum covers.
    cases.add('set aside', 'a byte changed under a checksum', (id) => {
      const bytes = Buffer.from(ownState(id));
      const at = random.whole(0, bytes.length - 25);
      bytes[at] = (bytes[at] ?? 0) ^ random.whole(1, 256);
      return bytes;
    });
  }
  for (let at = 0; at < 20; at += 1) {
    cases.add('set aside', 'NULs inside', (id) => Buffer.from(ownState(id)).fill(0, at * 20, at * 20 + 30));
  }
  cases.add('set aside', 'NULs only', () => Buffer.alloc(4096));
}

function addEncodings(cases: Cases): void {
  const text = (id: string) => JSON.stringify(seedState(id));
  cases.add('batch', 'a byte order mark', (id) => `\ufeff${text(id)}`);
  cases.add('set aside', 'two byte order marks', (id) => `\ufeff\ufeff${text(id)}`);
  cases.add('set aside', 'UTF-16', (id) => Buffer.from(`\ufeff${text(id)}`, 'utf16le'));
  cases.add('set aside', 'UTF-16, big end first', (id) =>
    Buffer.from(`\ufeff${text(id)}`, 'utf16le').swap16(),
  );
  cases.add('set aside', 'Latin-1', (id) =>
    Buffer.from(JSON.stringify(seedState(id, { note: 'é' })), 'latin1'),
  );
  cases.add('set aside', 'a lone surrogate in bytes', (id) =>
    Buffer.concat([
      Buffer.from(text(id).slice(0, -1)),
      Buffer.from([...Buffer.from(',"note":"'), 0xed, 0xa0, 0x80, 0x22, 0x7d]),
    ]),
  );
  cases.add('batch', 'a lone surrogate in an escape', (id) => `${text(id).slice(0, -1)},"note":"\\ud800"}`);
  cases.add('batch', 'blanks and line ends of Windows around it', (id) => `\r\n \t${text(id)}\r\n\r\n`);
  cases.add('set aside', 'two objects', (id) => text(id) + text(id));
  cases.add('set aside', 'a comma too much', (id) => `${text(id).slice(0, -1)},}`);
  cases.add('set aside', 'a comment', (id) => `// state\n${text(id)}`);
  cases.add('set aside', 'a gzip header', () => Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]));
}

function addOtherJson(cases: Cases): void {
  for (const other of [
    'null',
    'true',
    '0',
    '-1e999',
    '"state"',
    '[]',
    '[[]]',
    '{}',
    '[{}]',
    '{"batch_id":1}',
    'NaN',
  ])
    cases.add('set aside', `other JSON: ${other}`, () => other);
  cases.add('set aside', 'a list around it', (id) => JSON.stringify([seedState(id)]));
  cases.add(
    'batch',
    'a key twice, the last one right',
    (id) => `{"batch_id":"batch_other",${JSON.stringify(seedState(id)).slice(1)}`,
  );
  cases.add(
    'set aside',
    'a key twice, the last one wrong',
    (id) => `${JSON.stringify(seedState(id)).slice(0, -1)},"batch_id":"batch_other"}`,
  );
  for (const depth of [65, 1000, 100_000])
    cases.add('set aside', `nested ${depth} deep`, (id) =>
      withMember(id, 'note', '['.repeat(depth) + ']'.repeat(depth)),
    );
  cases.add('set aside', '10 MB of brackets', () => '['.repeat(10 * 1024 * 1024));
  cases.add('set aside', '10 MB of brackets in it', (id) =>
    withMember(id, 'note', '{"a":'.repeat(2 * 1024 * 1024)),
  );
  cases.add('batch', 'a long note', (id) => withMember(id, 'note', `"${'x'.repeat(1024 * 1024)}"`));
  for (const key of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) {
    cases.add(key === '__proto__' ? 'set aside' : 'batch', `a key ${key}`, (id) =>
      withMember(id, key, '{"polluted":true}'),
    );
    cases.add(key === '__proto__' ? 'set aside' : 'either', `a key ${key} in its config`, (id) =>
      withMember(id, 'config', `{"${key}":{"polluted":true}}`),
    );
  }
}

/** As text, where `JSON.stringify` would not write it. A later key of the same name wins. */
function withMember(id: string, key: string, json: string): string {
  return `${JSON.stringify(seedState(id)).slice(0, -1)},${JSON.stringify(key)}:${json}}`;
}

function addWrongValues(cases: Cases): void {
  for (const [key, values] of Object.entries(wrongValues)) {
    for (const value of values)
      cases.add('set aside', `${key}: ${JSON.stringify(value)}`, (id) =>
        JSON.stringify(seedState(id, { [key]: value })),
      );
  }
  for (const key of ['batch_id', 'photo_ids', 'status', 'created_at'])
    cases.add('set aside', `no ${key}`, (id) => JSON.stringify({ ...seedState(id), [key]: undefined }));
  for (const huge of ['1e400', '-1e400', '123456789012345678901234567890', '1e21'])
    for (const key of ['total_photos', 'session_id', '_seq'])
      cases.add('set aside', `${key}: ${huge}`, (id) => withMember(id, key, huge));
}

function addOddValues(cases: Cases): void {
  for (const changes of oddValues) {
    const why = `odd: ${JSON.stringify(changes)}`;
    cases.add('either', why, (id) => JSON.stringify(seedState(id, changes)));
    cases.add('either', `${why}, running`, (id) =>
      JSON.stringify(seedState(id, { status: 'running', ...changes })),
    );
    cases.add('either', `${why}, with a checksum`, (id) => ownState(id, changes));
  }
  for (const _schema of [2, 3, 999, 1e300])
    cases.add('kept', `newer: ${_schema}`, (id) =>
      JSON.stringify(seedState(id, { _schema, photo_ids: { kind: 'new' } })),
    );
  cases.add('kept', 'newer, with a checksum', (id) => ownState(id, { _schema: 2 }));
}

function addNames(cases: Cases): void {
  const content = JSON.stringify(seedState('batch_name'));
  const strange = [
    '.json',
    'batch_.json',
    'batch.json',
    'batch_é.json',
    'batch_a b.json',
    'batch_a\nb.json',
    'batch_😀.json',
  ];
  const more = [
    'batch_..json',
    'batch_%2e%2e.json',
    `batch_${'x'.repeat(65)}.json`,
    `${'y'.repeat(250)}.json`,
    'CON.json',
    '-rf.json',
    "batch_'$(x)`.json",
  ];
  for (const name of [
    ...strange,
    ...more,
    'batch_$HOME.json',
    'state.json',
    '.json.bak',
    'batch_name copy.json.bak',
  ])
    cases.file('set aside', `named ${JSON.stringify(name)}`, { name, content });
  for (const name of ['notes.txt', 'batch_name.json~', '.DS_Store', 'batch_name.json.swp', 'README'])
    cases.file('ignored', `named ${name}`, { name, content });
  for (const other of ['batch_somebody', 'batch_corpus', 'BATCH_0001'])
    cases.add('set aside', `holds ${other}`, () => JSON.stringify(seedState(other)));
}

function addThings(cases: Cases): void {
  cases.thing('set aside', 'a folder', (path) => mkdirSync(path));
  cases.thing('set aside', 'a full folder', (path) => {
    mkdirSync(path);
    writeFileSync(join(path, 'batch_inside.json'), JSON.stringify(seedState('batch_inside')));
  });
  for (const target of ['/etc/passwd', '/dev/zero', '/nowhere/at/all', '.', '/proc/self/mem'])
    cases.thing('set aside', `a link to ${target}`, (path) => symlinkSync(target, path));
  cases.thing('set aside', 'a link to itself', (path) => symlinkSync(path, path));
  if (process.platform !== 'linux') return;
  cases.thing('set aside', 'a FIFO', (path) => execFileSync('mkfifo', [path]));
  cases.thing('set aside', 'a socket', (path) => {
    const bind =
      'import os,socket,sys\nos.chdir(os.path.dirname(sys.argv[1]))\nsocket.socket(socket.AF_UNIX).bind(os.path.basename(sys.argv[1]))';
    execFileSync('python3', ['-c', bind, path]);
  });
  if (process.getuid?.() === 0) return;
  cases.thing('set aside', 'no right to read it', (path) => writeFileSync(path, '{}', { mode: 0 }));
}
