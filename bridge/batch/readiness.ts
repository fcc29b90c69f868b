/**
 * Whether a batch's storage lets it run: asks its operation about the output folder and the item that would run next.
 * Changes nothing.
 */
import type { Failure } from '../contract/index.ts';
import { type Batch, toItemView } from './batch.ts';
import type { FolderStage } from './output-ports.ts';
import type { ItemView, OperationRun } from './ports.ts';

/** What is in the way of the batch, or null. */
export function findStorageFault(batch: Batch, run: OperationRun): Promise<Failure | null> {
  return run.ready({ next: nextItem(batch), folder: stageOf(batch, run) });
}

/** The same of the output folder alone. */
export function findOutputFault(batch: Batch, run: OperationRun): Promise<Failure | null> {
  return run.ready({ next: null, folder: stageOf(batch, run) });
}

/** The one that met the trouble, else the one that would be handed out. */
function nextItem(batch: Batch): ItemView | null {
  const { items, trouble } = batch;
  const isBlocked = trouble.blockedBy !== null && !items.isSettled(trouble.blockedBy);
  const index = isBlocked ? trouble.blockedBy : (items.peek() ?? items.peekSuspect());
  return index === null ? null : toItemView(batch, index, items.attempts(index) + 1);
}

/** A retry may have moved the outputs: nobody kept which of them went to the new folder. */
function stageOf({ items, resultsFolder, trouble }: Batch, run: OperationRun): FolderStage {
  const isFirst = !trouble.isFolderNew && (resultsFolder === undefined || resultsFolder === run.folder);
  return isFirst && (items.settledCount > 0 || items.claims.size > 0) ? 'used' : 'unused';
}
