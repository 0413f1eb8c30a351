/** A reader without a socket: a session whose words are calls, of which others do not hear. */
import type { ConversationId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Outbox } from '../../ports/outbox.ts';
import type { ConversationListener, ListenedConversation, Opened, Refused, Wording } from './live-bus.ts';
import type { Opening } from './opening/opening.ts';
import { Session } from './session.ts';

/** Each listener is a group of its own: a broadcast is worded for it, and nothing of that is published. */
let listeners = 0;

export async function listenTo(
  opening: Opening,
  principal: Principal,
  conversation: ConversationId,
  listener: ConversationListener,
): Promise<ListenedConversation | Problem> {
  const outbox = new ListenersOutbox(() => listener.ended());
  listeners += 1;
  const session = new Session(principal, outbox, wordingFor(listener, `listener ${listeners}`), null);
  let opened: Opened | undefined;
  let refused: Refused | undefined;
  await opening.open(session, [{ conversation, after: null }], (all, none) => {
    [opened] = all;
    [refused] = none;
    for (const { messageId, run, from, index, text, author } of opened?.drafts ?? [])
      listener.delta({ conversation, message_id: messageId, run, from, index, text }, author);
  });
  if (opened === undefined) return refused?.problem ?? new Problem('unavailable');
  const stop = (): void => {
    outbox.isOpen = false;
    opening.end(session);
  };
  return { ...opened, stop };
}

function wordingFor(listener: ConversationListener, dialect: string): Wording {
  return {
    dialect,
    event(entry) {
      listener.event(entry);
      return null;
    },
    delta(delta, author) {
      listener.delta(delta, author);
      return null;
    },
    pulse: () => null,
  };
}

class ListenersOutbox implements Outbox {
  readonly bufferedBytes = 0;
  isOpen = true;
  readonly #onClose: () => void;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  send(): boolean {
    return this.isOpen;
  }

  /** Nothing is published for it. */
  subscribe(): void {}

  unsubscribe(): void {}

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#onClose();
  }
}
