/** An opened inventory: its rows, the statuses that are to be written, and the saving of them. Posts nothing. */
import { BridgeError, toError } from '../../errors.ts';
import type { InventoryRow } from './columns.ts';
import { patchCsvInventory, readCsvInventory } from './csv-inventory.ts';
import {
  errorCode,
  type FileContent,
  hasBackup,
  hashOf,
  identify,
  readInventoryFile,
  replaceInventory,
  resolveInventory,
  saveBackup,
} from './inventory-file.ts';
import { findOpenElsewhere } from './open-elsewhere.ts';
import type { StatusEdit } from './placing.ts';
import { patchXlsxInventory, readXlsxInventory, type SheetChoice } from './xlsx-inventory.ts';

export type OpenOptions = SheetChoice & {
  /** The batch has saved this file before: its `.bak` stays, and the file need not be the one first opened. */
  resumed?: boolean;
};

/** `missed`: statuses whose row is gone. Not saved: nothing in the file changed and all statuses are kept for the next try. */
export type SaveEnd = { ok: true; written: boolean; missed: readonly StatusEdit[] } | SaveFault;
/** `hash`: of the file as another program left it. */
export type SaveFault = {
  ok: false;
  reason: 'changed' | 'open_elsewhere' | 'unwritable';
  message: string;
  hash?: string;
};

type Format = {
  read: (bytes: Buffer, choice: SheetChoice) => Promise<InventoryRow[]>;
  patch: typeof patchXlsxInventory;
};
const csv: Format = { read: readCsvInventory, patch: patchCsvInventory };
const xlsx: Format = { read: readXlsxInventory, patch: patchXlsxInventory };

/**
 * `path`: absolute. Rejects with BridgeError: `invalid_path`, `unprocessable` (too large, damaged, columns missing) or
 * `conflict` (open in another program). Changes nothing on disk.
 */
export async function openInventory(path: string, options: OpenOptions = {}): Promise<Inventory> {
  const real = await resolveInventory(path);
  const elsewhere = await findOpenElsewhere(real);
  if (elsewhere !== null) throw new BridgeError('conflict', elsewhere);
  const content = await readInventoryFile(real).catch((thrown: unknown) => {
    if (thrown instanceof BridgeError) throw thrown;
    throw new BridgeError(
      'conflict',
      `${path} cannot be opened (${errorCode(thrown)}): another program may hold it`,
    );
  });
  const format = toFormat(content.bytes);
  const rows = await format.read(content.bytes, options);
  return new Inventory({ path: real, rows, format, content, options });
}

/** By content, not by name: every XLSX is a ZIP file, and so is an `.xls` that was only renamed. */
function toFormat(bytes: Buffer): Format {
  const head = bytes.toString('latin1', 0, 4);
  return head.startsWith('PK') || head === '\xd0\xcf\x11\xe0' ? xlsx : csv;
}

export class Inventory {
  readonly path: string;
  /** As they were when the file was opened. */
  readonly rows: readonly InventoryRow[];
  readonly #format: Format;
  readonly #options: OpenOptions;
  readonly #edits = new Map<number, StatusEdit>();
  readonly #found: ReadonlyMap<number, InventoryRow>;
  readonly #byId: ReadonlyMap<string, InventoryRow[]>;
  /** Of the file as last read or written by us. */
  #hash: string;
  /** Of the file when it last was found to be that. */
  #identity: string;
  #backedUp = false;
  #unsaved = 0;
  #saving: Promise<unknown> = Promise.resolve();

  constructor(parts: {
    path: string;
    rows: readonly InventoryRow[];
    format: Format;
    content: Pick<FileContent, 'hash' | 'identity'>;
    options: OpenOptions;
  }) {
    this.path = parts.path;
    this.rows = parts.rows;
    this.#format = parts.format;
    this.#hash = parts.content.hash;
    this.#identity = parts.content.identity;
    this.#found = new Map(parts.rows.map((row) => [row.row, row]));
    this.#byId = Map.groupBy(parts.rows, ({ record }) => record.bucket_truck_id);
    this.#options = parts.options;
  }

