/**
 * Builds small ICC profiles (version 4.2, ICC.1:2004-10) from primaries and a tone curve; holds no binary data.
 * Colorants are the primaries under D65 adapted to D50 by the Bradford matrix (ICC.1 annex E).
 */

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];
/** Chromaticities x, y. */
type Primaries = {
  red: readonly [number, number];
  green: readonly [number, number];
  blue: readonly [number, number];
};
/** Parametric curve (ICC.1 10.15): type number and parameters g, a, b, c, d. */
export type ToneCurve = { type: number; parameters: readonly number[] };
export type ProfileRecipe = { description: string; curve: ToneCurve; primaries: Primaries | null };

const d50: Triple = [0.9642, 1, 0.8249];
const d65: Triple = [0.3127 / 0.329, 1, (1 - 0.3127 - 0.329) / 0.329];
const bradford: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

function apply(m: Matrix, v: Triple): Triple {
  const row = (r: Triple) => r[0] * v[0] + r[1] * v[1] + r[2] * v[2];
  return [row(m[0]), row(m[1]), row(m[2])];
}

function columns(a: Triple, b: Triple, c: Triple): Matrix {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ];
}

function column(m: Matrix, i: 0 | 1 | 2): Triple {
  return [m[0][i], m[1][i], m[2][i]];
}

function multiply(m: Matrix, n: Matrix): Matrix {
  return columns(apply(m, column(n, 0)), apply(m, column(n, 1)), apply(m, column(n, 2)));
}

function cross(a: Triple, b: Triple): Triple {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function inverse([a, b, c]: Matrix): Matrix {
  const determinant = apply([a, a, a], cross(b, c))[0];
  const scaled = ([x, y, z]: Triple): Triple => [x / determinant, y / determinant, z / determinant];
  return columns(scaled(cross(b, c)), scaled(cross(c, a)), scaled(cross(a, b)));
}

/** D65 to D50. */
function adaptation(): Matrix {
  const [from, to] = [apply(bradford, d65), apply(bradford, d50)];
  const scale: Matrix = [
    [to[0] / from[0], 0, 0],
    [0, to[1] / from[1], 0],
    [0, 0, to[2] / from[2]],
  ];
  return multiply(inverse(bradford), multiply(scale, bradford));
}

/** Columns: XYZ of red, green, blue relative to D50. */
function colorants({ red, green, blue }: Primaries): Matrix {
  const xyz = ([x, y]: readonly [number, number]): Triple => [x / y, 1, (1 - x - y) / y];
  const raw = columns(xyz(red), xyz(green), xyz(blue));
  const [r, g, b] = apply(inverse(raw), d65);
  const scale: Matrix = [
    [r, 0, 0],
    [0, g, 0],
    [0, 0, b],
  ];
  return multiply(adaptation(), multiply(raw, scale));
}

function fixed(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    bytes.writeInt32BE(Math.round(value * 65_536), 4 * i);
  });
  return bytes;
}

function typed(signature: string, ...parts: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat([Buffer.from(`${signature}\0\0\0\0`, 'latin1'), ...parts]);
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

function text(value: string): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt32BE(1, 0);
  head.writeUInt32BE(12, 4);
  head.write('enUS', 8, 'latin1');
  head.writeUInt32BE(2 * value.length, 12);
  head.writeUInt32BE(28, 16);
  return typed('mluc', head, Buffer.from(value, 'utf16le').swap16());
}

function curve({ type, parameters }: ToneCurve): Buffer {
  return typed('para', Buffer.from([0, type, 0, 0]), fixed(parameters));
}

/** An RGB display profile, or a grey one when there are no primaries. */
export function buildProfile({ description, curve: tone, primaries }: ProfileRecipe): Buffer {
  const toneTag = curve(tone);
  const tags: [string, Buffer][] = [
    ['desc', text(description)],
    ['cprt', text('Public domain')],
    ['wtpt', typed('XYZ ', fixed(d50))],
    ['chad', typed('sf32', fixed(adaptation().flat()))],
  ];
  if (primaries === null) tags.push(['kTRC', toneTag]);
  else {
    const matrix = colorants(primaries);
    const names = ['r', 'g', 'b'] as const;
    names.forEach((name, i) => {
      tags.push([`${name}XYZ`, typed('XYZ ', fixed(column(matrix, i as 0 | 1 | 2)))]);
    });
    for (const name of names) tags.push([`${name}TRC`, toneTag]);
  }
  return assemble(primaries === null ? 'GRAY' : 'RGB ', tags);
}

function assemble(space: string, tags: readonly [string, Buffer][]): Buffer {
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length, 0);
  const places = new Map<Buffer, number>();
  let end = 128 + table.length;
  tags.forEach(([name, data], i) => {
    const at = places.get(data) ?? end;
    if (!places.has(data)) end += data.length;
    places.set(data, at);
    table.write(name, 4 + 12 * i, 'latin1');
    table.writeUInt32BE(at, 8 + 12 * i);
    table.writeUInt32BE(data.length, 12 + 12 * i);
  });
  const header = Buffer.alloc(128);
  header.writeUInt32BE(end, 0);
  header.writeUInt32BE(0x0420_0000, 8);
  header.write(`mntr${space}XYZ `, 12, 'latin1');
  for (const [i, value] of [2026, 1, 1].entries()) header.writeUInt16BE(value, 24 + 2 * i);
  header.write('acsp', 36, 'latin1');
  fixed(d50).copy(header, 68);
  return Buffer.concat([header, table, ...places.keys()]);
}
