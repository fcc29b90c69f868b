import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DefinitionError, MARK, requirePlainText } from '../../../bridge/cli/service/definition.ts';
import { toLaunchdPlist } from '../../../bridge/cli/service/launchd-plist.ts';
import { toExecStart, toSystemdUnit } from '../../../bridge/cli/service/systemd-unit.ts';
import { quoteWindowsArgument, toTaskXml } from '../../../bridge/cli/service/task-xml.ts';

/** What each format could take for something else, and ordinary text. */
const awkward = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ' ',
      '"',
      "'",
      '%',
      '$',
      '\\',
      '{',
      '}',
      ';',
      '&',
      '<',
      '>',
      '=',
      '#',
      '(',
      '-',
      'é',
      '写',
      '😀',
    ),
    fc.constantFrom('a', 'n', 'h', 'x', '4'),
  ),
  maxLength: 30,
});
const factsOf = (command: readonly [string, ...string[]]) => ({
  command,
  user: { name: 'DESK\\Ann', uid: 1000, home: '/home/ann' },
  logsFolder: '/home/ann/logs',
});

/** The words of a command line as systemd.service(5) and systemd.syntax(7) say; specifiers and variables undone. */
function readExecStart(line: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < line.length; at += 1) {
    let word = '';
    const quote = line[at] === '"';
    if (quote) at += 1;
    for (; at < line.length && line[at] !== (quote ? '"' : ' '); at += 1) {
      if (line[at] === '\\') at += 1;
      word += line[at];
    }
    if (quote) at += 1;
    const specified = word.replace(/%(.)/gu, (pair, next) => (next === '%' ? '%' : `<${pair}>`));
    words.push(
      words.length === 0
        ? specified
        : specified.replace(/\$(.?)/gu, (pair, next) => (next === '$' ? '$' : `<${pair}>`)),
    );
  }
  return words;
}

/** Arguments as CommandLineToArgvW reads them. */
function readWindows(line: string): string[] {
  const found: string[] = [];
  let word: string | null = null;
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const slashes = /^\\*/.exec(line.slice(at))?.[0].length ?? 0;
    const next = line[at + slashes];
    if (slashes > 0) {
      const isEscape = next === '"';
      word = (word ?? '') + '\\'.repeat(isEscape ? Math.floor(slashes / 2) : slashes);
      at += slashes - 1;
      if (isEscape && slashes % 2 === 1) {
        word += '"';
        at += 1;
      }
    } else if (next === '"') {
      quoted = !quoted;
      word ??= '';
    } else if (!quoted && (next === ' ' || next === '\t')) {
      if (word !== null) found.push(word);
      word = null;
    } else word = (word ?? '') + next;
  }
  return word === null ? found : [...found, word];
}

describe('a systemd unit', () => {
  it('gives every argument back as it was, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(awkward), (args) => {
        expect(readExecStart(toExecStart(['/usr/bin/node', ...args]))).toEqual(['/usr/bin/node', ...args]);
      }),
    );
  });

  it('starts a program at any path that systemd takes, others through env', () => {
    fc.assert(
      fc.property(awkward, (name) => {
        const program = `/opt/${name}/node`;
        const isPlain = !/["'\\]/.test(program);
        if (!isPlain && program.includes('=')) expect(() => toExecStart([program])).toThrow(DefinitionError);
        else
          expect(readExecStart(toExecStart([program]))).toEqual(
            isPlain ? [program] : ['/usr/bin/env', program],
          );
      }),
    );
  });

  it('leaves room for the start that brings safe mode, and restarts only what failed', () => {
    const unit = toSystemdUnit(factsOf(['/usr/bin/node', '/x']));
    const burst = Number(/^StartLimitBurst=(\d+)$/m.exec(unit)?.[1]);
    const interval = Number(/^StartLimitIntervalSec=(\d+)$/m.exec(unit)?.[1]);
    const pause = Number(/^RestartSec=(\d+)$/m.exec(unit)?.[1]);
    // Three unclean ends are three starts; the fourth must be allowed, and must come within safe mode's five minutes.
    expect(burst).toBeGreaterThan(4);
    expect(pause * 3).toBeLessThan(interval);
    expect(unit).toMatch(/^Restart=on-failure$/m);
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(5);
  });
});

describe('a Windows task', () => {
  it('gives every argument back as it was', () => {
    fc.assert(
      fc.property(fc.array(awkward), (args) => {
        expect(readWindows(args.map(quoteWindowsArgument).join(' '))).toEqual(args);
      }),
    );
  });

  it.each(['C:\\%TEMP%\\node.exe', 'D:\\$(Arg0)\\x'])(
    'refuses %s, into which Windows would put a variable',
    (path) => {
      expect(() => toTaskXml(factsOf([path]))).toThrow(/variable/);
    },
  );

  it('takes a single percent sign', () => {
    expect(toTaskXml(factsOf(['C:\\node.exe', 'D:\\50% done\\b.js']))).toContain('50% done');
  });
});

describe('every definition', () => {
  it.each(['a\nb', 'a\rb', 'a\u0000b', 'a\u001bb', 'a\u0085b', 'a\u2028b', 'a\ud800b', 'a\uffffb'])(
    'refuses %j',
    (text) => {
      expect(() => requirePlainText(text)).toThrow(DefinitionError);
      for (const write of [toSystemdUnit, toLaunchdPlist, toTaskXml]) {
        expect(() => write(factsOf(['/usr/bin/node', text]))).toThrow(DefinitionError);
        expect(() => write(factsOf([`/${text}`]))).toThrow(DefinitionError);
      }
    },
  );

  it('says whose it is', () => {
    for (const write of [toSystemdUnit, toLaunchdPlist, toTaskXml]) {
      expect(write(factsOf(['/usr/bin/node']))).toContain(MARK);
    }
  });
});
