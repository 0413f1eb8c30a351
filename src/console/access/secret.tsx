/** Something that is shown once: to copy now, or never. */
import { useState } from 'preact/hooks';
import { Icon } from '../shell/icon.tsx';
import { tell } from '../shell/notice.tsx';

export function Secret({
  label,
  text,
  note,
}: {
  readonly label: string;
  readonly text: string;
  readonly note: string;
}) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      tell('The browser does not let this page copy: select the text instead.', true);
    }
  };
  return (
    <div class="secret" role="status">
      <p class="secret-label">{label}</p>
      <div class="secret-row">
        <code>{text}</code>
        <button type="button" onClick={() => void copy()}>
          <Icon name="copy" />
          {isCopied ? 'Copied' : 'Copy'}
        </button>
      </div>
      <p class="hint">{note}</p>
    </div>
  );
}
