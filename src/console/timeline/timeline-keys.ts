/** Keys in the timeline: arrows go from message to message, letters do something to the one that has the focus. */
export function onTimelineKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.altKey || event.ctrlKey || event.metaKey || target.closest('textarea, input') !== null) return;
  const message = target.closest<HTMLElement>('[data-message]');
  const timeline = event.currentTarget as HTMLElement;
  if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
    event.preventDefault();
    return moveFocus(timeline, message, event.key === 'ArrowUp' ? -1 : 1);
  }
  const id = message?.dataset['message'];
  if (message === null || id === undefined) return;
  const press = (action: string): void => {
    const button = message.querySelector<HTMLButtonElement>(`[data-action="${action}"]`);
    if (button === null) return;
    event.preventDefault();
    button.click();
  };
  if (event.key === '+') press('react');
  if (event.key === 'r') press('reply');
  if (event.key === 'e') press('edit');
  if (event.key === 'Delete' && target === message) {
    event.preventDefault();
    message.querySelector<HTMLButtonElement>('.actions .danger')?.focus();
    message.querySelector<HTMLButtonElement>('.actions .danger')?.click();
  }
}

/** Without one that has the focus the newest is the first. */
function moveFocus(timeline: HTMLElement, from: HTMLElement | null, by: -1 | 1): void {
  const messages = [...timeline.querySelectorAll<HTMLElement>('[data-message]')];
  const at = from === null ? messages.length : messages.indexOf(from);
  const next = messages[at + by];
  if (next !== undefined) next.focus();
  else if (by === 1) document.querySelector<HTMLElement>('#composer')?.focus();
}
