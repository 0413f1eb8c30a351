/** Every subject and stream name of Parley (architecture.md §2). Names are built here and nowhere else. */
import type { ConversationRef, EventKind } from '../../domain/event.ts';
import type { ConversationId, MessageId, NodeId, PrincipalId, TenantId } from '../../domain/ids.ts';
import type { PulseKind } from '../../ports/live-feed.ts';

const safeToken = /^[A-Za-z0-9_-]+$/;

/** An id as one subject token: as it is when NATS-safe, else base64url. */
export function token(id: string): string {
  return safeToken.test(id) ? id : Buffer.from(id, 'utf8').toString('base64url');
}

const noService = '_';

/** hash(conversation) mod partitions, FNV-1a: the same on every node and for ever. */
export function partitionOf(conversation: ConversationId, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < conversation.length; i++) {
    hash = Math.imul(hash ^ conversation.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % partitions;
}

/** `<tenant>.<service>.<conversation>`: what log, live, draft and pulse subjects share. */
export function place(ref: ConversationRef): string {
  return `${token(ref.tenant)}.${ref.service === null ? noService : token(ref.service)}.${token(ref.conversation)}`;
}

export const conversationStream = (partition: number): string => `CONV_${partition}`;
export const draftStream = 'DRAFTS';

export const logSubject = (partition: number, ref: ConversationRef, kind: EventKind | '*'): string =>
  `conv.${partition}.${place(ref)}.${kind}`;

/** A conversation whose service is not known: only its id is unique. */
export const logSubjectAnyService = (
  partition: number,
  tenant: TenantId,
  conversation: ConversationId,
): string => `conv.${partition}.${token(tenant)}.*.${token(conversation)}.*`;

export const logSubjectsOf = (partition: number): string => `conv.${partition}.*.*.*.*`;
export const liveOfLog = 'live.{{wildcard(1)}}.{{wildcard(2)}}.{{wildcard(3)}}.{{wildcard(4)}}';
export const liveSubject = (ref: ConversationRef): string => `live.${place(ref)}.*`;

export const draftSubject = (partition: number, ref: ConversationRef, message: MessageId | '*'): string =>
  `draft.${partition}.${place(ref)}.${message === '*' ? '*' : token(message)}`;
export const draftSubjects = 'draft.*.*.*.*.*';
export const pulseOfDraft = 'pulse.{{wildcard(2)}}.{{wildcard(3)}}.{{wildcard(4)}}.delta';
export const pulseSubject = (ref: ConversationRef, kind: PulseKind | '*'): string =>
  `pulse.${place(ref)}.${kind}`;

export const inboxSubject = (tenant: TenantId, principal: PrincipalId, kind: string): string =>
  `inbox.${token(tenant)}.${token(principal)}.${kind}`;

export const nodeSubject = (node: NodeId, verb: string): string => `sys.node.${token(node)}.${verb}`;
export const anyNodeSubject = (verb: string): string => `sys.any.${verb}`;
export const tellSubject = (kind: string): string => `sys.tell.${kind}`;

/** Tenant, service and conversation of a log subject. Ids that were encoded are decoded by the event itself. */
export function parseLogSubject(subject: string): {
  tenant: string;
  service: string | null;
  conversation: string;
} {
  const [, , tenant = '', service = '', conversation = ''] = subject.split('.');
  return { tenant, service: service === noService ? null : service, conversation };
}
