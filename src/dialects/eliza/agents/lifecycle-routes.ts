/** Agents: started, stopped, and their panels (eliza.md §2). */
import { Type } from '@sinclair/typebox';
import { type Operation, operation } from '../../../contract/operation.ts';
import { traceOf } from '../../../contract/request-trace.ts';
import { Problem } from '../../../domain/problem.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { inWords, runningAgentOf } from './agent-of.ts';
import { ByAgent, errors, exampleAgent, succeeded, successOf, text } from './declared.ts';
import { Status, statusOf } from './encode-agent.ts';

type Deps = Pick<ElizaDeps, 'agents'>;

const schemas = { params: ByAgent };

export function lifecycleRoutes(deps: Deps): readonly Operation[] {
  return [startRoute(deps), stopRoute(deps), panelsRoute(deps)];
}

function startRoute({ agents }: Deps): Operation {
  const Started = Type.Object({ id: text(exampleAgent), name: text('Two'), status: Status });
  return operation<typeof schemas>(
    {
      ...{ id: 'eliza.startAgent', method: 'POST', path: '/api/agents/:agentId/start', schemas },
      ...{ access: 'principal', summary: 'Let an agent run, on every node; again changes nothing' },
      responses: {
        200: { description: 'It runs', schema: successOf(Started) },
        ...errors(400, 403, 404, 503),
      },
    },
    async (request) => {
      const { agentId } = request.params;
      const started = await agents.setRunning(callerOf(request), agentId, true, traceOf(request));
      const found = inWords(started, agentId);
      if (found instanceof Problem) return found;
      const { id, name, isRunning } = found;
      return succeeded({ id, name, status: statusOf(isRunning) });
    },
  );
}

function stopRoute(deps: Deps): Operation {
  const Stopped = Type.Object({ message: text('Agent stopped') });
  return operation<typeof schemas>(
    {
      ...{ id: 'eliza.stopAgent', method: 'POST', path: '/api/agents/:agentId/stop', schemas },
      ...{ access: 'principal', summary: 'Stop an agent that runs, also in the middle of a sentence' },
      responses: {
        200: { description: 'It is stopped', schema: successOf(Stopped) },
        ...errors(400, 403, 404, 503),
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { agentId } = request.params;
      const agent = await runningAgentOf(deps, caller, agentId);
      if (agent instanceof Problem) return agent;
      const stopped = inWords(
        await deps.agents.setRunning(caller, agentId, false, traceOf(request)),
        agentId,
      );
      return stopped instanceof Problem ? stopped : succeeded({ message: 'Agent stopped' });
    },
  );
}

/** Panels come with plugins, which are code of the real server: there are none here. */
function panelsRoute(deps: Deps): Operation {
  const Panels = Type.Array(Type.Object({ name: text('Map'), path: text('/map') }), { examples: [[]] });
  return operation<typeof schemas>(
    {
      ...{ id: 'eliza.agentPanels', method: 'GET', path: '/api/agents/:agentId/panels', schemas },
      ...{ access: 'principal', summary: 'Panels of the plugins of a running agent: none' },
      responses: { 200: { description: 'None', schema: successOf(Panels) }, ...errors(400, 404, 503) },
    },
    async (request) => {
      const agent = await runningAgentOf(deps, callerOf(request), request.params.agentId);
      return agent instanceof Problem ? agent : succeeded([]);
    },
  );
}
