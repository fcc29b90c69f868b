/** `listings run`: posts the rows of an inventory in this process and shows how far it is. */
import { isAbsolute, join, normalize } from 'node:path';
import type { Action, Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ListingsAnswer } from '../host.ts';

type RunFlags = {
  mode: 'new' | 'all';
  poster: string;
  posterFormat?: 'json' | 'multipart';
  imagesDir: string;
  saveEvery?: string;
  concurrent?: number;
  sheet?: string;
  dryRun?: boolean;
};

export const listingsRun: Action<RunFlags> = async (context, [file = ''], flags) => {
  const { host } = context;
  const { mode, posterFormat, saveEvery, concurrent, sheet } = flags;
  const dataDir = (await context.folders())?.data;
  const poster = /^https?:\/\//i.test(flags.poster) ? flags.poster : toAbsolute(context, flags.poster);
  return await context.interruptible(async (signal) => {
    signal.addEventListener('abort', () => {
      context.terminal.note('The record in hand is finished and all is saved; Ctrl-C again ends now.');
    });
    const answer = await host.runListings({
      file: toAbsolute(context, file),
      mode,
      poster,
      imagesDir: toAbsolute(context, flags.imagesDir),
      ...(posterFormat !== undefined && { posterFormat }),
      ...(saveEvery !== undefined && { saveEvery }),
      ...(concurrent !== undefined && { concurrent }),
      ...(sheet !== undefined && { sheet }),
      ...(flags.dryRun === true && { dryRun: true }),
      ...(dataDir !== undefined && { dataDir }),
      signal,
      onProgress: (percent, message) => showProgress(context, percent, message),
      onHold: (reason) =>
        context.terminal.note(reason === null ? 'Going on.' : `Waiting, nothing is posted: ${reason}`),
    });
    showAnswer(context, answer);
    return toExitCode(answer, signal.aborted);
  });
};

/** As the person means it who typed it. */
function toAbsolute({ host }: Context, path: string): string {
  return isAbsolute(path) ? normalize(path) : join(host.cwd, path);
}

function showProgress({ terminal, json }: Context, percent: number, message: string): void {
  const line = `[${percent.toFixed(1).padStart(5)}%] ${message}`;
  if (json) return;
  if (terminal.live) terminal.redraw(line.slice(0, terminal.columns - 1));
  else terminal.line(line);
}

function showAnswer({ terminal, json }: Context, answer: ListingsAnswer): void {
  if (json) {
    terminal.json(answer);
    return;
  }
  for (const { record_id, success, message } of answer.results)
    if (!success) terminal.line(`${terminal.paint('red', record_id)}  ${message}`);
  const left = answer.skipped_records === 0 ? '' : ` (${answer.skipped_records} left out)`;
  terminal.line(`${answer.message}${left}.`);
}

function toExitCode(answer: ListingsAnswer, isInterrupted: boolean): number {
  const { failed_posts, successful_posts, total_records } = answer;
  if (isInterrupted && failed_posts + successful_posts < total_records) return exitCodes.interrupted;
  if (failed_posts > 0) return successful_posts === 0 ? exitCodes.allFailed : exitCodes.someFailed;
  return answer.success ? exitCodes.ok : exitCodes.error;
}
