/** Conversations and their participants in the words of Vero. */
import type { PrincipalId } from '../../../../domain/ids.ts';
import type { PrincipalKind } from '../../../../domain/principal.ts';
import type { ConversationState, Participant as Member } from '../../../../domain/state.ts';
import { formatMicros, type Micros } from '../../../../domain/time.ts';
import type { TimelineEntry } from '../../../../domain/timeline.ts';
import type { ConversationMark } from '../../../../ports/conversations/personal.ts';
import type { KnownPrincipal } from '../../../../ports/identity/identity-service.ts';
import type { BoardEntry } from '../../../../ports/presence-board.ts';
import type { InboxConversation } from '../../../../ports/projection/listed-conversations.ts';
import type { Contact, Conversation, ConversationType, Participant, Role } from './wire.ts';

const previewMax = 200;

/** What is known of a principal beside its id; null: an id that is nobody's here. */
export interface Acquaintance {
  readonly known: KnownPrincipal | null;
  readonly presence: BoardEntry;
}
export type Acquaintances = (id: PrincipalId) => Acquaintance;

type Other = { readonly id: PrincipalId; readonly kind: PrincipalKind };

/** What a conversation shows of itself, wherever it was read from. */
interface Face {
  readonly id: string;
  readonly isDirect: boolean;
  readonly hasAgent: boolean;
  readonly other: Other | null;
  readonly role: Role;
  readonly facts: Pick<
    InboxConversation,
    'name' | 'description' | 'createdBy' | 'createdAt' | 'updatedAt' | 'seq' | 'unread' | 'lastReadSeq'
  >;
  readonly mark: Pick<ConversationMark, 'mutedUntil' | 'archivedAt'>;
  readonly newest: TimelineEntry | null;
}

/** A conversation of two, whichever dialect made it. */
export function isDirect({ type, participants }: Pick<ConversationState, 'type' | 'participants'>): boolean {
  return type === 'private' && participants.size <= 2;
}

/** A row of the caller's list. */
export function encodeListed(
  listed: InboxConversation,
  caller: Other,
  who: Acquaintances,
  now: Micros,
): Conversation {
  const { ref, type, others, hasAgent, role, newest } = listed;
  const isPair = type === 'private' && others.length <= 1;
  const face: Face = {
    ...{ id: ref.conversation, isDirect: isPair, hasAgent, newest, facts: listed, mark: listed },
    other: isPair ? (others[0] ?? null) : null,
    role: roleOf({ role, kind: caller.kind }),
  };
  return encodeFace(face, who, now);
}

/** What a caller has of a conversation beside its state. */
export interface Own {
  readonly mark: ConversationMark;
  readonly unread: number;
  readonly lastReadSeq: number;
  readonly newest: TimelineEntry | null;
}

/** A conversation that the caller is in; else null. */
export function encodeState(
  id: string,
  state: ConversationState,
  caller: PrincipalId,
  own: Own,
  who: Acquaintances,
  now: Micros,
): Conversation | null {
  const self = state.participants.get(caller);
  if (self === undefined) return null;
  const members = [...state.participants.values()];
  const isPair = isDirect(state);
  const { mark, newest, unread, lastReadSeq } = own;
  const { name, description, createdBy, createdAt, at: updatedAt, seq } = state;
  const face: Face = {
    ...{ id, isDirect: isPair, mark, newest },
    hasAgent: members.some(({ kind }) => kind !== 'user'),
    other: isPair ? (members.find((one) => one.id !== caller) ?? null) : null,
    role: roleOf(self),
    facts: { name, description, createdBy, createdAt, updatedAt, seq, unread, lastReadSeq },
  };
  return encodeFace(face, who, now);
}

function encodeFace(face: Face, who: Acquaintances, now: Micros): Conversation {
  const { id, other, facts, mark, newest } = face;
  const { name, description } = facts;
  return {
    id,
    type: typeOf(face),
    ...(name === null || face.isDirect ? {} : { name }),
    ...(description === null ? {} : { description }),
    created_by: facts.createdBy,
    created_at: formatMicros(facts.createdAt),
    last_activity: formatMicros(facts.updatedAt),
    seq_counter: facts.seq,
    last_message_preview: previewOf(newest),
    unread_count: facts.unread,
    last_read_seq: facts.lastReadSeq,
    role: face.role,
    muted_until: mark.mutedUntil === null || mark.mutedUntil <= now ? null : formatFar(mark.mutedUntil),
    archived_at: mark.archivedAt === null ? null : formatMicros(mark.archivedAt),
    ...(other === null ? {} : { contact: encodeContact(other, who(other.id)) }),
  };
}

function typeOf({ isDirect: isPair, hasAgent }: Pick<Face, 'isDirect' | 'hasAgent'>): ConversationType {
  if (isPair) return hasAgent ? 'agent_direct' : 'direct';
  return hasAgent ? 'agent_group' : 'group';
}

function encodeContact({ id, kind }: Other, { known, presence }: Acquaintance): Contact {
  return {
    user_id: id,
    display_name: known?.displayName ?? id,
    is_agent: kind !== 'user',
    status: presence.status,
    ...absent('avatar_url', known?.avatarUrl),
    ...absent('bio', known?.bio),
    ...(presence.lastSeen === null ? {} : { last_seen: formatMicros(presence.lastSeen) }),
    ...absent('job_role', known?.jobTitle),
    ...(kind === 'user' ? {} : { is_default_agent: known?.isDefaultAgent === true }),
  };
}

export function encodeParticipant(member: Member, { known, presence }: Acquaintance): Participant {
  return {
    user_id: member.id,
    display_name: known?.displayName ?? member.id,
    is_agent: member.kind !== 'user',
    role: roleOf(member),
    status: presence.status,
    ...absent('avatar_url', known?.avatarUrl),
    ...absent('job_title', known?.jobTitle),
  };
}

function absent<Name extends string>(name: Name, value: string | null | undefined) {
  return (value === null || value === undefined ? {} : { [name]: value }) as { [N in Name]?: string };
}

/** Agents without a role of their own are that: agents. */
function roleOf({ role, kind }: Pick<Member, 'role' | 'kind'>): Role {
  return role === 'member' && kind !== 'user' ? 'agent' : role;
}

function previewOf(newest: TimelineEntry | null): string {
  if (newest?.event.type !== 'message.posted') return '';
  const { content } = newest.event.data;
  // Half a character would be none.
  return content.length <= previewMax
    ? content
    : [...content.slice(0, 2 * previewMax)].slice(0, previewMax).join('');
}

/** Beyond the year 2255 a number does not hold microseconds: milliseconds are said, as they were asked for. */
export function formatFar(at: Micros): string {
  return Number.isSafeInteger(at) ? formatMicros(at) : new Date(Math.round(at / 1_000)).toISOString();
}
