/**
 * The board of who is online, kept by every node from what all nodes tell of their own sockets. Notes of some
 * milliseconds go together; a node tells everything it has when another starts or connects anew, and that it is
 * there every few seconds: the principals of one that falls silent are gone. Notes may get lost: who misses one asks.
 */
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import type { PresenceBoard, PresenceReports } from '../../ports/presence-board.ts';
import { HeardNodes } from './heard-nodes.ts';
import { type PresenceNote, RememberedPresence } from './remembered-presence.ts';

export interface PresenceBoardDeps {
  readonly link: Pick<NodeLink, 'node' | 'tell' | 'onTell'>;
  readonly live: Pick<LiveFeed, 'onReconnect'>;
  readonly clock: Clock;
}

/** A principal with sockets on this node, or with some until a moment ago. */
interface Here {
  sockets: number;
  note: PresenceNote;
  cancelLeaving: () => void;
}

interface Told {
  readonly notes: readonly PresenceNote[];
  /** Tell me everything. */
  readonly asks?: boolean;
  /** What the node has begins here. */
  readonly isAll?: boolean;
}

/** Between nodes. Each numbers what it tells, from 1 on. */
interface Notes extends Told {
  readonly node: string;
  readonly number: number;
}

const noteKind = 'presence.board';
const keyOf = ({ tenant, id }: Pick<Principal, 'tenant' | 'id'>): string => `${tenant}/${id}`;

export interface OpenPresenceBoard {
  readonly board: PresenceBoard;
  readonly reports: PresenceReports;
  /** The others are told that nobody is here any more. */
  close(): void;
}

export function openPresenceBoard({ link, live, clock }: PresenceBoardDeps): OpenPresenceBoard {
  const here = new Map<string, Here>();
  const remembered = new RememberedPresence();
  const heard = new HeardNodes();
  let number = 0;
  let outgoing = new Map<string, PresenceNote>();
  let cancelSending: (() => void) | null = null;

  function tell(told: Told): void {
    number += 1;
    link.tell(noteKind, { node: link.node, number, ...told } satisfies Notes);
  }

  function say(notes: readonly PresenceNote[]): void {
    for (let at = 0; at < notes.length; at += limits.presenceNotesMax)
      tell({ notes: notes.slice(at, at + limits.presenceNotesMax) });
  }

  function sayAll(): void {
    const notes = [...here.values()].map(({ note }) => note);
    tell({ notes: notes.slice(0, limits.presenceNotesMax), isAll: true });
    say(notes.slice(limits.presenceNotesMax));
  }

  function send(): void {
    cancelSending?.();
    cancelSending = null;
    const notes = [...outgoing.values()];
    outgoing = new Map();
    say(notes);
  }

  /** Known here at once, to the others with what else happens in these milliseconds. */
  function write(note: PresenceNote): void {
    remembered.note(link.node, note);
    outgoing.set(note.key, note);
    cancelSending ??= clock.after(limits.presenceGatherMs, send);
  }

  function leave(key: string): void {
    if (!here.delete(key)) return;
    write({ key, status: null, at: clock.nowMicros() });
  }

  function hear({ node, number: heardNumber, notes, asks, isAll }: Notes): void {
    if (node === link.node) return;
    heard.hear(node, heardNumber, clock.monotonicMs());
    if (isAll === true && heard.tellsAll(node)) remembered.lose(node, clock.nowMicros());
    for (const note of notes) remembered.note(node, note);
    if (asks === true) sayAll();
  }

  function beat(): void {
    const silent = heard.giveUp(clock.monotonicMs() - limits.presenceNodeMsMax);
    for (const node of silent) remembered.lose(node, clock.nowMicros());
    tell({ notes: [], asks: heard.isSomethingMissing });
    cancelBeat = clock.after(limits.presenceBeatMs, beat);
  }

  /** Asks for all that others have, and says all that is here: notes may have been lost on the way. */
  function catchUp(): void {
    tell({ notes: [], asks: true });
    sayAll();
  }

  link.onTell(noteKind, (body) => hear(body as Notes));
  live.onReconnect(catchUp);
  let cancelBeat = clock.after(limits.presenceBeatMs, beat);
  catchUp();

  return {
    board: { of: (tenant, id) => remembered.of(keyOf({ tenant, id })) },
    reports: {
      connected(principal) {
        const key = keyOf(principal);
        const present = here.get(key);
        if (present !== undefined) {
          present.cancelLeaving();
          present.sockets += 1;
          return;
        }
        const note = { key, status: 'online' as const, at: clock.nowMicros() };
        here.set(key, { sockets: 1, note, cancelLeaving: () => undefined });
        write(note);
      },
      disconnected(principal, saidGoodbye) {
        const key = keyOf(principal);
        const present = here.get(key);
        if (present === undefined || present.sockets === 0) return;
        present.sockets -= 1;
        if (present.sockets > 0) return;
        const isKept = !saidGoodbye && here.size <= limits.presenceKeptMax;
        if (!isKept) return leave(key);
        present.cancelLeaving = clock.after(limits.presenceOfflineMs, () => leave(key));
      },
      announced(principal, said) {
        const key = keyOf(principal);
        const status = said === 'away' || said === 'busy' ? said : 'online';
        const note = { key, status, at: clock.nowMicros() } as const;
        const present = here.get(key);
        // Who has no socket here is told of by the node that has one.
        if (present === undefined) return;
        present.note = note;
        write(note);
      },
    },
    close() {
      cancelBeat();
      for (const [key, present] of [...here]) {
        present.cancelLeaving();
        leave(key);
      }
      send();
    },
  };
}
