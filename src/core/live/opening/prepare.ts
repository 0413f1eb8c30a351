/** Before a conversation is opened: it is there, the reader may read it, and the cursor is one of its log. */
import { mayRead } from '../../../domain/permissions.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Log } from '../../../ports/log.ts';
import type { ConversationCache } from '../../conversations/conversation-cache.ts';
import type { HeadCheck } from '../../conversations/head-check.ts';
import type { LoadedConversation } from '../../conversations/loaded-conversation.ts';
import type { OpenRequest } from '../live-bus.ts';
import type { Session } from '../session.ts';

export interface Ready {
  readonly conversation: LoadedConversation;
  /** The position after which the reader goes on; null: from now on. */
  readonly after: number | null;
}

export interface PrepareDeps {
  readonly log: Pick<Log, 'epoch'>;
  readonly cache: Pick<ConversationCache, 'get'>;
  readonly headCheck: HeadCheck;
}

/** Pinned: it may neither be evicted nor lose its audience until the caller takes the pin back. */
export async function prepareAndPin(
  deps: PrepareDeps,
  session: Session,
  request: OpenRequest,
): Promise<Ready | Problem> {
  for (;;) {
    const ready = await prepare(deps, session, request);
    if (ready instanceof Problem) return ready;
    // Evicted while the leader was asked: load it again.
    if (ready.conversation.trust === 'gone') continue;
    ready.conversation.pins += 1;
    return ready;
  }
}

async function prepare(
  { log, cache, headCheck }: PrepareDeps,
  session: Session,
  request: OpenRequest,
): Promise<Ready | Problem> {
  const { principal } = session;
  // Before anything else: a conversation may be gone with the log of its cursor, and the client is to start over.
  const epoch = request.after?.epoch ?? null;
  if (epoch !== null && epoch !== log.epoch(request.conversation)) return new Problem('cursor_expired');
  const conversation = await cache.get(principal.tenant, request.conversation);
  if (conversation === null) return new Problem('not_found');
  if (conversation instanceof Problem) return conversation;
  if (!mayRead(conversation.state, principal, session.env)) {
    const answer = await headCheck.confirm(conversation);
    if (answer instanceof Problem) return answer;
    if (!mayRead(conversation.state, principal, session.env)) return new Problem('not_found');
  }
  if (request.after === null) return { conversation, after: null };
  const { position } = request.after;
  if (position > conversation.state.position) {
    // Acknowledged by another node a moment ago, or of a log that is no more: the leader knows.
    const answer = await headCheck.confirm(conversation);
    if (answer instanceof Problem) return answer;
    if (position > conversation.state.position) return new Problem('cursor_expired');
  }
  return { conversation, after: position };
}
