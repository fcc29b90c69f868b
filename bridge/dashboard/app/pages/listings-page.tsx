/** Posts the rows of an inventory: a file of this machine, a poster, and how it is done; then starts it as a batch. */
import { useState } from 'hono/jsx/dom';
import { ListingSource } from '../parts/listing-source.tsx';
import { PosterStep } from '../parts/poster-step.tsx';
import { goTo } from '../router.ts';
import { client, live, messages } from '../state/bridge.ts';
import {
  emptyListingDraft,
  type ListingDraft,
  type ListingField,
  toListingRefusal,
  toListingsRequest,
} from '../state/listing-draft.ts';
import { type FieldRefusal, noRefusal } from '../state/refusal.ts';
import { toFileName } from '../words/paths.ts';

/** Survives a look at another page. */
const kept: { draft: ListingDraft } = { draft: emptyListingDraft };

export function ListingsPage() {
  const [draft, setDraft] = useState<ListingDraft>(kept.draft);
  const [refusal, setRefusal] = useState<FieldRefusal<ListingField>>(noRefusal);
  const [isBusy, setBusy] = useState(false);
  kept.draft = draft;
  function change(part: Partial<ListingDraft>): void {
    setRefusal(noRefusal);
    setDraft((now) => ({ ...now, ...part }));
  }

  async function start(): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    try {
      const answer = await client.batches.start(toListingsRequest(draft));
      // What was only checked is likely to be posted next.
      setDraft({ ...draft, dryRun: false });
      messages.say('done', [answer.message, ...(answer.warnings ?? [])].join('. '));
      live.refreshSoon();
      goTo(`/batch/${answer.batch_id}`);
    } catch (thrown) {
      setBusy(false);
      setRefusal(toListingRefusal(thrown));
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    }
  }

  return (
    <form
      class="page start"
      noValidate
      onSubmit={(event: Event) => {
        event.preventDefault();
        void start();
      }}
    >
      <h1 tabindex={-1}>Listings</h1>
      <p class="lead">
        The rows of a CSV or XLSX inventory are handed to a poster, one ad a row. What became of each is
        written into its posting_status cell; nothing else in the file changes.
      </p>
      {refusal.rest !== null && (
        <p class="warning" role="alert">
          {refusal.rest}
        </p>
      )}
      <ListingSource draft={draft} onChange={change} errors={refusal.fields} />
      <PosterStep draft={draft} onChange={change} errors={refusal.fields} />
      <div class="start-bar">
        <p role="status">
          {draft.file.trim() === '' ? 'No inventory chosen yet' : toFileName(draft.file.trim())}
        </p>
        <button type="submit" class="primary" aria-disabled={isBusy ? 'true' : 'false'}>
          {draft.dryRun ? 'Check, and post nothing' : 'Post the ads'}
        </button>
      </div>
    </form>
  );
}
