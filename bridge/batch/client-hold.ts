/** The hold that a client places on a batch for a time of its own. */
import type { z } from 'zod';
import type { Hold, placeHoldBodySchema } from '../contract/index.ts';
import type { Clock } from './ports.ts';

export function toClientHold(
  { client, reason, lease_s }: z.infer<typeof placeHoldBodySchema>,
  clock: Pick<Clock, 'iso' | 'wallMs'>,
): Hold {
  const until = new Date(clock.wallMs() + lease_s * 1000).toISOString();
  return { owner: `client:${client}`, reason, since: clock.iso(), until };
}
