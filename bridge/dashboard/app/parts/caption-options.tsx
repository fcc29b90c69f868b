/** How captions are published. */
import type { CaptionDraft, CaptionField } from '../state/caption-draft.ts';
import { CheckField, TextField } from './field.tsx';

type Props = {
  draft: CaptionDraft;
  onChange: (part: Partial<CaptionDraft>) => void;
  errors: Partial<Record<CaptionField, string>>;
};

export function CaptionOptions({ draft, onChange, errors }: Props) {
  return (
    <fieldset class="card step">
      <legend>Options</legend>
      <div class="fields">
        <TextField
          id="limit"
          label="At most"
          inputmode="numeric"
          value={draft.limit}
          placeholder="all"
          hint="Captions, of the newest posts"
          error={errors.limit}
          onChange={(limit) => onChange({ limit })}
        />
        <TextField
          id="concurrent"
          label="At a time"
          inputmode="numeric"
          value={draft.concurrent}
          hint="Posts that are talked about with the server"
          error={errors.concurrent}
          onChange={(concurrent) => onChange({ concurrent })}
        />
        <TextField
          id="batchSize"
          label="In hand for each"
          inputmode="numeric"
          value={draft.batchSize}
          hint="Posts; most wait to be verified"
          error={errors.batchSize}
          onChange={(batchSize) => onChange({ batchSize })}
        />
        <TextField
          id="verifyDelay"
          label="Verify after"
          inputmode="numeric"
          value={draft.verifyDelay}
          hint="Seconds"
          error={errors.verifyDelay}
          onChange={(verifyDelay) => onChange({ verifyDelay })}
        />
      </div>
      <CheckField
        id="rollback"
        label="Put a post back when one of its captions cannot be verified"
        isChecked={draft.rollback}
        onChange={(rollback) => onChange({ rollback })}
      />
      <CheckField
        id="dryRun"
        label="Dry run"
        hint="Looks at every post and says what would be done. Nothing is written anywhere."
        isChecked={draft.dryRun}
        onChange={(dryRun) => onChange({ dryRun })}
      />
    </fieldset>
  );
}
