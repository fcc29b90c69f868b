/**
 * IPTC records (IIM 4.2): finds them inside Photoshop resources, filters them, wraps them again. Never decodes text.
 */

const RESOURCE_MARK = '8BIM';
const PHOTOSHOP_HEADER = 'Photoshop 3.0\0';
const IPTC_RESOURCE = 0x0404;
const DATASET_MARK = 0x1c;
/** Record and dataset numbers kept by the copyright policy: character set, record version, by-line, copyright notice. */
const copyrightDatasets: ReadonlySet<string> = new Set(['1:90', '2:0', '2:80', '2:116']);
const copyrightValues: ReadonlySet<string> = new Set(['2:80', '2:116']);

type Dataset = { key: string; start: number; end: number };

/** The IIM records in a block that is either bare IIM or a run of Photoshop resources; null when it has none. */
export function toIim(block: Buffer): Buffer | null {
  const bare = block[0] === DATASET_MARK;
  const records = bare ? [block] : iptcResources(block);
  const valid = records.map((record) => record.subarray(0, datasets(record).at(-1)?.end ?? 0));
  const iim = valid.length === 1 ? (valid[0] ?? null) : Buffer.concat(valid);
  return iim === null || iim.length === 0 ? null : iim;
}

function iptcResources(block: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let at =
    block.toString('latin1', 0, PHOTOSHOP_HEADER.length) === PHOTOSHOP_HEADER ? PHOTOSHOP_HEADER.length : 0;
  while (at + 12 <= block.length && block.toString('latin1', at, at + 4) === RESOURCE_MARK) {
    const id = block.readUInt16BE(at + 4);
    const nameLength = block.readUInt8(at + 6) + 1;
    const sizeAt = at + 6 + nameLength + (nameLength % 2);
    if (sizeAt + 4 > block.length) break;
    const size = block.readUInt32BE(sizeAt);
    const data = block.subarray(sizeAt + 4, sizeAt + 4 + size);
    if (id === IPTC_RESOURCE && data.length === size) found.push(data);
    at = sizeAt + 4 + size + (size % 2);
  }
  return found;
}

/** The datasets from the start on, up to the first byte that begins none. */
function datasets(iim: Buffer): Dataset[] {
  const found: Dataset[] = [];
  let at = 0;
  while (at + 5 <= iim.length && iim[at] === DATASET_MARK) {
    const key = `${iim[at + 1]}:${iim[at + 2]}`;
    let size = iim.readUInt16BE(at + 3);
    let dataAt = at + 5;
    if (size === 0x8004 && dataAt + 4 <= iim.length) {
      size = iim.readUInt32BE(dataAt);
      dataAt += 4;
    } else if (size > 0x7fff) break;
    if (dataAt + size > iim.length) break;
    found.push({ key, start: at, end: dataAt + size });
    at = dataAt + size;
  }
  return found;
}

/** Only by-line and copyright notice (with the character set they are in); null when there is neither. */
export function copyrightIptc(iim: Buffer): Buffer | null {
  const all = datasets(iim);
  if (!all.some(({ key }) => copyrightValues.has(key))) return null;
  const kept = all.filter(({ key }) => copyrightDatasets.has(key));
  return Buffer.concat(kept.map(({ start, end }) => iim.subarray(start, end)));
}

/** IIM as one Photoshop resource, as PNG's raw profile and JPEG's APP13 hold it. */
export function toPhotoshopResource(iim: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.write(RESOURCE_MARK, 0, 'latin1');
  head.writeUInt16BE(IPTC_RESOURCE, 4);
  head.writeUInt32BE(iim.length, 8);
  return Buffer.concat([head, iim, Buffer.alloc(iim.length % 2)]);
}

/** The payload of a JPEG APP13 segment. */
export function toPhotoshopBlock(iim: Buffer): Buffer {
  return Buffer.concat([Buffer.from(PHOTOSHOP_HEADER, 'latin1'), toPhotoshopResource(iim)]);
}
