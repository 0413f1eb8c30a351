/** The list of conversations, and the way to everything else. */
import type { Desk } from '../live/desk.ts';
import { Icon, Pennant } from '../shell/icon.tsx';
import { open } from '../shell/opened.ts';
import { hrefOf, type Route } from '../shell/route.ts';
import { nextTheme, theme } from '../shell/theme.ts';
import { ConversationList } from './conversation-list.tsx';
import { LinkSign } from './link-sign.tsx';

interface RailProps {
  readonly desk: Desk;
  readonly at: Route;
  readonly onSignOut: () => void;
}

export function Rail({ desk, at, onSignOut }: RailProps) {
  const { account } = desk;
  return (
    <nav class="rail" aria-label="Conversations">
      <header class="rail-head">
        <a
          class="wordmark small"
          href={hrefOf({ at: 'conversations' })}
          aria-label="Parley, all conversations"
        >
          <Pennant />
          <span>{account.workspace === '' ? 'Parley' : account.workspace}</span>
        </a>
        <LinkSign desk={desk} />
      </header>
      <ConversationList desk={desk} at={at} />
      <footer class="rail-foot">
        <a class="quiet" href={hrefOf({ at: 'node' })} aria-current={at.at === 'node' ? 'page' : undefined}>
          <Icon name="pulse" /> Node
        </a>
        <a
          class="quiet"
          href={hrefOf({ at: 'access' })}
          aria-current={at.at === 'access' ? 'page' : undefined}
        >
          <Icon name="key" /> Access
        </a>
        <span class="spring" />
        <button
          type="button"
          class="quiet square"
          aria-label={`Theme: ${theme.value}`}
          title={`Theme: ${theme.value}`}
          onClick={nextTheme}
        >
          <Icon name="shade" />
        </button>
        <button
          type="button"
          class="quiet square"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts (?)"
          onClick={() => open('shortcuts')}
        >
          <Icon name="keyboard" />
        </button>
        <button
          type="button"
          class="quiet square"
          aria-label={`Sign out ${account.name}`}
          title={`Sign out ${account.name}`}
          onClick={onSignOut}
        >
          <Icon name="leave" />
        </button>
      </footer>
    </nav>
  );
}
