/** `captions publish`: approved captions to their posts, from this process; follows the run and says what became of it. */
import { resolve } from 'node:path';
import { isNews, renderBar, renderLine } from '../bar.ts';
import type { Action, Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CaptionReport, CaptionRequest, PublishedCaption } from '../host.ts';
import { toCount } from '../wording.ts';

type Flags = {
  limit?: number;
  batchSize?: number;
  concurrent?: number;
  verifyDelay?: number;
  /** False: `--no-rollback`. */
  rollback: boolean;
  dryRun?: boolean;
  verbose?: boolean;
  config?: string;
};

export const captionsPublish: Action<Flags> = async (context, [file = '-'], flags) => {
  const input = await readInput(context, file);
  const dataDir = (await context.folders())?.data;
  if (dataDir === undefined) throw new Error('The data folder cannot be told: see `photo-bridge doctor`');
  const stop = new AbortController();
  const ignore = context.host.onInterrupt(() => {
    context.terminal.note('Posts in hand are being finished; Ctrl-C again ends at once.');
    stop.abort();
  });
  try {
    const report = await context.host.publishCaptions({
      input,
      dataDir,
      settings: toSettings(flags),
      verbose: flags.verbose === true,
      signal: stop.signal,
      ...(flags.limit !== undefined && { limit: flags.limit }),
      ...(flags.config !== undefined && { config: flags.config }),
      ...toListeners(context, flags),
    });
    if (context.json) context.terminal.json(report);
    else showReport(context, report);
    return stop.signal.aborted ? exitCodes.interrupted : toExitCode(report);
  } finally {
    ignore();
  }
};

async function readInput({ host, terminal }: Context, file: string): Promise<CaptionRequest['input']> {
  if (file !== '-') return { file: resolve(host.cwd, file) };
  const where = host.stdin.isTTY ? 'the terminal; end them with Ctrl-D' : 'standard input';
  terminal.note(`Reading captions (JSON or CSV) from ${where}.`);
  return { bytes: await host.stdin.read() };
}

function toSettings({
  batchSize,
  concurrent,
  verifyDelay,
  rollback,
  dryRun,
}: Flags): CaptionRequest['settings'] {
  return {
    ...(batchSize !== undefined && { batchSize }),
    ...(concurrent !== undefined && { maxConcurrent: concurrent }),
    ...(verifyDelay !== undefined && { verifyDelayMs: verifyDelay * 1000 }),
    ...(!rollback && { rollback }),
    ...(dryRun === true && { dryRun }),
  };
}

function toListeners(
  { terminal, json }: Context,
  { verbose }: Flags,
): Pick<CaptionRequest, 'onProgress' | 'onResult'> {
  let last: Parameters<CaptionRequest['onProgress']>[0] | null = null;
  return {
    onProgress(batch) {
      const isNew = isNews(last, batch);
      last = batch;
      if (json) return;
      if (terminal.live) terminal.redraw(renderBar(batch, terminal.columns, terminal.paint));
      else if (isNew) terminal.line(renderLine(batch));
    },
    onResult(caption) {
      if (verbose && !json) terminal.line(toResultLine(caption));
    },
  };
}

function toResultLine({ image_id, post_id, status, error }: PublishedCaption): string {
  return `${image_id}  post ${post_id}  ${status}${error === null ? '' : `: ${error.message}`}`;
}

function showReport({ terminal }: Context, report: CaptionReport): void {
  for (const error of report.errors) terminal.note(`error: ${error}`);
  if (report.reason !== undefined) terminal.note(report.reason);
  const count = (wanted: string) => report.results.filter(({ status }) => status === wanted).length;
  const planned = count('planned');
  if (planned > 0) terminal.line(`Would publish: ${toCount(planned, 'caption')}. Nothing was written.`);
  for (const name of ['processed', 'successful', 'failed', 'verified', 'rollbacks'] as const)
    terminal.line(`${name.charAt(0).toUpperCase()}${name.slice(1)}: ${report[name]}`);
  terminal.line(`Errors: ${report.errors.length}`);
  const left = count('stopped');
  if (left > 0) terminal.note(`${toCount(left, 'caption')} not done: the same command again goes on.`);
}

/** A list that could not be used has errors and no results. */
function toExitCode({ failed, successful, errors }: CaptionReport): number {
  if (failed === 0) return errors.length === 0 ? exitCodes.ok : exitCodes.error;
  return successful === 0 ? exitCodes.allFailed : exitCodes.someFailed;
}
