/** `photo-bridge demo`: a real batch on a real daemon with a pause, a crash and a recovery, checked at the end. */
import type { Context } from '../context.ts';
import { exitCodes, toExitCode } from '../exit-codes.ts';
import { toDuration } from '../wording.ts';
import { createStage } from './stage.ts';
import { type DemoReport, playDemo } from './story.ts';

export type DemoOptions = { folder?: string | undefined; keep?: string | undefined };

/** Nothing in the demo takes that long; it must end by itself even if something hangs. */
const DEADLINE_MS = 300_000;

/** Answers the exit code: 0 when everything was as promised. */
export async function runDemo(context: Context, options: DemoOptions): Promise<number> {
  const { terminal, host } = context;
  const say = context.json ? terminal.note : terminal.line;
  const startedAt = performance.now();
  return await context.interruptible(async (interrupt) => {
    const stage = await createStage(host, options.keep);
    const signal = AbortSignal.any([interrupt, AbortSignal.timeout(DEADLINE_MS)]);
    let passed = false;
    try {
      const report = await playDemo({ context, stage, folder: options.folder, signal, say });
      passed = report.faults.length === 0;
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      if (context.json) terminal.json({ ...report, seconds });
      else showReport(say, report, seconds);
    } catch (error) {
      if (interrupt.aborted) return exitCodes.interrupted;
      say(`The demo could not be finished: ${error instanceof Error ? error.message : String(error)}`);
      return Math.max(exitCodes.error, toExitCode(error));
    } finally {
      const keepData = !passed && !interrupt.aborted;
      await stage.close({ keepData });
      if (keepData) say(`The daemon's data is kept for a look: ${stage.dataDir}`);
    }
    return passed ? exitCodes.ok : exitCodes.error;
  });
}

function showReport(say: (line: string) => void, report: DemoReport, seconds: number): void {
  say('');
  if (report.faults.length > 0) {
    say('Not as promised:');
    for (const fault of report.faults) say(`  ${fault}`);
  } else {
    const lost =
      report.interrupted === 0 ? '' : `, ${report.interrupted} of them in flight when it was killed`;
    say(`${report.processed} of ${report.total} photos processed, each exactly once${lost}.`);
    if (report.failed > 0) say(`${report.failed} failed, each with its reason: ${report.reasons.join('; ')}`);
    say(
      'No partial file, no temporary file, no second copy; every result decodes and has the recorded hash.',
    );
    say('The sources are as they were.');
  }
  say('');
  say(`Results        ${report.results}`);
  if (report.contact_sheet !== null) say(`Before, after  ${report.contact_sheet}`);
  say(`All in ${toDuration(seconds)}.`);
}
