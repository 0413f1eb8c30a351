/** The agent that a path names, in the tenant of the caller: those of others are there for nobody. */
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { ManagedAgent } from '../../../ports/agents/agents.ts';
import type { ElizaDeps } from '../deps.ts';
import { noAgent } from './declared.ts';

type Deps = Pick<ElizaDeps, 'agents'>;

export async function agentOf(
  { agents }: Deps,
  caller: Principal,
  id: string,
): Promise<ManagedAgent | Problem> {
  return inWords(await agents.find(caller, id), id);
}

/** Where an agent that does not run is as good as none (eliza.md §2 and §4). */
export async function runningAgentOf(
  deps: Deps,
  caller: Principal,
  id: string,
): Promise<ManagedAgent | Problem> {
  const agent = await agentOf(deps, caller, id);
  return agent instanceof Problem || agent.isRunning ? agent : noAgent(id);
}

export function inWords<Found>(found: Found | Problem, id: string): Found | Problem {
  return found instanceof Problem && found.code === 'not_found' ? noAgent(id) : found;
}
