/** The dialog that is open, over whatever one looks at. */
import { AboutDialog } from '../conversations/about-dialog.tsx';
import { NewConversation } from '../conversations/new-conversation.tsx';
import { PauseDialog } from '../conversations/pause-dialog.tsx';
import type { Desk } from '../live/desk.ts';
import { close, opened } from './opened.ts';
import { ShortcutsDialog } from './shortcuts.tsx';

export function OpenedDialog({ desk }: { readonly desk: Desk }) {
  const talk = desk.talk.value;
  switch (opened.value) {
    case 'shortcuts':
      return <ShortcutsDialog onClose={close} />;
    case 'new':
      return <NewConversation desk={desk} onClose={close} />;
    case 'about':
      return talk === null ? null : <AboutDialog desk={desk} talk={talk} onClose={close} />;
    case 'pause':
      return talk === null ? null : <PauseDialog talk={talk} onClose={close} />;
    case null:
      return null;
  }
}
