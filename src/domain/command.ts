/** Commands: what a principal asks a conversation to do. Checked for shape by the dialect's schema before. */
import type { ConversationType, DataClass, Entity, ParticipantRole, Priority, Stage } from './event.ts';
import type { ConversationId, EventId, MessageId, PrincipalId, ServiceId } from './ids.ts';
import type { PrincipalKind } from './principal.ts';

export interface NewParticipant {
  readonly id: PrincipalId;
  readonly kind: PrincipalKind;
  readonly role: ParticipantRole;
}

export interface CreateCommand {
  readonly op: 'create';
  readonly type: ConversationType;
  readonly name: string | null;
  readonly description: string | null;
  readonly metadata: Record<string, unknown>;
  readonly env: string;
  readonly service: ServiceId | null;
  /** Default: active. */
  readonly stage?: Stage;
  /** Default: about nothing in particular. It stays what it is. */
  readonly entity?: Entity;
  /** Without the creator. */
  readonly participants: readonly NewParticipant[];
  /** Default: owner. Of two peers neither is. */
  readonly creatorRole?: ParticipantRole;
  /** A conversation whose id follows from its members: creating it again answers the existing one. */
  readonly isUnique?: boolean;
}

export interface PostCommand {
  readonly op: 'post';
  readonly content: string;
  readonly contentType: string;
  readonly clientId: string | null;
  readonly messageId: MessageId | null;
  readonly replyTo: MessageId | null;
  /** Whom it is for; who does not take part is left out. */
  readonly to?: readonly PrincipalId[];
  readonly run: string | null;
  readonly endRun: boolean;
  readonly priority: Priority | null;
  readonly interruptible: boolean;
  readonly preemptedBy: string | null;
  readonly metadata: Record<string, unknown>;
  /** Refused (`forbidden`/`not_active`) in a conversation that was archived or closed; retries of earlier posts are not. */
  readonly whileActive?: true;
  /**
   * An agent or service that is no participant is added as member in the same atomic step; with `anyone` a person,
   * too: for who may speak for people, never for a person's own wish.
   */
  readonly mayJoin?: boolean | 'anyone';
}

/**
 * A message that answers nothing and belongs to no run: what is special about one stands beside it. One literal: each
 * property that is new after a spread takes V8 most of a microsecond (bench/RESULTS.md), and every post comes by here.
 */
export function plainPost(content: string): PostCommand {
  return {
    op: 'post',
    content,
    contentType: 'text',
    metadata: {},
    clientId: null,
    messageId: null,
    replyTo: null,
    run: null,
    endRun: false,
    priority: null,
    interruptible: true,
    preemptedBy: null,
  };
}

export interface EditCommand {
  readonly op: 'edit';
  readonly message: MessageId;
  readonly content: string;
  /** Null keeps the message's metadata. */
  readonly metadata: Record<string, unknown> | null;
}

/**
 * Adds to what is attached to an own message (`media` of its metadata), or says anew what is known of it: an edit that
 * does not count as one.
 */
export interface AttachCommand {
  readonly op: 'attach';
  readonly message: MessageId;
  /** What is said already changes nothing. */
  readonly media: readonly { readonly id: string }[];
}

export interface DeleteCommand {
  readonly op: 'delete';
  readonly message: MessageId;
}

export interface ReactCommand {
  readonly op: 'react';
  readonly message: MessageId;
  readonly emoji: string;
}

export interface ControlCommand {
  readonly op: 'control';
  readonly event: string;
  readonly target: PrincipalId | null;
  readonly reason: string | null;
  readonly run: string | null;
  readonly priority: Priority | null;
  readonly preemptedBy: string | null;
  readonly metadata: Record<string, unknown>;
  /** Native protocol: owners and admins of the conversation need no interrupt scope. */
  readonly roleSuffices: boolean;
}

/** What Parley itself has to say in a conversation. */
export type NoticeName = 'session.expiring' | 'session.expired' | 'session.renewed';

/**
 * A control event without an effect that nobody can send: Parley says it, in the name of whom it concerns. It is said
 * once: when an entry has its id already, nothing happens.
 */
export interface NoticeCommand {
  readonly op: 'notice';
  readonly event: NoticeName;
  /** That of the context, too. */
  readonly id: EventId;
  readonly metadata: Record<string, unknown>;
}

export interface AddParticipantCommand {
  readonly op: 'participant.add';
  readonly participant: NewParticipant;
  /** An administrator of the tenant acts from outside the conversation; who is in it already gets the role. */
  readonly asAdministrator?: boolean;
}

/** Several at once: all of them or none. Who is in it already stays as it is. */
export interface AddParticipantsCommand {
  readonly op: 'participants.add';
  /** At most limits.participantsAddedMax. */
  readonly participants: readonly NewParticipant[];
}

/** A person of the tenant enters a group by itself. */
export interface JoinCommand {
  readonly op: 'join';
}

/** `participant` = oneself: leave. */
export interface RemoveParticipantCommand {
  readonly op: 'participant.remove';
  readonly participant: PrincipalId;
  readonly asAdministrator?: boolean;
  /**
   * Whoever leaves need not hand over first: of the others the longest present admin, else the longest present
   * member becomes owner, people before all others. With the last person the conversation ends.
   */
  readonly mayHandOver?: boolean;
}

export interface ChangeRoleCommand {
  readonly op: 'participant.role';
  readonly participant: PrincipalId;
  readonly role: ParticipantRole;
}

/** Absent fields stay as they are; null clears. */
export interface UpdateCommand {
  readonly op: 'update';
  readonly name?: string | null;
  readonly description?: string | null;
  readonly metadata?: Record<string, unknown>;
  readonly stage?: Stage;
  /** Not owners and admins alone: whoever takes part. */
  readonly membersMay?: boolean;
}

export interface DeleteConversationCommand {
  readonly op: 'conversation.delete';
  readonly asAdministrator?: boolean;
  /** Not an owner alone: also an admin, and either side of a private conversation of two. */
  readonly managersMay?: boolean;
}

export type Command =
  | CreateCommand
  | PostCommand
  | EditCommand
  | AttachCommand
  | DeleteCommand
  | ReactCommand
  | ControlCommand
  | NoticeCommand
  | AddParticipantCommand
  | AddParticipantsCommand
  | JoinCommand
  | RemoveParticipantCommand
  | ChangeRoleCommand
  | UpdateCommand
  | DeleteConversationCommand;

/** What is recorded with a command's events, whatever the command is. */
export interface CommandContext {
  readonly conversation: ConversationId;
  /** Id of the command's (last) event, made before the first attempt: a retry finds itself by it. */
  readonly id: EventId;
  readonly trace: string | null;
  readonly dataClass: DataClass;
  readonly policyRef: string | null;
  /** X-Env of the request: a conversation of another environment is not found. Null: no filter. */
  readonly env: string | null;
  /** Set where the tenant may have fewer participants in a conversation than limits.participantsMax. */
  readonly participantsMax?: number;
}
