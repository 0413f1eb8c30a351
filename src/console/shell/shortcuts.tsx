/** Keys that do something, told where they are listed. Letters count only while no text is being written. */
import { Dialog } from './dialog.tsx';

export interface Shortcut {
  /** As it is shown. */
  readonly keys: string;
  readonly does: string;
}

export const shortcuts: readonly { readonly title: string; readonly of: readonly Shortcut[] }[] = [
  {
    title: 'Everywhere',
    of: [
      { keys: '?', does: 'this list' },
      { keys: '/', does: 'find conversations and messages' },
      { keys: 'n', does: 'new conversation' },
      { keys: 'Alt ↑  Alt ↓', does: 'previous, next conversation' },
    ],
  },
  {
    title: 'In a conversation',
    of: [
      { keys: 'm', does: 'write a message' },
      { keys: 'Enter', does: 'send' },
      { keys: 'Shift Enter', does: 'new line' },
      { keys: 'Esc', does: 'from writing to the messages' },
      { keys: 'p', does: 'pause the agents, or let them go on' },
      { keys: 'Shift p', does: 'pause, and say why' },
      { keys: 's', does: 'stop what is running' },
      { keys: 'i', does: 'who takes part' },
      { keys: ',', does: 'its name, its id, its end' },
    ],
  },
  {
    title: 'On a message',
    of: [
      { keys: '↑  ↓', does: 'previous, next' },
      { keys: 'r', does: 'reply' },
      { keys: '+', does: 'react' },
      { keys: 'e', does: 'edit one’s own' },
      { keys: 'Delete', does: 'delete' },
    ],
  },
];

export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <div class="shortcuts">
        {shortcuts.map(({ title, of }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {of.map(({ keys, does }) => (
                <div key={keys}>
                  <dt>
                    {keys.split('  ').map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

/** The name of a key that may be a shortcut now; null while somebody writes, or with a key that changes its meaning. */
export function shortcutOf(event: KeyboardEvent): string | null {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.isComposing) return null;
  const { target } = event;
  const isWriting =
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [contenteditable], dialog') !== null &&
    // A dialog that was closed keeps the focus for a moment.
    target.closest('dialog:not([open])') === null;
  if (event.altKey) return event.key.startsWith('Arrow') ? `Alt ${event.key}` : null;
  return isWriting ? null : event.key;
}
