/** How the daemon is: connected or not, at which load, and what is wrong with it. */
import { live } from '../state/bridge.ts';
import { useSelected } from '../state/store.ts';
import { toLimitSentence } from '../words/batch.ts';

const linkWords = { connecting: 'Connecting…', live: 'Live', lost: 'Reconnecting…' } as const;

export function LinkState() {
  const link = useSelected(live.store, (state) => state.link);
  return (
    <p class="link" data-link={link} role="status">
      <span class="unseen">Connection: </span>
      {linkWords[link]}
    </p>
  );
}

export function LoadChip() {
  const limit = useSelected(live.store, (state) => state.limit);
  const sentence =
    limit === null
      ? 'Resources'
      : (toLimitSentence(limit) ?? `Full speed: ${limit.limit.toLocaleString('en')} at a time`);
  return (
    <a class="load" href="#/resources" data-state={limit?.state} title={sentence}>
      <span class="unseen">{sentence}</span>
      {limit !== null && <span aria-hidden="true">{`${limit.limit} of ${limit.capacity}`}</span>}
    </a>
  );
}

const healthWords: Readonly<Record<string, string>> = {
  starting: 'The daemon is starting.',
  safe_mode: 'Safe mode: nothing renders until a batch is resumed.',
  read_only: 'Read-only: the daemon cannot save, so nothing can be changed.',
  stopping: 'The daemon is stopping.',
};

/** Empty most of the time; a live region has to be there before it speaks. */
export function Warnings() {
  const health = useSelected(live.store, (state) => state.health);
  const link = useSelected(live.store, (state) => state.link);
  const sentence = typeof health?.state === 'string' ? healthWords[health.state] : undefined;
  const reason = typeof health?.reason === 'string' ? health.reason : '';
  return (
    <div class="warnings" role="status">
      {link === 'lost' && (
        <p class="warning">
          The daemon does not answer. The numbers below are the last it told; this page reconnects by itself.
        </p>
      )}
      {link !== 'lost' && sentence !== undefined && (
        <p class="warning">
          {sentence} {reason}
        </p>
      )}
    </div>
  );
}
