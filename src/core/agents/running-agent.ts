/** Agents that run here, as the core knows those who ask it for something. */
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Agents } from '../../ports/agents/agents.ts';
import type { ModelAgent } from '../../ports/agents/model.ts';
import type { Directory } from '../../ports/identity/identity-service.ts';
import { modelCharacter } from './model/model-character.ts';

export interface RunningAgent {
  readonly principal: Principal;
  readonly profile: ModelAgent;
}

export interface RunningAgentDeps {
  readonly directory: Pick<Directory, 'principalsOf'>;
  readonly agents: Pick<Agents, 'characterOf'>;
}

/**
 * Null: there is no such agent, or it does not run here (any more). It has no more powers than any member. With
 * `isAnew` what the store says now, and not what is known of it here.
 */
export async function findRunningAgent(
  { directory, agents }: RunningAgentDeps,
  tenant: TenantId,
  id: PrincipalId,
  isAnew = false,
): Promise<RunningAgent | null | Problem> {
  const found = await directory.principalsOf(tenant, [id], isAnew);
  if (found instanceof Problem) return found;
  const known = found.get(id);
  if (known === undefined || known.kind !== 'agent' || !known.runs || known.status !== 'active') return null;
  const { displayName, jobTitle, bio } = known;
  const character = await agents.characterOf(tenant, id);
  if (character instanceof Problem) return character;
  return {
    profile: { id, displayName, jobTitle, bio, character: character && modelCharacter(character) },
    principal: {
      ...{ tenant, id, kind: 'agent', scopes: [], role: 'member', superAdmin: false, displayName },
      ...{ sid: 'runs here', service: null, expiresAt: null },
    },
  };
}
