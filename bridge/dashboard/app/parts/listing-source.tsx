/** First step of listings: the inventory and which of its rows. */
import type { ListingDraft, ListingField } from '../state/listing-draft.ts';
import { ChoiceField, TextField } from './field.tsx';

export type ListingStepProps = {
  draft: ListingDraft;
  onChange: (part: Partial<ListingDraft>) => void;
  errors: Partial<Record<ListingField, string>>;
};

const modes = [
  ['new', 'New and failed ones'],
  ['all', 'Every row'],
] as const;

export function ListingSource({ draft, onChange, errors }: ListingStepProps) {
  return (
    <fieldset class="card step">
      <legend>Inventory</legend>
      <div class="row">
        <TextField
          id="file"
          label="File"
          value={draft.file}
          placeholder="/home/you/inventory.xlsx"
          hint="A whole path on this machine, CSV or XLSX. Close it in Excel or LibreOffice first."
          error={errors.file}
          onChange={(file) => onChange({ file })}
        />
        <TextField
          id="sheet"
          label="Sheet"
          value={draft.sheet}
          placeholder="the first that fits"
          error={errors.sheet}
          onChange={(sheet) => onChange({ sheet })}
        />
      </div>
      <div class="row">
        <TextField
          id="imagesDir"
          label="Folder of the images"
          value={draft.imagesDir}
          placeholder="/home/you/images"
          hint="A whole path on this machine"
          error={errors.imagesDir}
          onChange={(imagesDir) => onChange({ imagesDir })}
        />
        <ChoiceField
          id="mode"
          label="Rows"
          value={draft.mode}
          options={modes}
          onChange={(mode) => onChange({ mode })}
        />
      </div>
    </fieldset>
  );
}
