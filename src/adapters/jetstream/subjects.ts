/** Every subject and stream name of Parley (architecture.md §2). Names are built here and nowhere else. */
import { isUtf8 } from 'node:buffer';
import type { ConversationRef, EventKind } from '../../domain/event.ts';
import type { ConversationId, MessageId, NodeId, PrincipalId, TenantId } from '../../domain/ids.ts';
import type { WebhookRef } from '../../domain/webhook.ts';
import type { PulseKind } from '../../ports/live-feed.ts';

const safeToken = /^[A-Za-z0-9_-]+$/;
const noService = '_';

/**
 * An id as one subject token: as it is when NATS-safe, else base64url. Two ids never have the same token: an
 * id that looks like the token of another one is encoded, too. `untoken` gives the id back.
 */
export function token(id: string): string {
  return needsEncoding(id) ? Buffer.from(id, 'utf8').toString('base64url') : id;
}

export function untoken(text: string): string {
  return decoded(text) ?? text;
}

function needsEncoding(id: string): boolean {
  return !safeToken.test(id) || id === noService || decoded(id) !== null;
}

/** The id that `text` is the token of, if that id had to be encoded. Each round is a quarter shorter: it ends. */
function decoded(text: string): string | null {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length === 0 || !isUtf8(bytes) || bytes.toString('base64url') !== text) return null;
  const id = bytes.toString('utf8');
  return needsEncoding(id) ? id : null;
}

/** hash(conversation) mod partitions, FNV-1a: the same on every node and for ever. */
export function partitionOf(conversation: ConversationId, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < conversation.length; i++) {
    hash = Math.imul(hash ^ conversation.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % partitions;
}

/** Of refs that live: those of loaded conversations are asked for twice with each append. */
const places = new WeakMap<ConversationRef, string>();

/** `<tenant>.<service>.<conversation>`: what log, live, draft and pulse subjects share. */
export function place(ref: ConversationRef): string {
  let known = places.get(ref);
  if (known === undefined) {
    known = placeOf(ref);
    places.set(ref, known);
  }
  return known;
}

function placeOf(ref: ConversationRef): string {
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

/** In every partition. */
export const logSubjectsOfTenant = (tenant: TenantId): string => `conv.*.${token(tenant)}.*.*.*`;
export const logSubjectsOf = (partition: number): string => `conv.${partition}.*.*.*.*`;
export const liveOfLog = 'live.{{wildcard(1)}}.{{wildcard(2)}}.{{wildcard(3)}}.{{wildcard(4)}}';
export const liveSubject = (ref: ConversationRef): string => `live.${place(ref)}.*`;

export const draftSubject = (partition: number, ref: ConversationRef, message: MessageId | '*'): string =>
  `draft.${partition}.${place(ref)}.${message === '*' ? '*' : token(message)}`;
export const draftSubjects = 'draft.*.*.*.*.*';
export const pulseOfDraft = 'pulse.{{wildcard(2)}}.{{wildcard(3)}}.{{wildcard(4)}}.delta';
export const pulseSubject = (ref: ConversationRef, kind: PulseKind | '*'): string =>
  `pulse.${place(ref)}.${kind}`;

/**
 * Turns of agents: one subject for each agent in a conversation. Below `sys.`, which nodes alone may reach
 * whatever nats-server's configuration was written for.
 */
export const agentStream = 'AGENTS';
export const agentSubjects = 'sys.agents.*.*.*.*.*';
export const agentSubjectsOf = (partition: number): string => `sys.agents.${partition}.*.*.*.*`;
export const agentSubject = (partition: number, ref: ConversationRef, agent: PrincipalId): string =>
  `sys.agents.${partition}.${place(ref)}.${token(agent)}`;

/** Whose turn a subject is for. */
export function ofAgentSubject(subject: string): {
  readonly ref: ConversationRef;
  readonly agent: PrincipalId;
} {
  const [, , , tenant = '', service = '', conversation = '', agent = ''] = subject.split('.');
  return { ref: refOf(tenant, service, conversation), agent: untoken(agent) };
}

/** Deliveries of webhooks: one subject for each endpoint and conversation, so that those of one stay in order. */
export const webhookStream = 'WEBHOOKS';
export const webhookSubjects = 'sys.webhooks.*.*.*.*';
export const webhookSubjectsOf = ({ tenant, id }: WebhookRef): string =>
  `sys.webhooks.${token(tenant)}.${token(id)}.*.*`;
export const webhookSubject = (
  { tenant, id }: WebhookRef,
  { service, conversation }: ConversationRef,
): string =>
  `sys.webhooks.${token(tenant)}.${token(id)}.${service === null ? noService : token(service)}.${token(conversation)}`;

/** Which endpoint and which conversation a subject is for. */
export function ofWebhookSubject(subject: string): {
  readonly webhook: WebhookRef;
  readonly ref: ConversationRef;
} {
  const [, , tenant = '', id = '', service = '', conversation = ''] = subject.split('.');
  return {
    webhook: { tenant: untoken(tenant), id: untoken(id) },
    ref: refOf(tenant, service, conversation),
  };
}

export const inboxSubject = (tenant: TenantId, principal: PrincipalId, kind: string): string =>
  `inbox.${token(tenant)}.${token(principal)}.${kind}`;

export const nodeSubject = (node: NodeId, verb: string): string => `sys.node.${token(node)}.${verb}`;
export const anyNodeSubject = (verb: string): string => `sys.any.${verb}`;
/** Between nodes: streams were made anew. No kind of tell is called so. */
export const streamsMadeAnew = 'sys.streams.made-anew';
export const tellSubject = (kind: string): string => `sys.tell.${kind}`;

/** The conversation that a log subject belongs to. */
export function refOfLogSubject(subject: string): ConversationRef {
  const [, , tenant = '', service = '', conversation = ''] = subject.split('.');
  return refOf(tenant, service, conversation);
}

function refOf(tenant: string, service: string, conversation: string): ConversationRef {
  return {
    tenant: untoken(tenant),
    service: service === noService ? null : untoken(service),
    conversation: untoken(conversation),
  };
}
