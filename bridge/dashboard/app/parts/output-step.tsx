/** Third step of a new batch: what is written, where, and how urgent it is. */
import type { Draft, FieldName } from '../state/draft.ts';
import { ChoiceField, TextField } from './field.tsx';

type Props = {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  errors: Partial<Record<FieldName, string>>;
};

const formats = [
  ['jpeg', 'JPEG'],
  ['png', 'PNG'],
  ['webp', 'WebP'],
  ['tiff', 'TIFF'],
  ['avif', 'AVIF'],
] as const;
const conflicts = [
  ['unique', 'Give the new one another name'],
  ['skip', 'Skip the photo'],
  ['overwrite', 'Write over it'],
  ['if-changed', 'Write over it if the photo or look changed'],
  ['fail', 'Let the photo fail'],
] as const;
const priorities = Array.from({ length: 10 }, (_, index) => {
  const value = String(index + 1);
  const words: Readonly<Record<string, string>> = { '1': '1 (last)', '5': '5 (normal)', '10': '10 (first)' };
  return [value, words[value] ?? value] as const;
});

export function OutputStep({ draft, onChange, errors }: Props) {
  return (
    <fieldset class="card step">
      <legend>Output</legend>
      <div class="fields">
        <ChoiceField
          id="format"
          label="Format"
          value={draft.format}
          options={formats}
          error={errors.format}
          onChange={(format) => onChange({ format })}
        />
        <TextField
          id="quality"
          label="Quality"
          inputmode="numeric"
          value={draft.quality}
          hint="1 to 100"
          error={errors.quality}
          onChange={(quality) => onChange({ quality })}
        />
        <TextField
          id="longEdge"
          label="Longest edge"
          inputmode="numeric"
          value={draft.longEdge}
          placeholder="as the original"
          hint="Pixels; never enlarged"
          error={errors.longEdge}
          onChange={(longEdge) => onChange({ longEdge })}
        />
        <ChoiceField
          id="priority"
          label="Priority"
          value={draft.priority}
          options={priorities}
          error={errors.priority}
          onChange={(priority) => onChange({ priority })}
        />
        <TextField
          id="outputFolder"
          label="Output folder"
          value={draft.outputFolder}
          placeholder="a folder of its own in the data folder"
          hint="A whole path on this machine"
          error={errors.outputFolder}
          onChange={(outputFolder) => onChange({ outputFolder })}
        />
        <ChoiceField
          id="onConflict"
          label="If the output exists"
          value={draft.onConflict}
          options={conflicts}
          onChange={(onConflict) => onChange({ onConflict })}
        />
      </div>
    </fieldset>
  );
}
