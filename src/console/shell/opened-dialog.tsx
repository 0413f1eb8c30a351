/** The dialog that is open, over whatever one looks at. */
import { AboutDialog } from '../conversations/about-dialog.tsx';
import { NewConversation } from '../conversations/new-conversation.tsx';
import { PauseDialog } from '../conversations/pause-dialog.tsx';
import type { Desk } from '../live/desk.ts';
import { close, opened } from './opened.ts';
import { ShortcutsDialog } from './shortcuts.tsx';

export function OpenedDialog({ desk }: { readonly desk: Desk }) {
  const talk = desk.talk.value;
  const what = opened.value;
  if (what === null) return null;
  const onClose = (): void => close(what);
  switch (what) {
    case 'shortcuts':
      return <ShortcutsDialog onClose={onClose} />;
    case 'new':
      return <NewConversation desk={desk} onClose={onClose} />;
    case 'about':
      return talk === null ? null : <AboutDialog desk={desk} talk={talk} onClose={onClose} />;
    case 'pause':
      return talk === null ? null : <PauseDialog talk={talk} onClose={onClose} />;
  }
}
