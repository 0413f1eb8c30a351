/** A new conversation with a bot, and the session that stands for it. */
import type { CommandContext, CreateCommand } from '../../domain/command.ts';
import type { ConversationId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { ConversationSession } from '../../ports/conversations/conversation-sessions.ts';
import type { KnownPrincipal } from '../../ports/identity/identity-service.ts';
import { type ChatDeps, isGuest } from './deps.ts';
import type { Place } from './place.ts';

export interface NewConversation {
  readonly bot: Pick<KnownPrincipal, 'id'>;
  readonly conversation: ConversationId;
  /** Of sessions.newId(). */
  readonly session: string;
  readonly service: string | null;
  readonly context: Partial<CommandContext>;
}

export interface Begun extends Place {
  readonly begun: ConversationSession;
  /** It was there already: the same request came before. */
  readonly isRepeated: boolean;
}

/** The agent that a client means; `not_found` when there is none, or none that is active. */
export async function findBot(
  { directory }: Pick<ChatDeps, 'directory'>,
  tenant: string,
  name: string,
): Promise<KnownPrincipal | Problem> {
  return (await directory.agentNamed(tenant, name)) ?? new Problem('not_found');
}

/**
 * The session comes first: it is taken back when the conversation cannot be made, while a conversation without a
 * session would stay. One that is repeated must be the caller's, with the same bot.
 */
export async function startConversation(
  deps: Pick<ChatDeps, 'bus' | 'sessions'>,
  principal: Principal,
  wanted: NewConversation,
): Promise<Begun | Problem> {
  const { bus, sessions } = deps;
  const { conversation, bot } = wanted;
  const made = await sessions.begin(principal, conversation, wanted.session);
  const isRepeated = made instanceof Problem && made.code === 'conflict';
  const begun = isRepeated ? await sessions.use(principal.tenant, { conversation }) : made;
  if (begun instanceof Problem) return begun;
  // A guest's, which has ended.
  if (begun === null) return new Problem('conflict', 'This conversation has ended.');
  const context = bus.context(conversation, wanted.context);
  const outcome = await bus.dispatch(principal, createOf(wanted), context);
  if (outcome instanceof Problem) {
    if (!isRepeated) await sessions.cancel(begun);
    return outcome;
  }
  const { ref, state } = outcome;
  if (!state.participants.has(bot.id)) return new Problem('conflict', 'This key began another conversation.');
  return { ref, state, bot: bot.id, session: isGuest(principal) ? begun : null, begun, isRepeated };
}

function createOf({ bot, service, context }: NewConversation): CreateCommand {
  return {
    ...{ op: 'create', type: 'private', name: null, description: null, metadata: {} },
    ...{ env: context.env ?? 'dev', service, isUnique: true },
    participants: [{ id: bot.id, kind: 'agent', role: 'member' }],
  };
}
