/** Something that is shown once: to copy now, or never. */
import { CopiedText } from '../shell/copied-text.tsx';

interface SecretProps {
  readonly label: string;
  readonly text: string;
  readonly note: string;
}

export function Secret({ label, text, note }: SecretProps) {
  return (
    <div class="secret" role="status">
      <p class="secret-label">{label}</p>
      {/* Another secret is another button: it was not copied yet. */}
      <CopiedText key={text} text={text} />
      <p class="hint">{note}</p>
    </div>
  );
}
