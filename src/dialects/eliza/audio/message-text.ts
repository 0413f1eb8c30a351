import { canonicalUuid } from '../../../domain/ids.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { ElizaDeps } from '../deps.ts';
import { actsForServer, asAgent } from '../messaging/acting.ts';
import { soughtTwice } from '../messaging/messages/named-message.ts';
import { CodedProblem } from '../refuse.ts';

/** The text of a message that the caller may read; of one that acts for the whole server any of the agent's. */
export async function textOfMessage(
  deps: Pick<ElizaDeps, 'bus' | 'projectedNow'>,
  caller: Principal,
  agentId: string,
  messageId: string,
  env: string | null,
): Promise<string | Problem> {
  const [agent, message] = [canonicalUuid(agentId) ?? agentId, canonicalUuid(messageId) ?? messageId];
  const reader = actsForServer(caller) ? asAgent(caller, agent) : caller;
  const conversation = await soughtTwice(deps, () => deps.bus.conversationOf(reader, message));
  if (conversation instanceof Problem) return conversation;
  const entry = conversation === null ? null : await deps.bus.entry(reader, conversation, message, env);
  if (entry instanceof Problem) return entry;
  if (entry?.event.type !== 'message.posted' || entry.deletedAt !== null)
    return new CodedProblem('not_found', 'NOT_FOUND', 'Message not found');
  return entry.event.data.content;
}
