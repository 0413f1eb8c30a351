/** Sessions: begun, seen, ended (eliza.md §4). */
import type { Static } from '@sinclair/typebox';
import { type Operation, type OperationRequest, operation, type Reply } from '../../../contract/operation.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { formatMicros } from '../../../domain/time.ts';
import type { NewTimedSession } from '../../../ports/agents/timed-sessions.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { refuseAuthor, saidIn } from '../messaging/acting.ts';
import { createChannel } from '../messaging/channels/create-channel.ts';
import { runningAgent } from '../running-agent.ts';
import { defaultServer, elizaBodyBytesMax } from '../wire.ts';
import { decodeAsked, decodeLimit, decodeMetadata, decodePair } from './decode-session.ts';
import { begunSession, sessionInfo } from './encode-session.ts';
import { foundSession } from './found-session.ts';
import { errors, noAgent, noSession, notBegun } from './refusals.ts';
import {
  BegunSession,
  BySession,
  EndedSession,
  exampleSession,
  SessionInfo,
  SessionList,
  SessionRequest,
  SessionsHealth,
  SessionsQuery,
} from './wire.ts';

const path = '/api/messaging/sessions';

export function sessionRoutes(deps: ElizaDeps): readonly Operation[] {
  return [create(deps), list(deps), health(deps), get(deps), end(deps)];
}

function create(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.createSession',
      method: 'POST',
      path,
      summary: 'Begins a session of a user with an agent that runs, in a channel of its own',
      access: 'principal',
      bodyBytesMax: elizaBodyBytesMax,
      schemas: { body: SessionRequest },
      responses: {
        201: { description: 'It has begun', schema: BegunSession },
        ...errors(400, 401, 403, 404, 413, 429, 503),
      },
    },
    async (request) => {
      const wanted = decodePair(request.body);
      if (wanted instanceof Problem) return wanted;
      const caller = callerOf(request);
      const refused = refuseAuthor(caller, wanted.user);
      if (refused !== null) return refused;
      const agent = await runningAgent(deps, caller, wanted.agent);
      if (agent instanceof Problem) return agent.code === 'not_found' ? noAgent(wanted.agent) : agent;
      const metadata = decodeMetadata(request.body.metadata);
      if (metadata instanceof Problem) return metadata;
      const asked = decodeAsked(request.body.timeoutConfig);
      if (asked instanceof Problem) return asked;
      const timeouts = deps.sessions.timeoutsFor(asked, agent.settings);
      return await begin(deps, caller, { ...wanted, metadata, timeouts }, request);
    },
  );
}

/** The session comes first: it is taken back when its channel cannot be made. */
async function begin(
  deps: ElizaDeps,
  caller: Principal,
  wanted: Pick<NewTimedSession, 'agent' | 'user' | 'metadata' | 'timeouts'>,
  request: OperationRequest<unknown, unknown, unknown>,
): Promise<Reply | Problem> {
  const { sessions, bus } = deps;
  const said = saidIn(request);
  const id = sessions.newId();
  const conversation = bus.newConversationId();
  const session = await sessions.begin(caller.tenant, {
    ...{ ...wanted, id, conversation, dataClass: said.dataClass },
  });
  if (session instanceof Problem) return notBegun(session);
  const { agent, user, timeouts: timeoutConfig } = session;
  const channel = await createChannel(
    deps,
    caller,
    {
      ...{ id: conversation, server: defaultServer, name: `session-${id}`, facts: { type: 'DM' } },
      metadata: { sessionId: id, agentId: agent, userId: user, timeoutConfig, ...wanted.metadata },
      participants: [user, agent],
      isUnique: false,
    },
    said,
  );
  if (channel instanceof Problem) {
    await sessions.cancel(session);
    return notBegun(channel);
  }
  return { status: 201, body: begunSession(session) };
}

function list(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.listSessions',
      method: 'GET',
      path,
      summary: 'Active sessions: the own ones; for services and administrators those of the tenant',
      access: 'principal',
      schemas: { query: SessionsQuery },
      responses: { 200: { description: 'A page of them', schema: SessionList }, ...errors(401, 429, 503) },
    },
    async (request) => {
      const { sessionsListedMax, sessionsOffsetMax } = limits;
      const page = {
        limit: decodeLimit(request.query.limit, { max: sessionsListedMax, otherwise: 100 }),
        offset: decodeLimit(request.query.offset, { min: 0, max: sessionsOffsetMax, otherwise: 0 }),
      };
      const found = await deps.sessions.list(callerOf(request), page);
      if (found instanceof Problem) return found;
      const { total, active } = found.counts;
      const now = deps.sessions.now();
      return {
        status: 200,
        body: {
          sessions: found.sessions.map((session) => sessionInfo(session, now)),
          total: active,
          stats: { totalSessions: total, activeSessions: active, expiredSessions: total - active },
        },
      };
    },
  );
}

function health(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.sessionsHealth',
      method: 'GET',
      path: `${path}/health`,
      summary: 'How many sessions the caller may see are active, and about to end',
      access: 'principal',
      schemas: {},
      responses: { 200: { description: 'Healthy', schema: SessionsHealth }, ...errors(401, 429, 503) },
    },
    async (request) => {
      const counts = await deps.sessions.counts(callerOf(request));
      if (counts instanceof Problem) return counts;
      const body: Static<typeof SessionsHealth> = {
        status: 'healthy',
        activeSessions: counts.active,
        timestamp: formatMicros(deps.clock.nowMicros()),
        expiringSoon: counts.nearEnd,
        uptime: deps.clock.monotonicMs() / 1_000,
      };
      return { status: 200, body };
    },
  );
}

function get(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.getSession',
      method: 'GET',
      path: `${path}/:sessionId`,
      summary: 'A session, and when it ends',
      access: 'principal',
      schemas: { params: BySession },
      responses: {
        200: { description: 'It is active', schema: SessionInfo },
        ...errors(401, 404, 410, 429, 503),
      },
    },
    async (request) => {
      const session = await foundSession(deps, callerOf(request), request.params.sessionId);
      if (session instanceof Problem) return session;
      return { status: 200, body: sessionInfo(session, deps.sessions.now()) };
    },
  );
}

function end(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.deleteSession',
      method: 'DELETE',
      path: `${path}/:sessionId`,
      summary: 'Ends a session without a word. Its channel stays',
      access: 'principal',
      schemas: { params: BySession },
      responses: { 200: { description: 'It is over', schema: EndedSession }, ...errors(401, 404, 429, 503) },
      example: { response: ended(exampleSession) },
    },
    async (request) => {
      const { sessionId } = request.params;
      const isEnded = await deps.sessions.end(callerOf(request), sessionId);
      if (isEnded instanceof Problem) return isEnded;
      return isEnded ? { status: 200, body: ended(sessionId) } : noSession(sessionId);
    },
  );
}

/** The official client looks at `data` alone. */
function ended(id: string): Static<typeof EndedSession> {
  const done = { success: true as const, message: `Session ${id} deleted successfully` };
  return { ...done, data: done };
}
