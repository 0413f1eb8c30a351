/** Names that follow from message and agent: the same on every node, whoever had the turn before. */
import type { ConversationId, MessageId, PrincipalId, TenantId } from '../../../domain/ids.ts';
import type { AgentTurn } from '../../../ports/agents/agent-turns.ts';
import type { IdSource } from '../../../ports/id-source.ts';

export interface TurnOf {
  readonly tenant: TenantId;
  readonly conversation: ConversationId;
  readonly message: MessageId;
  readonly agent: PrincipalId;
}

export interface TurnNames {
  readonly run: string;
  /** Message id of the answer. */
  readonly answer: MessageId;
}

export function turnNames(
  ids: Pick<IdSource, 'fromName'>,
  { tenant, conversation, message, agent }: TurnOf,
): TurnNames {
  const name = JSON.stringify([tenant, conversation, message, agent]);
  return { run: ids.fromName(`run ${name}`), answer: ids.fromName(`answer ${name}`) };
}

/** The same as fields of a log line, whose own `message` says what happened. */
export function turnFields({ ref, message, agent }: AgentTurn): object {
  return { tenant: ref.tenant, conversation: ref.conversation, message_id: message, agent };
}

export function turnOf({ ref, message, agent }: AgentTurn): TurnOf {
  return { tenant: ref.tenant, conversation: ref.conversation, message, agent };
}
