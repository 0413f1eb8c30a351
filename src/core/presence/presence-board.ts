/**
 * The board of who is online, kept by every node from what all nodes tell of their own sockets. Notes of some
 * milliseconds go together; a node tells everything it has when another starts or connects anew, and that it is
 * there every few seconds: the principals of one that falls silent are gone. Notes may get lost: who misses one asks.
 */
import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import type { PresenceBoard, PresenceReports } from '../../ports/presence-board.ts';
import { HeardNodes } from './heard-nodes.ts';
import { OwnPresence } from './own-presence.ts';
import { presenceKeyOf, RememberedPresence } from './remembered-presence.ts';
import { type Notes, noteKind, ToldNotes } from './told-notes.ts';

export interface PresenceBoardDeps {
  readonly link: Pick<NodeLink, 'node' | 'tell' | 'onTell'>;
  readonly live: Pick<LiveFeed, 'onReconnect'>;
  readonly clock: Clock;
}

export interface OpenPresenceBoard {
  readonly board: PresenceBoard;
  readonly reports: PresenceReports;
  /** The others are told that nobody is here any more. */
  close(): void;
}

export function openPresenceBoard({ link, live, clock }: PresenceBoardDeps): OpenPresenceBoard {
  const remembered = new RememberedPresence();
  const heard = new HeardNodes();
  const told = new ToldNotes(link, clock);
  /** Known here at once, to the others some milliseconds later. */
  const own = new OwnPresence(clock, (note) => {
    remembered.note(link.node, note);
    told.add(note);
  });

  function hear({ node, number, notes, asks, isAll }: Notes): void {
    if (node === link.node) return;
    heard.hear(node, number, clock.monotonicMs());
    if (isAll === true && heard.tellsAll(node)) remembered.lose(node, clock.nowMicros());
    for (const note of notes) remembered.note(node, note);
    if (asks === true) told.tellAll(own.notes);
  }

  function beat(): void {
    const silent = heard.giveUp(clock.monotonicMs() - limits.presenceNodeMsMax);
    for (const node of silent) remembered.lose(node, clock.nowMicros());
    told.beat(heard.isSomethingMissing);
    cancelBeat = clock.after(limits.presenceBeatMs, beat);
  }

  /** Asks for all that others have, and says all that is here: notes may have been lost on the way. */
  function catchUp(): void {
    told.beat(true);
    told.tellAll(own.notes);
  }

  link.onTell(noteKind, (body) => hear(body as Notes));
  live.onReconnect(catchUp);
  let cancelBeat = clock.after(limits.presenceBeatMs, beat);
  catchUp();

  return {
    board: { of: (tenant, id) => remembered.of(presenceKeyOf({ tenant, id })) },
    reports: own,
    close() {
      cancelBeat();
      own.leaveAll();
      told.send();
    },
  };
}
