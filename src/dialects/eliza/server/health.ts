/** How the agents of a tenant are: what health checks tell beside the node itself. */
import { type Static, Type } from '@sinclair/typebox';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { ElizaDeps } from '../deps.ts';

export const AgentHealth = Type.Object({
  version: Type.String({ examples: ['0.1.0'] }),
  dependencies: Type.Object({
    agents: Type.Union([Type.Literal('healthy'), Type.Literal('no_agents'), Type.Literal('unknown')], {
      description: '`unknown`: nobody says whose agents, or Postgres is away',
      examples: ['healthy'],
    }),
  }),
  agentCount: Type.Optional(
    Type.Integer({ description: 'Agents of the caller’s tenant that run', examples: [1] }),
  ),
});
export type AgentHealth = Static<typeof AgentHealth>;

type Deps = Pick<ElizaDeps, 'agents' | 'process'>;

/** Of the caller's tenant: agents of others are nobody's business. */
export async function agentHealth(deps: Deps, caller: Principal | null): Promise<AgentHealth> {
  const { version } = deps.process;
  const count = caller === null ? null : await countRunning(deps, caller);
  if (count === null || count instanceof Problem) return { version, dependencies: { agents: 'unknown' } };
  return { version, dependencies: { agents: count > 0 ? 'healthy' : 'no_agents' }, agentCount: count };
}

/** Agents of the caller's tenant that run. */
export async function countRunning(
  { agents }: Pick<ElizaDeps, 'agents'>,
  caller: Principal,
): Promise<number | Problem> {
  const found = await agents.list(caller);
  return found instanceof Problem ? found : found.filter(({ isRunning }) => isRunning).length;
}
