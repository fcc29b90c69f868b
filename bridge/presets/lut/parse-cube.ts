/**
 * Reads `.cube` text: 1D and 3D tables of Iridas/Adobe (Adobe, "Cube LUT Specification", version 1.0, 2013) and the 1D shaper in
 * front of a 3D table that DaVinci Resolve writes. Headers in any order, comments anywhere. Touches no files.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BridgeError } from '../../errors.ts';
import type { Rgb } from '../colour/rgb.ts';
import { domainProblem, type LutTable } from './lut-table.ts';

/** Limits of the Cube LUT Specification. */
const MAX_SIZE_1D = 65_536;
const MAX_SIZE_3D = 256;
const MAX_LINE = 250;
/** Characters of `0 0 0` and a line break. */
const LEAST_ROW = 6;
/** A megabyte of memory. */
const FEW_ROWS = 100_000;
/** Lines read between two turns of the event loop. */
const LINES_A_TURN = 20_000;

type Sizes = { shaper: number; cube: number };
type Domain = { min: Rgb; max: Rgb };

/** Throws BridgeError `preset_invalid` with the line. A large file is read in several turns of the event loop. */
export async function parseCube(text: string): Promise<LutTable> {
  const reader = new CubeReader(text.length);
  let from = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let line = 1; from <= text.length; line += 1) {
    const at = text.indexOf('\n', from);
    const end = at === -1 ? text.length : at;
    reader.take(text.slice(from, end), line);
    from = end + 1;
    if (line % LINES_A_TURN === 0) await nextTurn();
  }
  return reader.finish();
}

class CubeReader {
  readonly #sizes: Sizes = { shaper: 0, cube: 0 };
  readonly #notes: string[] = [];
  readonly #domain: Domain = { min: [0, 0, 0], max: [1, 1, 1] };
  #shaperDomain: Domain | null = null;
  #cubeDomain: Domain | null = null;
  #title: string | null = null;
  /** All rows in turn; made by the first one, when the sizes are known. */
  #values: Float32Array | null = null;
  #rows = 0;
  readonly #length: number;

  /** `length`: characters of the whole text. */
  constructor(length: number) {
    this.#length = length;
  }

  take(raw: string, line: number): void {
    const text = raw.trim();
    if (text === '' || text.startsWith('#')) return;
    if (text.length > MAX_LINE) throw invalid(line, `a line may have at most ${MAX_LINE} characters`);
    const [word = '', ...rest] = text.split(/\s+/);
    if (/^[+\-.\d]/.test(word)) this.#takeRow([word, ...rest], line);
    else this.#takeHeader(word, { rest, text, line });
  }

  finish(): LutTable {
    const wanted = this.#sizes.shaper + this.#sizes.cube ** 3;
    if (wanted === 0) throw invalid(null, 'it has neither LUT_1D_SIZE nor LUT_3D_SIZE');
    if (this.#values === null || this.#rows !== wanted)
      throw invalid(null, `it has ${this.#rows} rows of numbers; its sizes ask for ${wanted}`);
    const { shaper, cube } = this.#sizes;
    const values = this.#values;
    const shaperEnd = 3 * shaper;
    return {
      title: this.#title,
      notes: this.#notes,
      shaper:
        shaper === 0
          ? null
          : {
              size: shaper,
              ...checked(this.#shaperDomain ?? this.#domain),
              values: values.subarray(0, shaperEnd),
            },
      cube:
        cube === 0
          ? null
          : {
              size: cube,
              // In front of a 3D table the shaper has the file's domain; what it gives is 0..1 unless said otherwise.
              ...checked(this.#cubeDomain ?? (shaper === 0 ? this.#domain : unitDomain())),
              values: values.subarray(shaperEnd),
            },
    };
  }

  #takeHeader(word: string, { rest, text, line }: { rest: string[]; text: string; line: number }): void {
    switch (word) {
      case 'TITLE':
        this.#title = text
          .slice('TITLE'.length)
          .trim()
          .replace(/^"(.*)"$/, '$1')
          .slice(0, MAX_LINE);
        return;
      case 'LUT_1D_SIZE':
        this.#setSize('shaper', rest, { line, max: MAX_SIZE_1D });
        return;
      case 'LUT_3D_SIZE':
        this.#setSize('cube', rest, { line, max: MAX_SIZE_3D });
        return;
      case 'DOMAIN_MIN':
        this.#domain.min = toRgb(rest, line);
        return;
      case 'DOMAIN_MAX':
        this.#domain.max = toRgb(rest, line);
        return;
      case 'LUT_1D_INPUT_RANGE':
        this.#shaperDomain = toRange(rest, line);
        return;
      case 'LUT_3D_INPUT_RANGE':
        this.#cubeDomain = toRange(rest, line);
        return;
      default:
        if (!/^[A-Z][A-Z0-9_]*$/.test(word))
          throw invalid(line, `"${word.slice(0, 40)}" is neither a header nor a number`);
        if (!this.#notes.some((note) => note.startsWith(word))) this.#notes.push(`${word} of the .cube file`);
    }
  }

  #setSize(which: keyof Sizes, rest: string[], { line, max }: { line: number; max: number }): void {
    const size = rest.length === 1 ? Number(rest[0]) : Number.NaN;
    if (!Number.isInteger(size) || size < 2 || size > max)
      throw invalid(line, `the size must be a whole number from 2 to ${max}`);
    if (this.#sizes[which] !== 0) throw invalid(line, 'the size is given twice');
    if (this.#values !== null) throw invalid(line, 'a size must stand before the first row of numbers');
    this.#sizes[which] = size;
  }

  #takeRow(words: string[], line: number): void {
    const row = toRgb(words, line);
    const wanted = this.#sizes.shaper + this.#sizes.cube ** 3;
    if (wanted === 0)
      throw invalid(line, 'LUT_1D_SIZE or LUT_3D_SIZE must stand before the first row of numbers');
    if (this.#rows === wanted)
      throw invalid(line, `there are more rows of numbers than the ${wanted} that the sizes ask for`);
    // A few lines may not ask for the memory of millions: they have not arrived and never will.
    if (wanted > FEW_ROWS && wanted * LEAST_ROW > this.#length + 1)
      throw invalid(line, `the file is too short for the ${wanted} rows of numbers that its sizes ask for`);
    this.#values ??= new Float32Array(3 * wanted);
    this.#values.set(row, 3 * this.#rows);
    this.#rows += 1;
  }
}

function unitDomain(): Domain {
  return { min: [0, 0, 0], max: [1, 1, 1] };
}

function checked(domain: Domain): Domain {
  const problem = domainProblem(domain);
  if (problem !== null) throw invalid(null, problem);
  return domain;
}

function toRange(words: string[], line: number): Domain {
  const [min, max] = words.map(Number);
  if (
    words.length !== 2 ||
    !Number.isFinite(min) ||
    !Number.isFinite(max) ||
    min === undefined ||
    max === undefined
  )
    throw invalid(line, 'an input range is two numbers');
  return { min: [min, min, min], max: [max, max, max] };
}

function toRgb(words: string[], line: number): Rgb {
  const [red, green, blue] = words.map(Number);
  if (words.length !== 3 || red === undefined || green === undefined || blue === undefined)
    throw invalid(line, 'expected three numbers');
  if (!Number.isFinite(red) || !Number.isFinite(green) || !Number.isFinite(blue))
    throw invalid(line, 'expected three finite numbers');
  return [red, green, blue];
}

function invalid(line: number | null, why: string): BridgeError {
  return new BridgeError('preset_invalid', line === null ? `.cube: ${why}` : `.cube, line ${line}: ${why}`);
}
