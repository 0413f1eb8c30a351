/**
 * The live half of the Bus: what a socket dialect asks of the core, what it is told, and the words
 * that it lends. Types only, so that core and dialects meet here without knowing each other.
 */
import type { ConversationRef, DataClass, Event, LogEntry } from '../../domain/event.ts';
import type { ConversationId, MessageId, PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ConversationState } from '../../domain/state.ts';
import type { Authenticator } from '../../ports/identity/identity-authenticator.ts';
import type { Frame, Outbox } from '../../ports/outbox.ts';

/** Volatile news: not logged, never replayed. */
export type Pulse =
  | {
      readonly kind: 'typing';
      readonly conversation: ConversationId;
      readonly from: PrincipalId;
      readonly state: 'start' | 'stop';
    }
  | {
      readonly kind: 'presence';
      readonly conversation: ConversationId;
      readonly from: PrincipalId;
      readonly status: string;
      readonly detail?: string;
      /** As it was said, by a dialect that knows more than the four statuses. */
      readonly value?: unknown;
      /** It connected, or its last socket of the deployment is gone; absent: it said how it is. */
      readonly cause?: 'connected' | 'disconnected';
      /** The same in each conversation in which this news is told. */
      readonly news: string;
      /** Its own sockets are told, too. */
      readonly echo?: true;
    }
  | {
      readonly kind: 'read';
      readonly conversation: ConversationId;
      readonly from: PrincipalId;
      readonly up_to: number;
    }
  | {
      readonly kind: 'draft.abandoned';
      readonly conversation: ConversationId;
      readonly from: PrincipalId;
      readonly message_id: MessageId;
      readonly run: string;
      /** Nothing of it was ever told: its readers learn only now that there will be no answer. */
      readonly unseen?: true;
    };

/** How a principal is, as it says itself. */
export interface PresenceNews {
  readonly status: string;
  readonly detail?: string | null;
  readonly value?: unknown;
}

/** A piece of a streamed message: deltas `from`..`index` joined. */
export interface Delta {
  readonly conversation: ConversationId;
  readonly message_id: MessageId;
  readonly run: string;
  readonly from: number;
  readonly index: number;
  readonly text: string;
}

/** The conversation that is spoken of. Its state may be ahead of an event that is told late. */
export interface ConversationView {
  readonly ref: ConversationRef;
  readonly state: ConversationState;
}

/** What a dialect says of an event. */
export type Worded = Frame | readonly Frame[] | null;

/** A dialect's words on a socket: each is called once for a broadcast, whatever the number of readers. */
export interface Wording {
  /**
   * Part of the topic's name. A dialect whose readers see different things has a wording for each view, with
   * a name of its own: only readers whose view differs cost an encoding.
   */
  readonly dialect: string;
  /**
   * `bytes` is the event's JSON as it came from the log, when it is at hand. Null: nothing to say; a list: several
   * frames, in this order.
   */
  event(entry: LogEntry, bytes: Uint8Array | null, view: ConversationView): Worded;
  /** `author`: whose message it becomes. */
  delta(delta: Delta, author: PrincipalId, view: ConversationView): Frame | null;
  pulse(pulse: Pulse, view: ConversationView): Frame | null;
  /** What is said of presence once to each participant's socket, however many conversations it shares. */
  presence?(pulse: PresencePulse, view: ConversationView): Frame | null;
  /** The words in one conversation, of a reader that sees less there than elsewhere; absent: these everywhere. */
  within?(conversation: ConversationId): Wording;
}

export type PresencePulse = Extract<Pulse, { kind: 'presence' }>;

/** See LiveBus.watch(). */
export interface WatchedConversation extends ConversationView {
  /** As it is now. */
  readonly state: ConversationState;
  stop(): void;
}

/** What is told of a conversation where there is no socket: the same as to one, as values. */
export interface ConversationListener {
  event(entry: LogEntry): void;
  delta(delta: Delta, author: PrincipalId): void;
  /** Nothing follows: the log was made anew. */
  ended(): void;
}

/** See LiveBus.listen(). */
export interface ListenedConversation extends Opened {
  stop(): void;
}

/** Where a reader stood. `epoch` null: a bare position, believed. */
export interface Cursor {
  readonly epoch: string | null;
  readonly position: number;
}

export interface OpenRequest {
  readonly conversation: ConversationId;
  /** Null: live only. */
  readonly after: Cursor | null;
}

/** A message that is being streamed: deltas `from`..`index` joined. */
export interface DraftView {
  readonly messageId: MessageId;
  readonly run: string;
  readonly from: number;
  readonly index: number;
  readonly text: string;
  readonly author: PrincipalId;
}

export interface Opened {
  readonly ref: ConversationRef;
  readonly epoch: string;
  readonly state: ConversationState;
  readonly drafts: readonly DraftView[];
}

export interface Refused {
  readonly conversation: ConversationId;
  readonly problem: Problem;
}

export interface DeltaCommand {
  readonly conversation: ConversationId;
  readonly messageId: MessageId;
  readonly run: string;
  /** 0, 1, 2… in one message. */
  readonly index: number;
  readonly text: string;
  /** Of the whole draft, said with its first delta (absent: none); later ones may leave it out. */
  readonly dataClass?: DataClass;
}

