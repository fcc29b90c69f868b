/** A labelled field with its hint and, when the daemon refused its value, the daemon's sentence. */
import type { Child } from 'hono/jsx';

type FieldProps = {
  id: string;
  label: string;
  hint?: string;
  error?: string | undefined;
  children: Child;
};

export function Field({ id, label, hint, error, children }: FieldProps) {
  return (
    <div class={error === undefined ? 'field' : 'field wrong'} data-field={id}>
      <label for={id}>{label}</label>
      {children}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <FieldError id={id} error={error} />
    </div>
  );
}

export function FieldError({ id, error }: { id: string; error: string | undefined }) {
  if (error === undefined) return null;
  return (
    <p class="error" id={`${id}-error`} role="alert">
      {error}
    </p>
  );
}

type TextProps = {
  id: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  error?: string | undefined;
  placeholder?: string;
  inputmode?: 'numeric' | 'text';
};

export function TextField({ id, label, value, onChange, hint, error, placeholder, inputmode }: TextProps) {
  return (
    <Field id={id} label={label} error={error} {...(hint === undefined ? {} : { hint })}>
      <input
        id={id}
        type="text"
        value={value}
        placeholder={placeholder}
        inputmode={inputmode}
        autocomplete="off"
        spellcheck={false}
        {...toDescription(id, hint, error)}
        onInput={(event: Event) => onChange((event.target as HTMLInputElement).value)}
      />
    </Field>
  );
}

type CheckProps = {
  id: string;
  label: string;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
  hint?: string;
};

export function CheckField({ id, label, isChecked, onChange, hint }: CheckProps) {
  return (
    <div class="check" data-field={id}>
      <label for={id}>
        <input
          id={id}
          type="checkbox"
          checked={isChecked}
          {...toDescription(id, hint, undefined)}
          onInput={(event: Event) => onChange((event.target as HTMLInputElement).checked)}
        />
        {label}
      </label>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

type ChoiceProps = {
  id: string;
  label: string;
  value: string;
  options: readonly (readonly [value: string, word: string])[];
  onChange: (value: string) => void;
  error?: string | undefined;
};

export function ChoiceField({ id, label, value, options, onChange, error }: ChoiceProps) {
  return (
    <Field id={id} label={label} error={error}>
      <select
        id={id}
        value={value}
        {...toDescription(id, undefined, error)}
        onInput={(event: Event) => onChange((event.target as HTMLSelectElement).value)}
      >
        {options.map(([option, word]) => (
          <option key={option} value={option} selected={option === value}>
            {word}
          </option>
        ))}
      </select>
    </Field>
  );
}

export function toDescription(id: string, hint: string | undefined, error: string | undefined) {
  const ids = [
    ...(hint === undefined ? [] : [`${id}-hint`]),
    ...(error === undefined ? [] : [`${id}-error`]),
  ];
  return {
    ...(ids.length === 0 ? {} : { 'aria-describedby': ids.join(' ') }),
    ...(error === undefined ? {} : { 'aria-invalid': 'true' as const }),
  };
}
