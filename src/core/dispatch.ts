/** The entrance of the write trip: finds the conversation, then hands the command to its writer. */
import type { Command, CommandContext } from '../domain/command.ts';
import { isSealedClass } from '../domain/event.ts';
import { stopsRuns } from '../domain/facts.ts';
import type { ConversationId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Principal } from '../domain/principal.ts';
import { Problem } from '../domain/problem.ts';
import type { IdSource } from '../ports/id-source.ts';
import type { TenantCaps } from '../ports/limits/tenant-limits.ts';
import type { NodeLink } from '../ports/node-link.ts';
import type { Tracing } from '../ports/tracing.ts';
import type { Bus, Outcome } from './bus.ts';
import type { ConversationCache } from './conversations/conversation-cache.ts';
import type { LoadedConversation } from './conversations/loaded-conversation.ts';
import {
  type ForwardedCommand,
  type Forwarder,
  forwardVerb,
  writeAnswer,
} from './conversations/writing/forwarder.ts';
import type { Writer } from './conversations/writing/writer.ts';
import type { DraftClosing } from './live/drafts/draft-closing.ts';
import type { DraftWriter } from './live/drafts/draft-writer.ts';
import type { Sealer } from './sealing/sealer.ts';

interface Deps {
  readonly cache: ConversationCache;
  readonly writer: Writer;
  readonly forwarder: Forwarder;
  readonly draftWriter: DraftWriter;
  readonly draftClosing: DraftClosing;
  readonly link: NodeLink;
  readonly ids: IdSource;
  readonly sealer: Pick<Sealer, 'ready'>;
  readonly caps: TenantCaps;
  readonly tracing: Tracing;
}

export function openDispatch(deps: Deps): Pick<Bus, 'dispatch' | 'context' | 'newConversationId'> {
  const { cache, writer, ids, tracing } = deps;

  async function create(
    principal: Principal,
    command: Extract<Command, { op: 'create' }>,
    context: CommandContext,
  ): Promise<Outcome | Problem> {
    const { tenant } = principal;
    // A fresh UUIDv7 cannot exist; an id that follows from its members can.
    const existing = command.isUnique === true ? await cache.get(tenant, context.conversation) : null;
    if (existing instanceof Problem) return existing;
    if (existing !== null) return await writer.handle(existing, principal, command, context, null);
    const release = await deps.caps.roomForConversation(tenant);
    if (release instanceof Problem) return release;
    const ref = { tenant, service: command.service, conversation: context.conversation };
    const conversation = cache.begin(ref);
    const result = await writer.handle(conversation, principal, command, context, null).finally(release);
    if (conversation.state.status === 'none') cache.drop(conversation);
    return result;
  }

  async function handle(
    conversation: LoadedConversation,
    asked: ForwardedCommand,
    isForwarded: boolean,
  ): Promise<Outcome | Problem> {
    const { principal, command, context } = asked;
    if (command.op === 'control' && stopsRuns(command.event)) {
      // What this node still holds back of a draft belongs to the text that readers saw.
      await deps.draftWriter.flush(conversation);
      await deps.draftClosing.close(conversation, asked);
    }
    if (command.op === 'post' && command.messageId !== null) {
      // The last deltas reach the readers before the message that ends them; nobody else's may.
      await deps.draftWriter.flushMessage(conversation, command.messageId);
    }
    const forwardedAfter = isForwarded ? (asked.after ?? 0) : null;
    return await writer.handle(conversation, principal, command, context, forwardedAfter);
  }

  async function dispatch(asked: ForwardedCommand, isForwarded: boolean): Promise<Outcome | Problem> {
    const { principal, command, context } = asked;
    if (isSealedClass(context.dataClass)) {
      // Before it is queued: what cannot be sealed must not take its neighbours in a batch with it.
      const refused = await deps.sealer.ready(principal.tenant);
      if (refused !== null) return refused;
    }
    if (command.op === 'create') return await create(principal, command, context);
    const { tenant } = principal;
    const conversation =
      cache.fresh(tenant, context.conversation) ?? (await cache.get(tenant, context.conversation));
    if (conversation === null) return new Problem('not_found');
    if (conversation instanceof Problem) return conversation;
    return await handle(conversation, asked, isForwarded);
  }

  async function takeForwarded(asked: ForwardedCommand): Promise<Outcome | Problem | null> {
    const here = cache.fresh(asked.principal.tenant, asked.context.conversation);
    // Our own commands are at another node, perhaps at the asker: nobody is to wait in a circle.
    if (here !== null && deps.forwarder.isAway(here)) return null;
    const { traceparent: parent } = asked;
    if (!tracing.isOn || parent === undefined) return await dispatch(asked, true);
    return await tracing.run({ name: 'forwarded', kind: 'server', parent }, () => dispatch(asked, true));
  }

  deps.link.onAsk(forwardVerb, async (body) => writeAnswer(await takeForwarded(body as ForwardedCommand)));

  return {
    dispatch: (principal, command, context) => {
      const { tenant } = principal;
      const refused = command.op === 'post' ? deps.caps.takePost(tenant) : null;
      if (refused !== null) return Promise.resolve(refused);
      const { participants } = deps.caps.of(tenant);
      const capped =
        participants < limits.participantsMax ? { ...context, participantsMax: participants } : context;
      return dispatch({ principal, command, context: capped }, false);
    },
    context: (conversation: ConversationId, fields = {}) => ({
      conversation,
      id: ids.next(),
      trace: null,
      dataClass: 'none',
      policyRef: null,
      env: null,
      ...fields,
    }),
    newConversationId: () => ids.next(),
  };
}
