/** Where the captions come from: a file that the browser reads, or its text. */
import { useState } from 'hono/jsx/dom';
import type { CaptionDraft } from '../state/caption-draft.ts';
import { Field, toDescription } from './field.tsx';

type Props = {
  draft: CaptionDraft;
  onChange: (part: Partial<CaptionDraft>) => void;
  error: string | undefined;
};

const HINT =
  'CSV or JSON with image_id, post_id or post_url, media_id or attachment_index, caption, status; reviewed_caption and updated_at if you have them.';

export function CaptionSource({ draft, onChange, error }: Props) {
  const [unreadable, setUnreadable] = useState<string | undefined>(undefined);

  async function read(input: HTMLInputElement): Promise<void> {
    const [file] = input.files ?? [];
    if (file === undefined) return;
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
      setUnreadable(undefined);
      onChange({ text, fileName: file.name });
    } catch {
      setUnreadable(`${file.name} is no UTF-8 text: save it as UTF-8.`);
    }
  }

  const problem = unreadable ?? error;
  return (
    <fieldset class="card step">
      <legend>Captions</legend>
      <div class="file-choice">
        <label class="button">
          Choose a file…
          <input
            class="unseen"
            type="file"
            accept=".csv,.tsv,.json,text/csv,application/json"
            aria-label="File of captions"
            onChange={(event: Event) => void read(event.target as HTMLInputElement)}
          />
        </label>
        <span>{draft.fileName ?? 'or paste its text'}</span>
      </div>
      <Field id="captions" label="Text of the file" hint={HINT} error={problem}>
        <textarea
          id="captions"
          rows={6}
          spellcheck={false}
          value={draft.text}
          {...toDescription('captions', HINT, problem)}
          onInput={(event: Event) => {
            setUnreadable(undefined);
            onChange({ text: (event.target as HTMLTextAreaElement).value, fileName: null });
          }}
        />
      </Field>
    </fieldset>
  );
}
