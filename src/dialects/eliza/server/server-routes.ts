/** The server itself (eliza.md §4, System): alive, how well, which version; and its end. */
import { type TSchema, Type } from '@sinclair/typebox';
import {
  type Operation,
  type OperationDeclaration,
  operation,
  type Reply,
} from '../../../contract/operation.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { formatMicros, msOf } from '../../../domain/time.ts';
import { alsoAt } from '../also-at.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { allServers, encodeServer } from '../messaging/servers/message-server.ts';
import { ServerRow } from '../messaging/servers/wire.ts';
import { agentHealth, countRunning } from './health.ts';

type Deps = Pick<ElizaDeps, 'agents' | 'servers' | 'process' | 'clock' | 'anonymous'>;
type Empty = Record<never, never>;
type Declaration = OperationDeclaration<Empty>;

const Timestamp = Type.String({ format: 'date-time' });
const Millis = Type.Integer({ description: 'Milliseconds since 1970', examples: [1_795_168_800_123] });
const Health = Type.Object({
  status: Type.Literal('OK'),
  version: Type.String({ examples: ['0.1.0'] }),
  timestamp: Timestamp,
  dependencies: Type.Object({ agents: Type.String({ examples: ['healthy'] }) }),
});

export function serverRoutes(deps: Deps): readonly Operation[] {
  return [...aliveRoutes(deps), ...stateRoutes(deps), ...serversRoutes(deps), ...stopRoutes(deps)];
}

function aliveRoutes({ clock }: Deps): readonly Operation[] {
  const Pong = Type.Object({ pong: Type.Literal(true), timestamp: Millis });
  const Hello = Type.Object({ message: Type.String({ examples: ['Hello World!'] }) });
  const ping = get('ping', '/api/server/ping', 'The process answers', Pong, () => ({
    status: 200,
    body: { pong: true, timestamp: msOf(clock.nowMicros()) },
  }));
  const hello = get('hello', '/api/server/hello', 'A greeting', Hello, () => ({
    status: 200,
    body: { message: 'Hello World!' },
  }));
  return [...alsoAt(ping, '/api/ping'), ...alsoAt(hello, '/api/hello')];
}

function stateRoutes(deps: Deps): readonly Operation[] {
  const { clock, process, anonymous } = deps;
  const timestamp = (): string => formatMicros(clock.nowMicros());
  const Status = Type.Object({
    status: Type.Literal('ok'),
    agentCount: Type.Integer({ description: 'Agents of the caller’s tenant that run', examples: [1] }),
    timestamp: Timestamp,
  });
  const Version = Type.Object({
    version: Type.String({ examples: ['0.1.0'] }),
    source: Type.String({ examples: ['parley'] }),
    timestamp: Timestamp,
    environment: Type.String({ examples: ['production'] }),
    uptime: Type.Number({ description: 'Seconds', examples: [86_400.5] }),
  });
  const Config = Type.Object({
    success: Type.Literal(true),
    data: Type.Object({ requiresAuth: Type.Boolean({ examples: [true] }) }),
  });
  const status = get(
    'status',
    '/api/server/status',
    'Running agents of the tenant',
    Status,
    async (caller) => {
      const agentCount = await countRunning(deps, caller);
      if (agentCount instanceof Problem) return agentCount;
      return { status: 200, body: { status: 'ok', agentCount, timestamp: timestamp() } };
    },
  );
  const version = get(
    'version',
    '/api/system/version',
    'Which version runs, and since when',
    Version,
    () => ({
      status: 200,
      body: {
        ...{ version: process.version, source: 'parley', timestamp: timestamp() },
        environment: process.isForOneMachine ? 'development' : 'production',
        uptime: (clock.monotonicMs() - process.startedMs) / 1000,
      },
    }),
  );
  const config = get('config', '/api/system/config', 'Whether a credential is needed', Config, () => ({
    status: 200,
    body: { success: true, data: { requiresAuth: anonymous === null } },
  }));
  return [
    ...alsoAt(status, '/api/status'),
    ...alsoAt(version, '/api/version'),
    ...alsoAt(config, '/api/config'),
    healthRoute(deps),
  ];
}

function healthRoute(deps: Deps): Operation {
  const summary = 'Whether agents of the tenant run';
  const responses = {
    200: { description: summary, schema: Health },
    503: { description: 'None does.', schema: Health },
  };
  const declaration = declare('health', 'GET', '/api/server/health', summary, responses);
  return operation<Empty>(declaration, async (request) => {
    const { version, dependencies } = await agentHealth(deps, callerOf(request));
    const timestamp = formatMicros(deps.clock.nowMicros());
    return {
      status: dependencies.agents === 'healthy' ? 200 : 503,
      body: { status: 'OK', version, timestamp, dependencies },
    };
  });
}

function serversRoutes(deps: Deps): readonly Operation[] {
  const Servers = Type.Object({
    success: Type.Literal(true),
    servers: Type.Array(ServerRow),
    count: Type.Integer({ examples: [1] }),
  });
  const path = '/api/server/debug/servers';
  const list = get('debugServers', path, 'Message servers of the tenant', Servers, async ({ tenant }) => {
    const found = await allServers(deps, tenant);
    if (found instanceof Problem) return found;
    const servers = found.map(encodeServer);
    return { status: 200, body: { success: true, servers, count: servers.length } };
  });
  return alsoAt(list, '/api/debug');
}

/** One tenant's service must not end what serves the others: only the platform's administrators do. */
function stopRoutes({ process }: Deps): readonly Operation[] {
  const Stopping = Type.Object({ message: Type.String({ examples: ['Server stopping...'] }) });
  const responses = { 200: { description: 'It drains and ends', schema: Stopping } };
  const declaration = {
    ...declare('stop', 'POST', '/api/server/stop', 'Drain and end the process', responses),
    admit: ({ superAdmin }: Principal) =>
      superAdmin ? null : new Problem('forbidden', 'Only administrators of the platform stop the server.'),
  };
  const stop = operation<Empty>(declaration, () => {
    process.stop();
    return { status: 200, body: { message: 'Server stopping...' } };
  });
  return alsoAt(stop, '/api/stop');
}

function get(
  name: string,
  path: string,
  summary: string,
  schema: TSchema,
  answer: (caller: Principal) => Promise<Reply | Problem> | Reply,
): Operation {
  const declaration = declare(name, 'GET', path, summary, { 200: { description: summary, schema } });
  return operation<Empty>(declaration, (request) => answer(callerOf(request)));
}

function declare(
  name: string,
  method: 'GET' | 'POST',
  path: string,
  summary: string,
  responses: Declaration['responses'],
): Declaration {
  return { id: `eliza.${name}`, method, path, summary, access: 'principal', schemas: {}, responses };
}
