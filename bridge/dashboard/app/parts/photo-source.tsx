/** First step of a new batch: a folder or files of this machine, looked at by the daemon. */
import { useState } from 'hono/jsx/dom';
import { client } from '../state/bridge.ts';
import { type Draft, toRefusal } from '../state/draft.ts';
import { toFileName } from '../words/paths.ts';
import { Field, TextField, toDescription } from './field.tsx';
import { Picture } from './picture.tsx';

export type Found = {
  photoIds: readonly number[];
  /** The first few, to choose one to try looks on. */
  samples: readonly { photo_id: number; path: string }[];
  rejected: readonly { path: string; reason: string }[];
  sample: number | null;
};

type Props = {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  found: Found | null;
  onFound: (found: Found | null) => void;
  error: string | undefined;
};

const SAMPLES = 12;

export function PhotoSource({ draft, onChange, found, onFound, error }: Props) {
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | undefined>(undefined);
  const problem = refused ?? error;

  async function look(): Promise<void> {
    setBusy(true);
    setRefused(undefined);
    try {
      const { photos, rejected = [] } = await client.photos.add(toRequest(draft));
      const samples = photos.slice(0, SAMPLES);
      const photoIds = photos.map(({ photo_id }) => photo_id);
      onFound({ photoIds, samples, rejected, sample: samples[0]?.photo_id ?? null });
    } catch (thrown) {
      onFound(null);
      const { fields, rest } = toRefusal(thrown);
      setRefused(fields.photos ?? rest ?? 'These photos could not be read.');
    }
    setBusy(false);
  }

  return (
    <fieldset class="card step">
      <legend>Photos</legend>
      <SourceChoice draft={draft} onChange={onChange} />
      {draft.source === 'folder' ? (
        <div class="row">
          <TextField
            id="folder"
            label="Folder"
            value={draft.folder}
            placeholder="/home/you/Pictures/wedding"
            hint="A whole path on this machine. Folders inside it are read too."
            error={problem}
            onChange={(folder) => onChange({ folder })}
          />
          <TextField
            id="glob"
            label="Only files like"
            value={draft.glob}
            placeholder="*.jpg"
            onChange={(glob) => onChange({ glob })}
          />
        </div>
      ) : (
        <FilesField draft={draft} onChange={onChange} error={problem} />
      )}
      <div class="actions">
        <button
          type="button"
          aria-disabled={isBusy ? 'true' : 'false'}
          onClick={() => !isBusy && void look()}
        >
          {isBusy ? 'Looking…' : 'Look for photos'}
        </button>
        <p role="status">{toFinding(found)}</p>
      </div>
      {found !== null && <Samples found={found} onFound={onFound} />}
      {found !== null && found.rejected.length > 0 && <Rejected rejected={found.rejected} />}
    </fieldset>
  );
}

function toRequest(draft: Draft) {
  if (draft.source === 'files') {
    const paths = draft.files.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
    return { paths };
  }
  const glob = draft.glob.trim() === '' ? {} : { glob: draft.glob.trim() };
  return { folder: draft.folder.trim(), ...glob, skip_invalid: true };
}

function toFinding(found: Found | null): string {
  if (found === null) return '';
  const count = found.photoIds.length;
  if (count === 0) return 'No photo there.';
  return count === 1 ? '1 photo found.' : `${count.toLocaleString('en')} photos found.`;
}

const sources = [
  ['folder', 'A folder'],
  ['files', 'Single files'],
] as const;

function SourceChoice({ draft, onChange }: Pick<Props, 'draft' | 'onChange'>) {
  return (
    <div class="segments" role="radiogroup" aria-label="Where the photos are">
      {sources.map(([value, word]) => (
        <label key={value}>
          <input
            type="radio"
            name="source"
            checked={draft.source === value}
            onInput={() => onChange({ source: value })}
          />
          <span>{word}</span>
        </label>
      ))}
    </div>
  );
}

function FilesField({ draft, onChange, error }: Pick<Props, 'draft' | 'onChange' | 'error'>) {
  const hint = 'One whole path a line.';
  return (
    <Field id="files" label="Files" hint={hint} error={error}>
      <textarea
        id="files"
        rows={5}
        spellcheck={false}
        value={draft.files}
        {...toDescription('files', hint, error)}
        onInput={(event: Event) => onChange({ files: (event.target as HTMLTextAreaElement).value })}
      />
    </Field>
  );
}

/** Which photo the looks are tried on. */
function Samples({ found, onFound }: { found: Found; onFound: (found: Found) => void }) {
  return (
    <div class="samples" role="radiogroup" aria-label="Photo to try looks on">
      {found.samples.map(({ photo_id, path }) => (
        <label key={photo_id} title={path}>
          <input
            type="radio"
            name="sample"
            aria-label={toFileName(path)}
            checked={photo_id === found.sample}
            onInput={() => onFound({ ...found, sample: photo_id })}
          />
          <span class="frame-of-picture">
            <Picture source={{ photoId: photo_id, size: 160 }} label="" />
          </span>
        </label>
      ))}
    </div>
  );
}

const SHOWN = 20;

function Rejected({ rejected }: { rejected: Found['rejected'] }) {
  return (
    <details class="rejected">
      <summary>Files left out: {rejected.length.toLocaleString('en')}</summary>
      <ul>
        {rejected.slice(0, SHOWN).map(({ path, reason }) => (
          <li key={path}>
            <b>{toFileName(path)}</b> {reason}
          </li>
        ))}
      </ul>
    </details>
  );
}
