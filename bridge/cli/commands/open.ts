/** `open`: the dashboard of the daemon that runs, in the browser, or its address to go there oneself. */
import { openInBrowser } from '../browser.ts';
import { type Action, findBatchId } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

export const openDashboard: Action<{ print?: boolean }> = async (context, [text], flags) => {
  const { terminal, host, json } = context;
  const client = await context.connect();
  // A page that cannot be reached, or is about no batch, is not worth a window.
  if (text === undefined) await client.health();
  const batchId = text === undefined ? null : await findBatchId(client, text);
  if (batchId !== null) await client.batches.status(batchId);
  const url = batchId === null ? `${client.url}/` : `${client.url}/#/batch/${batchId}`;
  const obstacle = flags.print === true ? null : await openInBrowser(url, host);
  const opened = flags.print !== true && obstacle === null;
  if (json) terminal.json({ url, opened, ...(obstacle !== null && { reason: obstacle }) });
  else {
    terminal.line(opened ? `Opened ${url}` : url);
    if (obstacle !== null) terminal.note(`Open it yourself: ${obstacle}.`);
  }
  return exitCodes.ok;
};
