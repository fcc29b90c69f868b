/** `start` and `plan`: photos and flags to a batch, or to what a batch would do. */
import type { PlanAnswer, StartRequest } from '../../client/index.ts';
import type { Action, Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { followBatch } from '../follow.ts';
import { loadPreset } from '../load-preset.ts';
import { parsePhotoArguments, registerAll, toSelection } from '../select-photos.ts';
import { type StartFlags, toDevelopConfig, toStartBody } from '../start-body.ts';
import { showTable } from '../table.ts';
import { toCount } from '../wording.ts';

type Flags = StartFlags & { glob?: string; watch?: boolean; idempotencyKey?: string };

export const start: Action<Flags> = async (context, args, flags) => {
  const client = await context.connect();
  const body = await loadStartBody(context, args, flags);
  const answer = await client.batches.start(body, { idempotencyKey: flags.idempotencyKey });
  if (context.json) context.terminal.json(answer);
  else {
    context.terminal.line(`Batch started: ${answer.batch_id} (${toCount(answer.photo_count, 'photo')})`);
    for (const warning of answer.warnings ?? []) context.terminal.note(`warning: ${warning}`);
    if (!flags.watch) context.terminal.note(`Follow it: photo-bridge watch ${answer.batch_id}`);
  }
  return flags.watch ? await followBatch(context, client, answer.batch_id) : exitCodes.ok;
};

export const plan: Action<Flags> = async (context, args, flags) => {
  const client = await context.connect();
  const answer = await client.batches.plan(await loadStartBody(context, args, flags));
  if (context.json) context.terminal.json(answer);
  else showPlan(context, answer);
  return exitCodes.ok;
};

async function loadStartBody(context: Context, args: readonly string[], flags: Flags): Promise<StartRequest> {
  const { cwd } = context.host;
  const found = await parsePhotoArguments(args, cwd);
  const selection = toSelection(found, flags.glob);
  const config = toDevelopConfig(flags, cwd, await loadPreset(context, flags.preset));
  const chosen =
    selection === 'mixed'
      ? { photo_ids: await registerAll(await context.connect(), found, { glob: flags.glob }) }
      : selection;
  return toStartBody({ selection: chosen, config, flags, now: Date.now() });
}

function showPlan({ terminal }: Context, answer: PlanAnswer): void {
  const rows = answer.items.map((item) => [
    item.action,
    item.path ?? `photo ${item.photo_id}`,
    item.failure ? item.failure.message : (item.output_path ?? ''),
  ]);
  showTable(terminal, rows, { rules: [null, { cut: 'middle', min: 12 }, { cut: 'middle', min: 12 }] });
  for (const warning of answer.warnings) terminal.note(`warning: ${warning}`);
  const counts = Object.entries(answer.counts).filter(([, count]) => count > 0);
  terminal.note(`Nothing was written. ${counts.map(([action, count]) => `${count} ${action}`).join(', ')}.`);
}
