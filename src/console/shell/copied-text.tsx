/** A text that is there to be copied: an id, a key, a link. */
import { useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { tell } from './notice.tsx';

export function CopiedText({ text }: { readonly text: string }) {
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
    <div class="copied-text">
      <code>{text}</code>
      <button type="button" onClick={() => void copy()}>
        <Icon name="copy" />
        {isCopied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
