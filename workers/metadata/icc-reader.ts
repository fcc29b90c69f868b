/** Reads the colorants and tone curves of an ICC matrix profile. Bounded; never throws. ICC.1:2010, section 10. */

/** Where curves are sampled: enough to tell sRGB from gamma 2.2 and 1.8. */
const samples = [0.03, 0.1, 0.25, 0.5, 0.8] as const;
const MAX_TAGS = 200;

/** XYZ of red, green, blue, then each curve at the sample points; null for every other kind of profile. */
export function readMatrixProfile(icc: Buffer): number[] | null {
  if (
    icc.length < 132 ||
    icc.toString('latin1', 16, 20) !== 'RGB ' ||
    icc.toString('latin1', 36, 40) !== 'acsp'
  ) {
    return null;
  }
  const tags = readTags(icc);
  // A lookup table goes before the matrix where there is one.
  if (tags.has('A2B0') || tags.has('A2B1')) return null;
  const values: number[] = [];
  for (const name of ['rXYZ', 'gXYZ', 'bXYZ']) {
    const data = tags.get(name);
    if (data === undefined || data.length < 20) return null;
    values.push(...fixedAt(data, 8, 3));
  }
  for (const name of ['rTRC', 'gTRC', 'bTRC']) {
    const curve = readCurve(tags.get(name) ?? Buffer.alloc(0));
    if (curve === null) return null;
    values.push(...samples.map(curve));
  }
  return values;
}

function readTags(icc: Buffer): Map<string, Buffer> {
  const tags = new Map<string, Buffer>();
  const count = Math.min(icc.readUInt32BE(128), MAX_TAGS, Math.floor((icc.length - 132) / 12));
  for (let i = 0; i < count; i++) {
    const at = 132 + 12 * i;
    const start = icc.readUInt32BE(at + 4);
    const end = start + icc.readUInt32BE(at + 8);
    if (end <= icc.length) tags.set(icc.toString('latin1', at, at + 4), icc.subarray(start, end));
  }
  return tags;
}

function fixedAt(data: Buffer, at: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => data.readInt32BE(at + 4 * i) / 65_536);
}

function readCurve(data: Buffer): ((x: number) => number) | null {
  if (data.length < 12) return null;
  const type = data.toString('latin1', 0, 4);
  if (type === 'curv') return sampledCurve(data);
  return type === 'para' ? parametricCurve(data) : null;
}

function sampledCurve(data: Buffer): ((x: number) => number) | null {
  const count = data.readUInt32BE(8);
  if (data.length < 12 + 2 * count) return null;
  if (count === 0) return (x) => x;
  if (count === 1) {
    const gamma = data.readUInt16BE(12) / 256;
    return (x) => x ** gamma;
  }
  return (x) => {
    const position = x * (count - 1);
    const low = Math.min(Math.floor(position), count - 2);
    const [a, b] = [data.readUInt16BE(12 + 2 * low), data.readUInt16BE(14 + 2 * low)];
    return (a + (b - a) * (position - low)) / 65_535;
  };
}

/** ICC.1:2010 table 65: function types 0 to 4. */
function parametricCurve(data: Buffer): ((x: number) => number) | null {
  const type = data.readUInt16BE(8);
  const count = [1, 3, 4, 5, 7][type];
  if (count === undefined || data.length < 12 + 4 * count) return null;
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = fixedAt(data, 12, count);
  const power = (x: number) => Math.max(0, a * x + b) ** g;
  if (type === 0) return (x) => x ** g;
  if (type === 1) return (x) => (x >= -b / a ? power(x) : 0);
  if (type === 2) return (x) => (x >= -b / a ? power(x) : 0) + c;
  return (x) => (x >= d ? power(x) + e : c * x + f);
}
