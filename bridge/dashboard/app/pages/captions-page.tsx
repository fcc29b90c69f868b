/** Publishes approved captions: a list is chosen or pasted, looked through post by post, and started as a batch. */
import { useCallback, useMemo, useState } from 'hono/jsx/dom';
import { CaptionOptions } from '../parts/caption-options.tsx';
import { CaptionPosts } from '../parts/caption-posts.tsx';
import { CaptionServerCard } from '../parts/caption-server.tsx';
import { CaptionSource } from '../parts/caption-source.tsx';
import { goTo } from '../router.ts';
import { client, live, messages } from '../state/bridge.ts';
import {
  type CaptionDraft,
  type CaptionField,
  emptyCaptionDraft,
  toCaptionRefusal,
  toCaptionsRequest,
} from '../state/caption-draft.ts';
import { readCaptionFile, toCaptionTexts, toPosts } from '../state/caption-file.ts';
import { saveCaptionTexts } from '../state/caption-texts.ts';
import { type FieldRefusal, noRefusal } from '../state/refusal.ts';
import { useCaptionServer } from '../state/use-caption-server.ts';
import { toCount } from '../words/operation.ts';

/** Survives a look at another page. */
const kept: { draft: CaptionDraft } = { draft: emptyCaptionDraft };

export function CaptionsPage() {
  const [draft, setDraft] = useState<CaptionDraft>(kept.draft);
  const [refusal, setRefusal] = useState<FieldRefusal<CaptionField>>(noRefusal);
  const [isBusy, setBusy] = useState(false);
  const server = useCaptionServer();
  kept.draft = draft;
  const change = useCallback((part: Partial<CaptionDraft>) => setDraft((now) => ({ ...now, ...part })), []);
  const file = useMemo(() => readCaptionFile(draft.text), [draft.text]);
  const limit = Number(draft.limit) >= 1 ? Number(draft.limit) : Number.POSITIVE_INFINITY;
  const posts = useMemo(() => (file.ok ? toPosts(file.rows, limit) : []), [file, limit]);
  const count = posts.reduce((sum, { captions }) => sum + captions.length, 0);

  function refuse(refused: FieldRefusal<CaptionField>): void {
    setRefusal(refused);
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  }

  async function start(): Promise<void> {
    if (isBusy) return;
    if (!file.ok) {
      refuse({ fields: { captions: file.problem }, rest: null });
      return;
    }
    setBusy(true);
    try {
      const answer = await client.batches.start(toCaptionsRequest(draft, file.rows));
      saveCaptionTexts(answer.batch_id, toCaptionTexts(posts));
      // What was only looked at is likely to be published next.
      setDraft(draft.dryRun ? { ...draft, dryRun: false } : { ...draft, text: '', fileName: null });
      messages.say('done', [answer.message, ...(answer.warnings ?? [])].join('. '));
      live.refreshSoon();
      goTo(`/batch/${answer.batch_id}`);
    } catch (thrown) {
      setBusy(false);
      refuse(toCaptionRefusal(thrown));
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
      <h1 tabindex={-1}>Captions</h1>
      <p class="lead">
        Approved captions go to their posts on Mastodon, Pixelfed or Pleroma: one edit a post, looked at again
        afterwards, and put back as it was when a caption did not land.
      </p>
      <Refused sentence={refusal.rest} />
      <CaptionServerCard server={server} />
      <CaptionSource
        draft={draft}
        onChange={(part) => {
          setRefusal(noRefusal);
          change(part);
        }}
        error={refusal.fields.captions ?? (draft.text.trim() !== '' && !file.ok ? file.problem : undefined)}
      />
      {file.ok && <CaptionPosts posts={posts} rows={file.rows.length} />}
      <CaptionOptions draft={draft} onChange={change} errors={refusal.fields} />
      <div class="start-bar">
        <p role="status">{count === 0 ? 'No approved captions yet' : toSummary(count, posts.length)}</p>
        <button type="submit" class="primary" aria-disabled={isBusy ? 'true' : 'false'}>
          {draft.dryRun ? 'Look, and write nothing' : 'Publish'}
        </button>
      </div>
    </form>
  );
}

function toSummary(count: number, posts: number): string {
  return `${toCount(count, 'captions')} in ${posts.toLocaleString('en')} ${posts === 1 ? 'post' : 'posts'}`;
}

function Refused({ sentence }: { sentence: string | null }) {
  if (sentence === null) return null;
  return (
    <p class="warning" role="alert">
      {sentence}
    </p>
  );
}
