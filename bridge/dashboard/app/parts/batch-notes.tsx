/** What a batch was started with, and that a dry run wrote nothing. */
import type { BatchStatusObject } from '../../../client/index.ts';
import type { BatchConfig } from '../state/use-batch-config.ts';
import { toSettings } from '../words/settings.ts';

/** Closed until it is asked for; its line is there from the beginning, so that nothing moves when the answer comes. */
export function Started({ config }: { config: BatchConfig | null }) {
  const settings = config === null ? [] : toSettings(config);
  return (
    <details class="started">
      <summary>Started with</summary>
      <dl class="facts">
        {settings.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {config !== null && settings.length === 0 && <p class="hint">The defaults.</p>}
    </details>
  );
}

const doItWords = {
  captions: ['Publish them', '#/captions'],
  listings: ['Post them', '#/listings'],
} as const;

export function DryRunNote({ status, config }: { status: BatchStatusObject; config: BatchConfig | null }) {
  const { operation } = status;
  if (config?.dry_run !== true || !(operation === 'captions' || operation === 'listings')) return null;
  const [word, address] = doItWords[operation];
  return (
    <aside class="note" aria-label="Dry run">
      <p>This is a dry run: it looks and checks, and writes nothing anywhere.</p>
      <a class="button" href={address}>
        {word}…
      </a>
    </aside>
  );
}
