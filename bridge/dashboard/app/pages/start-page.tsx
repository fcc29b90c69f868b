/** Puts a batch together: which photos, which look, what to write; then starts it. */
import { useCallback, useState } from 'hono/jsx/dom';
import { LookStep } from '../parts/look-step.tsx';
import { OutputStep } from '../parts/output-step.tsx';
import { type Found, PhotoSource } from '../parts/photo-source.tsx';
import { goTo } from '../router.ts';
import type { PageProps } from '../routes.ts';
import { client, live, messages } from '../state/bridge.ts';
import { type Draft, emptyDraft, type Refusal, toRefusal, toStartRequest } from '../state/draft.ts';
import { noRefusal } from '../state/refusal.ts';

/** Survives a look at another page. */
const kept: { draft: Draft; found: Found | null } = { draft: emptyDraft, found: null };

export function StartPage({ query }: PageProps) {
  const wanted = query.get('preset');
  const [draft, setDraft] = useState<Draft>(wanted === null ? kept.draft : { ...kept.draft, preset: wanted });
  const [found, setFound] = useState<Found | null>(kept.found);
  const [refusal, setRefusal] = useState<Refusal>(noRefusal);
  const [isBusy, setBusy] = useState(false);
  kept.draft = draft;
  kept.found = found;
  const change = useCallback((part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part })), []);

  async function start(): Promise<void> {
    if (isBusy) return;
    if (found === null || found.photoIds.length === 0) {
      setRefusal({
        fields: { photos: 'Choose photos first: give a folder or files, and have a look.' },
        rest: null,
      });
      document.getElementById('folder')?.focus();
      return;
    }
    setBusy(true);
    try {
      const answer = await client.batches.start(toStartRequest(draft, found.photoIds));
      kept.draft = { ...draft, folder: '', files: '' };
      kept.found = null;
      messages.say('done', [answer.message, ...(answer.warnings ?? [])].join('. '));
      live.refreshSoon();
      goTo(`/batch/${answer.batch_id}`);
    } catch (thrown) {
      setRefusal(toRefusal(thrown));
      setBusy(false);
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
      <h1 tabindex={-1}>New batch</h1>
      {refusal.rest !== null && (
        <p class="warning" role="alert">
          {refusal.rest}
        </p>
      )}
      <PhotoSource
        draft={draft}
        onChange={change}
        found={found}
        onFound={(now) => {
          setFound(now);
          setRefusal(noRefusal);
        }}
        error={refusal.fields.photos}
      />
      <LookStep draft={draft} onChange={change} found={found} error={refusal.fields.preset} />
      <OutputStep draft={draft} onChange={change} errors={refusal.fields} />
      <div class="start-bar">
        <p role="status">
          {found === null ? 'No photos chosen yet' : `${found.photoIds.length.toLocaleString('en')} photos`}
          {draft.preset === null ? '' : `, ${draft.preset} at ${draft.blend} %`}
        </p>
        <button type="submit" class="primary" aria-disabled={isBusy ? 'true' : 'false'}>
          Start the batch
        </button>
      </div>
    </form>
  );
}
