/** Who may write a draft: whoever may speak. A refusal is confirmed at the leader like any other. */
import { maySpeak } from '../../../domain/decide/may-speak.ts';
import { requireParticipant } from '../../../domain/permissions.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { HeadCheck } from '../../conversations/head-check.ts';
import type { LoadedConversation } from '../../conversations/loaded-conversation.ts';

interface Speaking {
  readonly conversation: LoadedConversation;
  readonly principal: Principal;
  readonly run: string;
}

/** By the state that is here. */
export function refusalHere({ conversation, principal, run }: Speaking): Problem | null {
  const participant = requireParticipant(conversation.state, principal, null);
  if (participant instanceof Problem) return participant;
  return maySpeak(conversation.state, principal, { run, priority: null });
}

/** Refused in a state that holds everything that was committed until now? */
export async function refusalAtLeader(headCheck: HeadCheck, speaking: Speaking): Promise<Problem | null> {
  const answer = await headCheck.confirm(speaking.conversation);
  return answer instanceof Problem ? answer : refusalHere(speaking);
}

/** Allowed now? */
export async function mayStream(headCheck: HeadCheck, speaking: Speaking): Promise<Problem | null> {
  return refusalHere(speaking) === null ? null : await refusalAtLeader(headCheck, speaking);
}