  /** Statuses set since the last save. */
  get unsaved(): number {
    return this.#unsaved;
  }

  /** The record's row when the file was opened, also when it has moved since `row`; null when it is gone or not to be told apart. */
  find({ row, record: { bucket_truck_id: id } }: InventoryRow): InventoryRow | null {
    const here = this.#found.get(row);
    if (here?.record.bucket_truck_id === id) return here;
    const others = this.#byId.get(id) ?? [];
    return others.length === 1 ? (others[0] ?? null) : null;
  }

  /** Whether the file is as it was last read or written here, and nobody else has it open. Null when it is. Never rejects. */
  async findFault(): Promise<SaveFault | null> {
    try {
      const elsewhere = await findOpenElsewhere(this.path);
      if (elsewhere !== null) return { ok: false, reason: 'open_elsewhere', message: elsewhere };
      if ((await identify(this.path)) === this.#identity) return null;
      const { hash, identity } = await readInventoryFile(this.path);
      if (hash !== this.#hash) return { ...changed, hash };
      this.#identity = identity;
      return null;
    } catch (thrown) {
      return toUnwritable(thrown);
    }
  }

  /** Only in memory, until `save`. */
  setStatus({ row, record }: InventoryRow, text: string): void {
    this.#edits.set(row, { row, id: record.bucket_truck_id, text });
    this.#unsaved += 1;
  }

  /**
   * Writes all statuses set so far, one save at a time. `anyway`: also into a file that was changed meanwhile; its rows
   * are found by their `bucket_truck_id`. Never rejects.
   */
  save(options: { anyway?: boolean } = {}): Promise<SaveEnd> {
    const turn = this.#saving.then(() => this.#save(options.anyway ?? false)).catch(toUnwritable);
    this.#saving = turn;
    return turn;
  }

  async #save(anyway: boolean): Promise<SaveEnd> {
    if (this.#unsaved === 0 && !anyway) return { ok: true, written: false, missed: [] };
    const elsewhere = await findOpenElsewhere(this.path);
    if (elsewhere !== null) return { ok: false, reason: 'open_elsewhere', message: elsewhere };
    const before = await readInventoryFile(this.path);
    if (before.hash !== this.#hash && !anyway) return { ...changed, hash: before.hash };
    const edits = [...this.#edits.values()];
    const saving = this.#unsaved;
    const { bytes, missed } = await this.#format.patch(before.bytes, edits, this.#options);
    const isSame = bytes.equals(before.bytes);
    if (!isSame) {
      await this.#backUp(before);
      if (!(await replaceInventory(this.path, bytes, before))) return changed;
    }
    this.#hash = isSame ? before.hash : hashOf(bytes);
    this.#identity = isSame ? before.identity : await identify(this.path);
    this.#unsaved -= saving;
    return { ok: true, written: !isSame, missed };
  }

  /** The original once, before the first change of this batch. */
  async #backUp(before: FileContent): Promise<void> {
    if (this.#backedUp) return;
    const isKept = this.#options.resumed === true && (await hasBackup(this.path));
    if (!isKept) await saveBackup(this.path, before);
    this.#backedUp = true;
  }
}

const changed: SaveFault = {
  ok: false,
  reason: 'changed',
  message:
    'Another program changed the inventory since it was opened: its changes are left alone and the statuses are not saved yet',
};

/** Read-only or full disks, and programs that lock a file without leaving a mark. */
function toUnwritable(thrown: unknown): SaveFault {
  if (thrown instanceof BridgeError) return { ok: false, reason: 'unwritable', message: thrown.message };
  const code = errorCode(thrown);
  const reason = code === 'EBUSY' || code === 'EPERM' || code === 'EACCES' ? 'open_elsewhere' : 'unwritable';
  return {
    ok: false,
    reason,
    message:
      code === 'ENOENT'
        ? 'The inventory is gone: put it back where it was'
        : `The inventory cannot be written (${code || toError(thrown).message})`,
  };
}
