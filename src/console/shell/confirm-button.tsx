/** A button for what cannot be undone: the first press asks, the second does it. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

interface ConfirmButtonProps {
  readonly label: string;
  /** What the second press is asked with. */
  readonly question: string;
  readonly onConfirm: () => void;
  readonly children: ComponentChildren;
}

export function ConfirmButton({ label, question, onConfirm, children }: ConfirmButtonProps) {
  const [isAsking, setAsking] = useState(false);
  const press = (): void => {
    setAsking(!isAsking);
    if (isAsking) onConfirm();
  };
  return (
    <button
      type="button"
      class={isAsking ? 'quiet danger asking' : 'quiet danger'}
      aria-label={isAsking ? `${label}: ${question}` : label}
      onClick={press}
      onBlur={() => setAsking(false)}
    >
      {isAsking ? question : children}
    </button>
  );
}
