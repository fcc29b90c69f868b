/** All presets on one photo, and what is to know about the chosen one. */
import { useEffect, useState } from 'hono/jsx/dom';
import type { PresetDetail, PresetSummary } from '../../../client/index.ts';
import { Blend } from '../parts/blend.tsx';
import { Compare } from '../parts/compare.tsx';
import { PresetGallery } from '../parts/preset-gallery.tsx';
import { client } from '../state/bridge.ts';
import { toSentence } from '../state/messages.ts';
import { usePresets } from '../state/use-presets.ts';

const kindWords: Readonly<Record<PresetSummary['kind'], string>> = {
  native: 'Photo Bridge preset',
  xmp: 'Lightroom preset (XMP)',
  lrtemplate: 'Lightroom preset (lrtemplate)',
  cube: 'Lookup table (.cube)',
  hald: 'Lookup table (HaldCLUT)',
};

export function PresetsPage() {
  const { presets, problem, isLoaded } = usePresets();
  const [picked, setChosen] = useState<string | null>(null);
  const chosen = picked ?? presets[0]?.name ?? null;
  const photoId = useSamplePhoto();
  return (
    <div class="page presets">
      <h1 tabindex={-1}>Presets</h1>
      {problem !== null && (
        <p class="warning" role="alert">
          {problem}
        </p>
      )}
      <div class="look">
        <div class="look-picture card">
          <PresetDetails key={chosen ?? ''} name={chosen} photoId={photoId} />
        </div>
        <div class="groups" aria-busy={isLoaded ? 'false' : 'true'}>
          {toGroups(presets).map(([group, members]) => (
            <section key={group} aria-label={group}>
              <h2>{group}</h2>
              <PresetGallery
                presets={members}
                photoId={photoId}
                chosen={chosen}
                onChoose={setChosen}
                name="preset"
                label={group}
              />
            </section>
          ))}
        </div>
      </div>
    </div>
  );
}

function toGroups(presets: readonly PresetSummary[]): [string, PresetSummary[]][] {
  const groups = new Map<string, PresetSummary[]>();
  for (const preset of presets) {
    const group = preset.group ?? (preset.source === 'built-in' ? 'Built in' : 'Your presets');
    groups.set(group, [...(groups.get(group) ?? []), preset]);
  }
  return [...groups];
}

/** A photo the daemon knows; null while there is none. */
function useSamplePhoto(): number | null {
  const [photoId, setPhotoId] = useState<number | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    client.photos
      .list({ limit: 20 }, { signal: leaving.signal })
      .then(({ photos }) => setPhotoId(photos.find(({ missing }) => !missing)?.photo_id ?? null))
      .catch(() => undefined);
    return () => leaving.abort();
  }, []);
  return photoId;
}

function PresetDetails({ name, photoId }: { name: string | null; photoId: number | null }) {
  const [detail, setDetail] = useState<PresetDetail | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [blend, setBlend] = useState(100);
  useEffect(() => {
    if (name === null) return;
    const leaving = new AbortController();
    client.presets
      .get(name, { signal: leaving.signal })
      .then(setDetail)
      .catch((thrown: unknown) => {
        if (!leaving.signal.aborted) setProblem(toSentence(thrown));
      });
    return () => leaving.abort();
  }, [name]);
  if (name === null) return <p class="nothing">No preset.</p>;
  return (
    <div class="preset-detail">
      {photoId === null ? (
        <div class="stage empty">
          <p>The daemon knows no photo yet to show it on. Start with a folder of photos.</p>
        </div>
      ) : (
        <Compare photoId={photoId} name={name} preset={name} blend={blend} />
      )}
      <Blend value={blend} onChange={setBlend} />
      <h2>{name}</h2>
      <p role="status">{problem ?? detail?.description ?? ''}</p>
      {detail !== null && <Notes detail={detail} />}
      <a class="button primary" href={`#/start?preset=${encodeURIComponent(name)}`}>
        Use it in a new batch
      </a>
    </div>
  );
}

function Notes({ detail }: { detail: PresetDetail }) {
  return (
    <>
      <p class="meta">
        {kindWords[detail.kind]}
        {detail.path !== null && <code>{detail.path}</code>}
      </p>
      <NoteList title="Not honoured" notes={detail.not_honoured} />
      <NoteList title="Understood in another way" notes={detail.notes} />
    </>
  );
}

function NoteList({ title, notes }: { title: string; notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <div class="notes">
      <h3>{title}</h3>
      <ul>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </div>
  );
}