/**
 * A note to one principal: it was added to a conversation or removed from one, by the event with this position;
 * or a conversation that it took part in was deleted.
 */
export interface InboxNote {
  readonly kind: 'added' | 'removed' | 'deleted';
  readonly conversation: ConversationId;
  readonly position: number;
}

/** One connected socket as its dialect holds it. */
export interface LiveSession {
  /** As it is now: scopes and role may change while the socket is open. */
  principal: Principal;
  readonly outbox: Outbox;
}

export interface LiveBus {
  /**
   * A socket is authenticated. Call end() exactly once when it is gone: `saidGoodbye` when its client said so,
   * for a lost one may come back within moments. Where `env` is given, conversations of other environments are
   * not found.
   */
  begin(principal: Principal, outbox: Outbox, wording: Wording, env?: string | null): LiveSession;
  end(session: LiveSession, saidGoodbye?: boolean): void;
  /**
   * What the session sees is another from now on, be it in one conversation (Wording.within): in this turn,
   * without a gap or a duplicate. `only`: where it may have changed; absent: everywhere.
   */
  reword(session: LiveSession, wording: Wording, only?: ConversationId): void;
  /** Calls `onNote` for each note to the session's principal until the session ends; some come twice. */
  heed(session: LiveSession, onNote: (note: InboxNote) => void): void;
  /**
   * Opens conversations for a session. `reply` is called once, before any event of them is sent, in
   * the turn in which those without a backlog begin to be live.
   */
  open(
    session: LiveSession,
    requests: readonly OpenRequest[],
    reply: (opened: readonly Opened[], refused: readonly Refused[]) => void,
  ): Promise<void>;
  /**
   * Calls `run` once, when something is said of a conversation that there is not: it was made. What it says is that
   * it can be opened, from its first event on. The returned function ends the waiting; nothing is heard of those
   * that are made for a service alone.
   */
  awaitBeginning(session: LiveSession, conversation: ConversationId, run: () => void): () => void;
  /** Whether the session has it open, or is about to. */
  follows(session: LiveSession, conversation: ConversationId): boolean;
  /** Ends the following of one conversation; unknown ones are ignored. */
  close(session: LiveSession, conversation: ConversationId): void;
  /**
   * Opens everything the session's principal is in, now and whenever it is added to one; cursors given
   * are resumed, the rest is live only. `reply` gets what could not be resumed: once, before any event, in the
   * turn in which those without a backlog begin to be live. Nothing that happens from then on is missed. It is
   * not called with a problem, nor when the socket has ended.
   */
  followAll(
    session: LiveSession,
    cursors: ReadonlyMap<ConversationId, Cursor>,
    reply: (refused: readonly Refused[]) => void,
  ): Promise<Problem | null>;
  /**
   * Takes one delta; null when it was accepted. Later trouble with storing it goes to `onProblem`. `by`: a session,
   * or a principal that has none here.
   */
  delta(
    by: Pick<LiveSession, 'principal'>,
    delta: DeltaCommand,
    onProblem: (problem: Problem) => void,
  ): Promise<Problem | null>;
  /**
   * Calls `onEvent` with each event of a conversation that the principal takes part in, right after it was folded
   * into the state; what it answers holds everything that was committed before it was asked.
   */
  watch(
    principal: Principal,
    conversation: ConversationId,
    onEvent: (event: Event) => void,
  ): Promise<WatchedConversation | Problem>;
  /**
   * Follows a conversation that the principal may read, live only, as an opened one is followed: what it answers
   * holds everything before the first event. What is being streamed is told as a first delta of each draft. Nobody is told that the principal is there.
   */
  listen(
    principal: Principal,
    conversation: ConversationId,
    listener: ConversationListener,
  ): Promise<ListenedConversation | Problem>;
  /** Tells who follows the conversation that nothing comes of a draft, at once and not after its silence. */
  abandon(
    tenant: TenantId,
    draft: Pick<DeltaCommand, 'conversation' | 'messageId' | 'run'> & {
      readonly author: PrincipalId;
      /** Nothing of it was ever streamed. */
      readonly isUnseen: boolean;
    },
  ): Promise<void>;
  /** `by`: a session, or a principal that has none here. */
  typing(
    by: Pick<LiveSession, 'principal'>,
    conversation: ConversationId,
    state: 'start' | 'stop',
  ): Promise<Problem | null>;
  /** Tells everybody who shares a conversation with the session's principal how that is. */
  presence(session: LiveSession, news: PresenceNews): Promise<Problem | null>;
  /**
   * Tells others that the principal is connected: those of all conversations that the session has open, or
   * those of one, itself included.
   */
  arrive(session: LiveSession, conversation?: ConversationId): Promise<Problem | null>;
  /**
   * The conversation of a message that the principal can change; null: there is none. Waits a moment for one
   * that was acknowledged just now.
   */
  conversationOf(session: LiveSession, message: MessageId): Promise<ConversationId | null | Problem>;
  /** Follows revocations of identity on open sockets; the returned function ends it. */
  obey(authenticator: Authenticator): () => void;
}
