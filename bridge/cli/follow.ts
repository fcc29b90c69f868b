/** Follows a batch on the terminal until its end: a live bar for people, lines or JSON for the rest. */
import { type BatchStatusObject, type BridgeClient, isFinished } from '../client/index.ts';
import { isNews, renderBar, renderClosing, renderLine } from './bar.ts';
import type { Context } from './context.ts';
import { exitCodes, toBatchExitCode } from './exit-codes.ts';

/** Answers the exit code. Ctrl-C ends the following only: the batch goes on. */
export async function followBatch(context: Context, client: BridgeClient, batchId: string): Promise<number> {
  return await context.interruptible(async (signal) => {
    let last: BatchStatusObject | null = null;
    for await (const batch of client.watchBatch(batchId, { signal })) {
      showBatch(context, last, batch);
      last = batch;
    }
    if (last !== null && isFinished(last)) {
      if (!context.json) context.terminal.line(renderClosing(last));
      return toBatchExitCode(last);
    }
    context.terminal.note(
      `The batch goes on without this window. Look again: photo-bridge watch ${batchId}; stop it: photo-bridge pause ${batchId}`,
    );
    return exitCodes.interrupted;
  });
}

function showBatch(
  { terminal, json }: Context,
  last: BatchStatusObject | null,
  batch: BatchStatusObject,
): void {
  if (json) terminal.json(batch);
  else if (terminal.live) terminal.redraw(renderBar(batch, terminal.columns, terminal.paint));
  else if (isNews(last, batch)) terminal.line(renderLine(batch));
}
