/** One client: it follows what it joins, and speaks wherever it may. */
import { type EventPeer, type EventSession, eventFrame } from '../../../contract/sockets/event-socket.ts';
import type { LiveSession, Wording } from '../../../core/bus.ts';
import { type ConversationId, canonicalUuid, type PrincipalId } from '../../../domain/ids.ts';
import type { Principal } from '../../../domain/principal.ts';
import type { Problem } from '../../../domain/problem.ts';
import { msOf } from '../../../domain/time.ts';
import type { ElizaDeps } from '../deps.ts';
import { EventTurns } from '../event-turns.ts';
import type { Said } from '../messaging/acting.ts';
import type { DisplayNames } from './display-names.ts';
import type { Variant } from './eliza-wording.ts';
import { LogSubscription } from './log-subscription.ts';
import { OwnCopies } from './own-copies.ts';
import { Rooms } from './rooms.ts';

export interface SocketDeps extends ElizaDeps {
  readonly names: DisplayNames;
  readonly wordings: (variant: Variant) => Wording;
}

export class ElizaSession implements EventSession {
  readonly ready: Promise<Problem | null> = Promise.resolve(null);
  readonly deps: SocketDeps;
  readonly own: LiveSession;
  readonly rooms: Rooms;
  readonly copies: OwnCopies;
  readonly logs: LogSubscription;
  readonly turns = new EventTurns();
  /** Who speaks where a message does not say it: whom the client named when it connected. */
  readonly entity: PrincipalId;
  readonly said: Said;
  readonly #peer: EventPeer;

  constructor(deps: SocketDeps, peer: EventPeer, entityId: string | null) {
    this.deps = deps;
    this.#peer = peer;
    const { principal, context } = peer;
    this.entity = entityId === null ? principal.id : (canonicalUuid(entityId) ?? entityId);
    this.said = { ...context, trace: null, service: null };
    const { live, names, wordings } = deps;
    const seesInternal = principal.kind !== 'user';
    const session = (): LiveSession => this.own;
    const reword = (conversation: ConversationId): void => live.reword(this.own, wording, conversation);
    this.rooms = new Rooms(deps, session, reword, (ids) => names.learn(this.principal.tenant, ids));
    this.copies = new OwnCopies(names, peer.id, reword, (conversation) =>
      wordings({ seesInternal, hearsOfSessions: this.rooms.hearsOfSessions(conversation) }),
    );
    const wording: Wording = {
      ...wordings({ seesInternal, hearsOfSessions: false }),
      within: (conversation) => this.copies.wordingIn(conversation),
    };
    this.own = live.begin(principal, peer, wording, context.env);
    this.logs = new LogSubscription(
      deps.records,
      () => this.principal,
      (name, argument) => this.send(name, argument),
    );
    this.send('authenticated', { entityId: this.entity, timestamp: this.#nowMs() });
    this.send('connection_established', {
      message: 'Connected to Eliza Socket.IO server',
      socketId: peer.id,
    });
  }

  /** As it is now: scopes may change while the socket is open. */
  get principal(): Principal {
    return this.own.principal;
  }

  send(name: string, argument: object): void {
    this.#peer.send(eventFrame(name, argument));
  }

  end(saidGoodbye: boolean): void {
    this.logs.stop();
    this.rooms.end();
    this.deps.live.end(this.own, saidGoodbye);
  }

  #nowMs(): number {
    return msOf(this.deps.clock.nowMicros());
  }
}
