/** A labelled text field. */
import { useId } from 'preact/hooks';

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly type?: 'text' | 'email' | 'password';
  readonly hint?: string;
  /** What stands in it at first. */
  readonly text?: string;
  readonly autocomplete?: 'off' | 'name' | 'username' | 'new-password' | 'current-password';
  readonly isRequired?: boolean;
  readonly isFirst?: boolean;
  readonly maxLength?: number;
}

export function Field(props: FieldProps) {
  const {
    label,
    name,
    type = 'text',
    hint,
    text,
    autocomplete = 'off',
    isRequired,
    isFirst,
    maxLength,
  } = props;
  const [id, hintId] = [useId(), useId()];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...{ id, name, autocomplete }}
        // The types of the attributes want one kind of field.
        type={type as 'text'}
        ref={(element) => {
          if (isFirst === true && element !== null && document.activeElement === document.body)
            element.focus();
        }}
        {...(text === undefined ? {} : { defaultValue: text })}
        required={isRequired === true}
        maxLength={maxLength ?? 512}
        aria-describedby={hint === undefined ? undefined : hintId}
        spellcheck={false}
        autocapitalize="off"
      />
      {hint !== undefined && (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** The texts of a form by the names of its fields, without spaces around them; a password is kept as it is. */
export function textsOf(form: HTMLFormElement): Readonly<Record<string, string>> {
  const entries = [...new FormData(form)].filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  return Object.fromEntries(entries.map(([name, text]) => [name, name === 'password' ? text : text.trim()]));
}
