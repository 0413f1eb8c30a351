/** Is the page connected? Quiet while it is, plain words while it is not. */
import type { Desk } from '../live/desk.ts';

export function LinkSign({ desk }: { readonly desk: Desk }) {
  const state = desk.link.value;
  const words = {
    connecting: 'connecting',
    open: 'connected',
    waiting: 'offline, trying again',
    closed: 'not connected',
  };
  return (
    <span class={`link-sign ${state}`} role="status" title={words[state]}>
      <i class="dot" />
      <span class={state === 'open' ? 'unseen' : ''}>{words[state]}</span>
    </span>
  );
}
