/** Lists of photo ids of up to a million, worked through in milliseconds, because the event loop waits meanwhile. Pure. */

/** A bit for each number of the span is the faster set, as long as it takes at most eight bytes an id. */
const MAX_SPAN_AN_ID = 64;

/** Each id once, first place kept. `ids`: safe integers. */
export function distinctIds(ids: readonly number[]): Float64Array {
  if (isRising(ids)) return Float64Array.from(ids);
  const isNew = createMemory(ids);
  const found = new Float64Array(ids.length);
  let count = 0;
  for (const id of ids) if (isNew(id)) found[count++] = id;
  return count === ids.length ? found : found.slice(0, count);
}

/** As a plain list. Small whole numbers are stored as such, which JSON writes several times as fast as doubles. */
export function toIdList(ids: Float64Array): number[] {
  const list: number[] = [];
  for (let index = 0; index < ids.length; index += 1) {
    const id = ids[index] ?? 0;
    const small = id | 0;
    list.push(small === id ? small : id);
  }
  return list;
}

/** What an editor sends: its selection in order. */
function isRising(ids: readonly number[]): boolean {
  let before = Number.NEGATIVE_INFINITY;
  for (const id of ids) {
    if (id <= before) return false;
    before = id;
  }
  return true;
}

/** Answers true for each id when it is first asked about. */
function createMemory(ids: readonly number[]): (id: number) => boolean {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const id of ids) {
    if (id < least) least = id;
    if (id > most) most = id;
  }
  const span = most - least + 1;
  if (span > ids.length * MAX_SPAN_AN_ID) return createSetMemory();
  const bits = new Uint8Array(Math.ceil(span / 8));
  return (id) => {
    const place = id - least;
    const byte = Math.floor(place / 8);
    const bit = 1 << (place % 8);
    const before = bits[byte] ?? 0;
    bits[byte] = before | bit;
    return (before & bit) === 0;
  };
}

function createSetMemory(): (id: number) => boolean {
  const seen = new Set<number>();
  return (id) => {
    const size = seen.size;
    return seen.add(id).size > size;
  };
}
