/** The look a batch has, out of its config. Pure. */
import type { PreviewRequest } from '../../../client/index.ts';

/** `preset`: its name, or a preset that was sent with the batch; absent: none. `blend`: percent. */
export type BatchLook = { preset?: NonNullable<PreviewRequest['preset']>; blend: number };

export function toLook(config: Readonly<Record<string, unknown>>): BatchLook {
  const { preset, blend } = config as PreviewRequest;
  return { blend: blend ?? 100, ...(preset === undefined || preset === null ? {} : { preset }) };
}

/** `Warm at 70 %`; `No preset`. */
export function toLookWords({ preset, blend }: BatchLook): string {
  if (preset === undefined) return 'No preset';
  const name = typeof preset === 'string' ? preset : toOwnName(preset);
  return `${name} at ${blend} %`;
}

function toOwnName(preset: Exclude<BatchLook['preset'], string | undefined>): string {
  const { name } = preset as { name?: unknown };
  return typeof name === 'string' && name !== '' ? name : 'A preset of its own';
}
