/** `recover` and `cleanup`: what is done after a crash and after a while. */
import { type Action, type Context, findBatchId } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { toCount } from '../wording.ts';

export const recover: Action<{ resume?: boolean }> = async (context, _args, flags) => {
  const client = await context.connect();
  const answer = await client.batches.recover();
  const resumed: string[] = [];
  if (flags.resume) {
    for (const { batch_id } of answer.batches) {
      const id = await findBatchId(client, batch_id);
      const { status } = await client.batches.status(id);
      if (status === 'paused') resumed.push((await client.batches.resume(id)).batch_id);
    }
  }
  if (context.json) context.terminal.json(flags.resume ? { ...answer, resumed } : answer);
  else showRecovery(context, answer, resumed);
  return answer.failed_count > 0 ? exitCodes.error : exitCodes.ok;
};

type Recovery = {
  recovered_count: number;
  batches: { batch_id: string; remaining_count: number; in_flight_count: number }[];
  quarantined: { file: string; reason: string }[];
};

function showRecovery({ terminal }: Context, answer: Recovery, resumed: readonly string[]): void {
  terminal.line(
    `Recovered ${toCount(answer.recovered_count, 'interrupted batch').replace(/batchs$/, 'batches')}.`,
  );
  for (const batch of answer.batches) {
    const left = `${batch.remaining_count} left, ${batch.in_flight_count} of them were in flight`;
    terminal.line(`${batch.batch_id}  ${left}${resumed.includes(batch.batch_id) ? ', resumed' : ''}`);
  }
  for (const { file, reason } of answer.quarantined) terminal.line(`set aside: ${file}: ${reason}`);
  const waiting = answer.batches.find(({ batch_id }) => !resumed.includes(batch_id));
  if (waiting) terminal.note(`Go on with: photo-bridge resume ${waiting.batch_id}`);
}

export const cleanup: Action<{ daysOld?: number; dryRun?: boolean }> = async (context, _args, flags) => {
  const client = await context.connect();
  const answer = await client.batches.cleanup({
    ...(flags.daysOld !== undefined && { days_old: flags.daysOld }),
    ...(flags.dryRun === true && { dry_run: true }),
  });
  if (context.json) context.terminal.json(answer);
  else {
    const count = toCount(answer.cleaned_count, 'finished batch').replace(/batchs$/, 'batches');
    const verb = flags.dryRun ? 'Would clean up' : 'Cleaned up';
    context.terminal.line(`${verb} ${count} older than ${answer.days_old} days. Photos and outputs stay.`);
  }
  return exitCodes.ok;
};
