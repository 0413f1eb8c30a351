/** Notes to principals: one subscription for all sessions that a principal has here. */
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { InboxNote } from './live-bus.ts';
import type { Session } from './session.ts';

type OnNote = (note: InboxNote) => void;

export interface Inboxes {
  /** Calls `onNote` for each note from now on; the same function of a session is called once. */
  listen(session: Session, onNote: OnNote): void;
  end(session: Session): void;
}

interface Inbox {
  readonly listeners: Map<Session, Set<OnNote>>;
  readonly stop: () => void;
}

const kinds: ReadonlySet<string> = new Set(['added', 'removed', 'deleted']);

export function openInboxes(live: Pick<LiveFeed, 'followInbox'>): Inboxes {
  const inboxes = new Map<string, Inbox>();
  const keyOf = ({ principal }: Session): string => `${principal.tenant}/${principal.id}`;

  function begin({ principal: { tenant, id } }: Session): Inbox {
    const listeners: Inbox['listeners'] = new Map();
    const stop = live.followInbox(tenant, id, (kind, body) => {
      if (!kinds.has(kind)) return;
      const { conversation, position } = body as Omit<InboxNote, 'kind'>;
      const note = { kind: kind as InboxNote['kind'], conversation, position };
      for (const each of [...listeners.values()]) for (const tell of each) tell(note);
    });
    return { listeners, stop };
  }

  return {
    listen(session, onNote) {
      if (session.isClosed) return;
      const key = keyOf(session);
      const inbox = inboxes.get(key) ?? begin(session);
      inboxes.set(key, inbox);
      const own = inbox.listeners.get(session) ?? new Set();
      own.add(onNote);
      inbox.listeners.set(session, own);
    },
    end(session) {
      const key = keyOf(session);
      const inbox = inboxes.get(key);
      if (inbox === undefined || !inbox.listeners.delete(session) || inbox.listeners.size > 0) return;
      inbox.stop();
      inboxes.delete(key);
    },
  };
}
