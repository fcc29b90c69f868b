/** `mirror retry`: sends the content changes that the mirror has not got yet. */
import type { Action } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

export const mirrorRetry: Action = async (context) => {
  const client = await context.connect();
  const report = await context.interruptible((signal) => client.content.retryMirror({ signal }));
  const { terminal } = context;
  if (context.json) terminal.json(report);
  else {
    terminal.line(`${report.mirrored} of ${report.tried} sent; ${report.left} left`);
    for (const { contentId, reason } of report.errors) terminal.line(`  ${contentId}: ${reason}`);
  }
  if (report.left === 0) return exitCodes.ok;
  return report.mirrored === 0 ? exitCodes.allFailed : exitCodes.someFailed;
};
