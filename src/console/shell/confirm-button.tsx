/** A button for what cannot be undone: the first press asks, the second does it. */
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';

interface ConfirmButtonProps {
  readonly label: string;
  /** What the second press is asked with. */
  readonly question: string;
  readonly onConfirm: () => void;
  readonly children: ComponentChildren;
}

export function ConfirmButton({ label, question, onConfirm, children }: ConfirmButtonProps) {
  const [isAsking, setAsking] = useState(false);
  // The second press may come before the question is drawn.
  const wasPressed = useRef(false);
  const ask = (isNow: boolean): void => {
    wasPressed.current = isNow;
    setAsking(isNow);
  };
  const press = (): void => {
    if (wasPressed.current) onConfirm();
    ask(!wasPressed.current);
  };
  return (
    <button
      type="button"
      class={isAsking ? 'quiet danger asking' : 'quiet danger'}
      aria-label={isAsking ? `${label}: ${question}` : label}
      onClick={press}
      onBlur={() => ask(false)}
    >
      {isAsking ? question : children}
    </button>
  );
}
