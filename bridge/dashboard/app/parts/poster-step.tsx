/** Second step of listings: who posts the ads, and how. */
import { CheckField, ChoiceField, TextField } from './field.tsx';
import type { ListingStepProps } from './listing-source.tsx';

const formats = [
  ['json', 'JSON'],
  ['multipart', 'Form with the image'],
] as const;

export function PosterStep({ draft, onChange, errors }: ListingStepProps) {
  return (
    <fieldset class="card step">
      <legend>Poster</legend>
      <div class="row">
        <TextField
          id="poster"
          label="Address"
          value={draft.poster}
          placeholder="https://poster.example/ads"
          hint="Gets one POST a row"
          error={errors.poster}
          onChange={(poster) => onChange({ poster })}
        />
        <ChoiceField
          id="posterFormat"
          label="Sent as"
          value={draft.posterFormat}
          options={formats}
          onChange={(posterFormat) => onChange({ posterFormat })}
        />
      </div>
      <div class="fields">
        <TextField
          id="saveEvery"
          label="Save the file every"
          value={draft.saveEvery}
          hint="10% of the rows, or a number of them"
          error={errors.saveEvery}
          onChange={(saveEvery) => onChange({ saveEvery })}
        />
        <TextField
          id="concurrent"
          label="At a time"
          inputmode="numeric"
          value={draft.concurrent}
          hint="Rows"
          error={errors.concurrent}
          onChange={(concurrent) => onChange({ concurrent })}
        />
      </div>
      <CheckField
        id="dryRun"
        label="Dry run"
        hint="Checks rows and images. No poster is asked and no status written."
        isChecked={draft.dryRun}
        onChange={(dryRun) => onChange({ dryRun })}
      />
    </fieldset>
  );
}
