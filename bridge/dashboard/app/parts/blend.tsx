/** How much of a look is mixed in, in percent. */
type Props = { value: number; onChange: (value: number) => void; describedBy?: string | undefined };

export function Blend({ value, onChange, describedBy }: Props) {
  return (
    <label class="blend">
      <span>Blend</span>
      <input
        type="range"
        min="0"
        max="100"
        step="1"
        value={String(value)}
        aria-valuetext={`${value} percent`}
        aria-describedby={describedBy}
        onInput={(event: Event) => onChange(Number((event.target as HTMLInputElement).value))}
      />
      <output>{`${value} %`}</output>
    </label>
  );
}
