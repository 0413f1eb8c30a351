/** Agents that run: those that answer here. */
import type { PrincipalId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { ElizaDeps } from './deps.ts';
import { isRecord } from './fields.ts';

export interface AgentInUse {
  readonly id: PrincipalId;
  /** Of its character: SESSION_TIMEOUT_MINUTES and the like among them. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** `not_found`: there is none, or it does not run. */
export async function runningAgent(
  { directory, agents }: Pick<ElizaDeps, 'directory' | 'agents'>,
  { tenant }: Principal,
  id: PrincipalId,
): Promise<AgentInUse | Problem> {
  const known = await directory.principalsOf(tenant, [id]);
  if (known instanceof Problem) return known;
  const agent = known.get(id);
  if (agent?.kind !== 'agent' || !agent.runs || agent.status !== 'active') return new Problem('not_found');
  const character = await agents.characterOf(tenant, id);
  if (character instanceof Problem) return character;
  const settings = character?.['settings'];
  return { id, settings: isRecord(settings) ? settings : {} };
}

/** The one that a client means that names none: the first of the list of agents. `not_found`: none runs. */
export async function firstRunningAgent(
  { agents }: Pick<ElizaDeps, 'agents'>,
  caller: Principal,
): Promise<Pick<AgentInUse, 'id'> | Problem> {
  const all = await agents.list(caller);
  if (all instanceof Problem) return all;
  return all.find(({ isRunning }) => isRunning) ?? new Problem('not_found');
}
