/** What a user can do with a batch. What is possible is the daemon's to say: a refusal is shown in its words. */
import type { Child } from 'hono/jsx';
import { useState } from 'hono/jsx/dom';
import type { BatchStatus, BatchStatusObject } from '../../../client/index.ts';
import { client, live, messages } from '../state/bridge.ts';
import { operationWords } from '../words/operation.ts';
import { Ask } from './ask.tsx';

type Act = 'pause' | 'resume' | 'cancel' | 'retry';
const offered: Readonly<Record<BatchStatus, readonly Act[]>> = {
  pending: ['cancel'],
  running: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
  completed: ['retry'],
  failed: ['retry'],
  cancelled: [],
};
const words: Readonly<Record<Act, string>> = {
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel…',
  retry: 'Retry failed',
};

type Props = {
  status: BatchStatusObject;
  /** More buttons: a row of a batch that is over must not be empty, or all below would move when it ends. */
  children?: Child;
};

export function Actions({ status, children }: Props) {
  const [busy, setBusy] = useState<Act | null>(null);
  const [asking, setAsking] = useState(false);
  const id = status.batch_id;
  const acts = offered[status.status].filter((act) => act !== 'retry' || status.failed_count > 0);
  const isOpen = offered[status.status].includes('cancel');

  async function run(act: Act): Promise<void> {
    setBusy(act);
    const calls = {
      pause: () => client.batches.pause(id),
      resume: () => client.batches.resume(id),
      cancel: () => client.batches.cancel(id),
      retry: () => client.batches.retryFailed(id),
    };
    await messages.report(calls[act]);
    live.refreshSoon();
    setBusy(null);
  }

  return (
    <fieldset class="actions" aria-label={`Actions for ${id}`}>
      {acts.map((act) => (
        <button
          key={act}
          type="button"
          class={act === 'resume' ? 'primary' : ''}
          aria-disabled={busy === null ? 'false' : 'true'}
          onClick={() => {
            if (busy !== null) return;
            if (act === 'cancel') setAsking(true);
            else void run(act);
          }}
        >
          {words[act]}
        </button>
      ))}
      {isOpen && <Priority status={status} />}
      {children}
      {asking && (
        <Ask
          title="Cancel this batch?"
          text={`${operationWords(status.operation).kept} What is still to do is not done; a cancelled batch cannot be resumed.`}
          yes="Cancel the batch"
          no="Keep it"
          onYes={() => void run('cancel')}
          onClose={() => setAsking(false)}
        />
      )}
    </fieldset>
  );
}

const priorities = Array.from({ length: 10 }, (_, index) => index + 1);

function Priority({ status }: { status: BatchStatusObject }) {
  return (
    <label class="priority">
      <span>Priority</span>
      <select
        value={String(status.priority)}
        onInput={(event: Event) => {
          const priority = Number((event.target as HTMLSelectElement).value);
          void messages.report(() => client.batches.setPriority(status.batch_id, priority));
        }}
      >
        {priorities.map((priority) => (
          <option key={priority} value={String(priority)} selected={priority === status.priority}>
            {priority}
            {priority === 1 ? ' (last)' : priority === 10 ? ' (first)' : ''}
          </option>
        ))}
      </select>
    </label>
  );
}
