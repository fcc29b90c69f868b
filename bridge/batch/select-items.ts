/** The items of a batch that are no photos: from the start body, or from a file it names. They are numbered from 1. */
import { MAX_NAME_LENGTH, type Ref, type StartBody } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { Core } from './core.ts';
import type { ItemSelection, Operation, Prepared } from './ports.ts';
import { checkCount, type Selection } from './selection.ts';

type Wish = { body: StartBody; operation: Operation; prepared: Prepared };

/** Throws BridgeError when there are none, or as the operation does. */
export async function selectItems(core: Core, { body, operation, prepared }: Wish): Promise<Selection> {
  const { items, file } = body;
  if (items !== undefined) checkCount(core, items.length, 'items');
  const source = items !== undefined ? { items } : file !== undefined ? { file } : null;
  if (source === null || operation.select === undefined) throw new BridgeError('bad_request', NONE);
  return toSelection(core, await operation.select(source, prepared.config));
}

const NONE = 'items is required: a list of them, or file with the absolute path of a file that has them';

export function toSelection(core: Core, { items, units, warnings }: ItemSelection): Selection {
  if (items.length === 0) throw new BridgeError('unprocessable', 'items: there is nothing to do');
  checkCount(core, items.length, 'items');
  const refs = items.map(({ ref }) => shorten(ref));
  return {
    ids: Float64Array.from(items, (_, index) => index + 1),
    refs: refs.some((ref) => ref !== null) ? refs : null,
    inputs: items.map(({ input }) => input),
    units,
    warnings,
  };
}

/** A state file with a longer one could not be read again; what the item is has it whole. */
function shorten(ref: Ref | null): Ref | null {
  if (typeof ref !== 'string' || ref.length <= MAX_NAME_LENGTH) return ref;
  return `${ref.slice(0, MAX_NAME_LENGTH - 1)}…`;
}
