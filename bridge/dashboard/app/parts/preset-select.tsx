/** A preset by its name, in a list. */
import type { PresetSummary } from '../../../client/index.ts';

type Props = {
  presets: readonly PresetSummary[];
  value: string | null;
  label: string;
  onChoose: (name: string | null) => void;
};

export function PresetSelect({ presets, value, label, onChoose }: Props) {
  return (
    <label class="field">
      <span>{label}</span>
      <select
        value={value ?? ''}
        onInput={(event: Event) => {
          const name = (event.target as HTMLSelectElement).value;
          onChoose(name === '' ? null : name);
        }}
      >
        <option value="" selected={value === null}>
          No preset
        </option>
        {presets.map(({ name }) => (
          <option key={name} value={name} selected={name === value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
