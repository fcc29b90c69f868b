/** Second step of a new batch: the look, tried live on one photo. */
import { useCallback } from 'hono/jsx/dom';
import type { Draft } from '../state/draft.ts';
import { usePresets } from '../state/use-presets.ts';
import { toFileName } from '../words/paths.ts';
import { Blend } from './blend.tsx';
import { Compare } from './compare.tsx';
import { FieldError } from './field.tsx';
import type { Found } from './photo-source.tsx';
import { PresetGallery } from './preset-gallery.tsx';

type Props = {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  found: Found | null;
  error: string | undefined;
};

export function LookStep({ draft, onChange, found, error }: Props) {
  const { presets, problem } = usePresets();
  const onChoose = useCallback((preset: string | null) => onChange({ preset }), [onChange]);
  const photoId = found?.sample ?? null;
  const sample = found?.samples.find(({ photo_id }) => photo_id === photoId);
  return (
    <fieldset class="card step" aria-describedby={error === undefined ? undefined : 'preset-error'}>
      <legend>Look</legend>
      <FieldError id="preset" error={error ?? problem ?? undefined} />
      <div class="look">
        <div class="look-picture">
          {photoId === null ? (
            <div class="stage empty">
              <p>Choose photos above to try looks on one of them.</p>
            </div>
          ) : (
            <Compare
              photoId={photoId}
              name={toFileName(sample?.path ?? null)}
              preset={draft.preset}
              blend={draft.blend}
            />
          )}
          <Blend value={draft.blend} onChange={(blend) => onChange({ blend })} />
        </div>
        <PresetGallery
          presets={presets}
          photoId={photoId}
          chosen={draft.preset}
          onChoose={onChoose}
          name="preset"
          label="Preset"
          withNone
        />
      </div>
    </fieldset>
  );
}
