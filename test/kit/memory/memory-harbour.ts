/** The group that most tests of the rules play in: an owner, an admin, a member, two agents, a service. */
import type { CreateCommand } from '../../../src/domain/command.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { create, member } from './memory-commands.ts';
import { MemoryConversation } from './memory-conversation.ts';
import { agent, everyControl, person, service } from './memory-principals.ts';

export const ada = person('ada');
export const ben = person('ben');
export const cleo = person('cleo');
/** A person of the tenant who is in no conversation. */
export const dora = person('dora');
export const iris = agent('iris');
export const juno = agent('juno');
export const hook = service('hook', { scopes: everyControl });

/** Ada owns it, Ben is admin, Cleo, Iris, Juno and the service are members. */
export function harbour(fields: Partial<CreateCommand> = {}): MemoryConversation {
  const conversation = new MemoryConversation();
  const participants = [member(ben, 'admin'), member(cleo), member(iris), member(juno), member(hook)];
  conversation.accept(ada, create({ participants, ...fields }));
  return conversation;
}

/** What a refusal is called: its reason, or its code where it has none; `ok` for anything else. */
export function refusal(answer: object): string {
  return answer instanceof Problem ? (answer.reason ?? answer.code) : 'ok';
}
