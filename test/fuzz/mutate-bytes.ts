/** Damages files as disks, programs and enemies do. The same random numbers, the same damage. */
import { crc32 } from 'node:zlib';
import type { Random } from '../faults/random.ts';

const extremes = [
  0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe,
];

/**
 * A single number or bit in one of three, else one to four changes; mostly in the head, where lengths and offsets are. `other`: a
 * file to splice from.
 */
export function mutateBytes(file: Buffer, other: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(file);
  if (bytes.length === 0) return bytes;
  if (random.whole(0, 3) === 0) return withGoodSums(random.pick([setNumber, flipBit])(bytes, random));
  const changes = random.whole(1, 5);
  for (let change = 0; change < changes && bytes.length > 0; change += 1) {
    bytes = random.pick(mutations)(bytes, random, other);
  }
  return random.whole(0, 2) === 0 ? withGoodSums(bytes) : bytes;
}

type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const mutations: readonly [Mutation, ...Mutation[]] = [
  flipBits,
  flipBits,
  setNumber,
  setNumber,
  setNumber,
  (bytes, random) => bytes.subarray(0, random.whole(0, bytes.length)),
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from, to), bytes.subarray(to)]);
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return bytes.fill(random.pick([0, 0xff, 0x41]), from, to);
  },
  (bytes, random, other) => {
    const [from, to] = range(other, random);
    const at = place(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at)]);
  },
  (bytes, random, other) => {
    const at = random.whole(0, Math.min(bytes.length, other.length) + 1);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(at)]);
  },
];

function flipBits(bytes: Buffer, random: Random): Buffer {
  const flips = random.whole(1, 12);
  for (let flip = 0; flip < flips; flip += 1) flipBit(bytes, random);
  return bytes;
}

function flipBit(bytes: Buffer, random: Random): Buffer {
  const at = place(bytes, random);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.whole(0, 8));
  return bytes;
}

/** A number of one, two or four bytes, of either order, becomes an extreme one. */
function setNumber(bytes: Buffer, random: Random): Buffer {
  const size = Math.min(random.pick([1, 2, 4]), bytes.length);
  const at = Math.min(place(bytes, random), bytes.length - size);
  const [first = 0] = extremes;
  const value = (extremes[random.whole(0, extremes.length)] ?? first) % 2 ** (8 * size);
  if (random.whole(0, 2) === 0) bytes.writeUIntBE(value, at, size);
  else bytes.writeUIntLE(value, at, size);
  return bytes;
}

/** Two of three in the first kilobyte. */
function place(bytes: Buffer, random: Random): number {
  const end = random.whole(0, 3) === 0 ? bytes.length : Math.min(bytes.length, 1024);
  return Math.min(random.whole(0, end), bytes.length - 1);
}

function range(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = place(bytes, random);
  return [from, Math.min(bytes.length, from + random.whole(1, 600))];
}

/** The checksums of a PNG's chunks made good again: else nothing behind them is ever read. */
function withGoodSums(bytes: Buffer): Buffer {
  if (bytes.length < 8 || bytes.readUInt32BE(0) !== 0x89504e47) return bytes;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return bytes;
}
