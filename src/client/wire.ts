/** What goes over the socket, as types: taken from the server's own declarations, so that they cannot differ. */
import type {
  ControlFrame,
  Create,
  DraftView,
  HistoryFrame,
  List,
  ParticipantFields,
  Post,
  PostReply,
  StateView,
} from '../dialects/native/wire.ts';
import type { Event } from '../domain/event.ts';

export type {
  ConversationType,
  DataClass,
  Event,
  EventOf,
  EventType,
  ParticipantRole,
  ParticipantView,
  Priority,
} from '../domain/event.ts';

/** `<epoch>:<position>`, or a bare position. */
export type Cursor = string | number;

/** Fields of a new conversation. */
export type NewConversation = (typeof Create)['static'];
export type NewParticipant = (typeof ParticipantFields)['static'];
/** Fields of a message. `client_id` is made when it is not given. */
export type NewMessage = Omit<(typeof Post)['static'], 'conversation'>;
export type Posted = (typeof PostReply)['static'];
export type ControlFields = Omit<(typeof ControlFrame)['static'], 'conversation' | 'event'>;
export type HistoryFields = Omit<(typeof HistoryFrame)['static'], 'conversation' | 'after_position'>;
export type ListFields = (typeof List)['static'];
/** A conversation as it is: participants, pause, floor, runs. */
export type ConversationState = (typeof StateView)['static'];
export type Draft = (typeof DraftView)['static'];

/** Where a control event is in the conversation. */
export interface Controlled {
  readonly id: string;
  readonly seq: number;
  readonly position: number;
}

export interface Placed {
  readonly position: number;
}

/** A conversation that was just made. */
export type CreatedConversation = { readonly id: string } & Placed & {
    readonly seq: number;
  } & ConversationState;

/** A row of the caller's list. */
export interface ListedConversation {
  readonly id: string;
  readonly type: 'private' | 'group';
  readonly name: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly env: string;
  readonly service_id: string | null;
  readonly created_by: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly position: number;
  readonly seq: number;
  readonly role: 'owner' | 'admin' | 'member';
  readonly last_read_seq: number;
  readonly unread: number;
}

/** Who this client is, as the server's hello says it. */
export interface ClientPrincipal {
  readonly id: string;
  readonly kind: 'user' | 'agent' | 'service';
  readonly tenant: string;
  readonly role: string | null;
  readonly scopes: readonly string[];
  readonly display_name: string | null;
}

export interface Hello {
  readonly principal: ClientPrincipal;
  readonly node: string;
  readonly heartbeat_sec: number;
  readonly limits: Readonly<Record<string, number>>;
}

/** A conversation in the reply to `open`. */
export interface Opened {
  readonly id: string;
  readonly epoch: string;
  readonly position: number;
  readonly seq: number;
  readonly cursor: string;
  readonly state: ConversationState;
  readonly drafts: readonly Draft[];
}

/** The control events that have an effect. */
export type StreamControl =
  | 'stream.pause'
  | 'stream.resume'
  | 'stream.preempt'
  | 'stream.cancel'
  | 'stream.route'
  | 'stream.handoff'
  | 'stream.priority';

/** A piece of a message that is being written: deltas `from` to `index`, joined. */
export interface Delta {
  readonly type: 'delta';
  readonly conversation: string;
  readonly message_id: string;
  readonly run: string;
  readonly from: number;
  readonly index: number;
  readonly text: string;
}

/** Volatile news: may be missed. */
export type Pulse = {
  readonly type: 'pulse';
  readonly conversation: string;
  readonly from: string;
} & (
  | { readonly kind: 'typing'; readonly state: 'start' | 'stop' }
  | { readonly kind: 'presence'; readonly status: string; readonly detail?: string }
  | { readonly kind: 'read'; readonly up_to: number }
  | {
      readonly kind: 'draft.abandoned';
      readonly message_id: string;
      readonly run: string;
      readonly unseen?: boolean;
    }
);

/**
 * Events were lost to this reader and cannot be had as events any more: load what you show of the conversation
 * again (history). `cursor_expired`: its log was made anew, and events go on from `cursor`. `not_found`: it is gone,
 * or one was removed from it meanwhile; nothing follows.
 */
export interface Reset {
  readonly type: 'reset';
  readonly conversation: string;
  readonly reason: 'cursor_expired' | 'not_found';
  readonly cursor: string | null;
}

/** A frame of the server, before it is known which. */
export interface ServerFrame {
  readonly re?: string;
  readonly ok?: boolean;
  readonly problem?: object;
  readonly conversation?: string;
  readonly hello?: Hello;
  readonly ev?: Event;
  readonly delta?: Omit<Delta, 'type'>;
  readonly pulse?: Omit<Pulse, 'type'>;
  readonly bye?: { readonly code: number; readonly retry_after_ms: number | null };
  readonly [field: string]: unknown;
}
