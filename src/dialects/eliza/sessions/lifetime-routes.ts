/** What moves the end of a session: renewals, heartbeats, other timeouts (eliza.md §4). */
import { type Operation, operation, type Reply } from '../../../contract/operation.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { formatMicros } from '../../../domain/time.ts';
import type { TimedSession } from '../../../ports/agents/timed-sessions.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { runningAgent } from '../running-agent.ts';
import { refuseTimeouts } from './decode-session.ts';
import { sessionInfo } from './encode-session.ts';
import { foundSession } from './found-session.ts';
import { errors, notRenewed } from './refusals.ts';
import { AskedTimeoutConfig, BySession, SessionInfo } from './wire.ts';

const path = '/api/messaging/sessions/:sessionId';

export function lifetimeRoutes(deps: ElizaDeps): readonly Operation[] {
  return [renew(deps), heartbeat(deps), retime(deps)];
}

const answers = { 200: { description: 'The session as it is now', schema: SessionInfo } };

function renew(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.renewSession',
      method: 'POST',
      path: `${path}/renew`,
      summary: 'Renews a session, also one that uses do not renew',
      access: 'principal',
      schemas: { params: BySession },
      responses: { ...answers, ...errors(400, 401, 404, 410, 429, 503) },
    },
    (request) =>
      changed(deps, callerOf(request), request.params.sessionId, async (session) => {
        const after = await deps.sessions.renew(session);
        const isOver = after instanceof Problem && after.reason === 'max_duration';
        return isOver ? notRenewed(session.id, durationOf(session, deps)) : after;
      }),
  );
}

function durationOf({ timeouts, createdAt }: TimedSession, { sessions }: ElizaDeps): object {
  return {
    maxDuration: timeouts.maxDurationMinutes,
    createdAt: formatMicros(createdAt),
    timeSinceCreation: Math.floor((sessions.now() - createdAt) / 1_000),
  };
}

function heartbeat(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.heartbeatSession',
      method: 'POST',
      path: `${path}/heartbeat`,
      summary: 'Says that a session is in use: renews it where that is automatic',
      access: 'principal',
      schemas: { params: BySession },
      responses: { ...answers, ...errors(401, 404, 410, 429, 503) },
    },
    (request) =>
      changed(deps, callerOf(request), request.params.sessionId, async (session) => {
        const used = await deps.sessions.use(session);
        return used === null || used instanceof Problem ? used : used.session;
      }),
  );
}

function retime(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.changeSessionTimeout',
      method: 'PATCH',
      path: `${path}/timeout`,
      summary: 'Other timeouts; those that are left out are as the agent is set to',
      access: 'principal',
      schemas: { params: BySession, body: AskedTimeoutConfig },
      responses: { ...answers, ...errors(400, 401, 404, 410, 413, 429, 503) },
    },
    (request) => {
      const caller = callerOf(request);
      return changed(deps, caller, request.params.sessionId, async (session) => {
        const { sessions } = deps;
        const refused = refuseTimeouts(request.body, sessions.range);
        if (refused !== null) return refused;
        const agent = await runningAgent(deps, caller, session.agent);
        if (agent instanceof Problem && agent.code !== 'not_found') return agent;
        const settings = agent instanceof Problem ? {} : agent.settings;
        return await sessions.retime(session, sessions.timeoutsFor(request.body, settings));
      });
    },
  );
}

/** Null: it ended meanwhile, which is told as it would have been before. */
async function changed(
  deps: ElizaDeps,
  caller: Principal,
  id: string,
  change: (session: TimedSession) => Promise<TimedSession | null | Problem>,
): Promise<Reply | Problem> {
  const session = await foundSession(deps, caller, id);
  if (session instanceof Problem) return session;
  const after = (await change(session)) ?? (await foundSession(deps, caller, id));
  if (after instanceof Problem) return after;
  return { status: 200, body: sessionInfo(after, deps.sessions.now()) };
}
