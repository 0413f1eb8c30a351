import { randomUUID } from 'node:crypto';
import net from 'node:net';
import { Type } from '@sinclair/typebox';
import { openClock } from '../../../src/adapters/system/clock.ts';
import { compileTrustedProxies } from '../../../src/adapters/uws/gate/client-address.ts';
import { type HttpOptions, openHttp } from '../../../src/adapters/uws/http/http-front.ts';
import { openServer, type Server, type ServerOptions } from '../../../src/adapters/uws/server.ts';
import { openSpillFolder } from '../../../src/adapters/uws/streams/spill.ts';
import { type HttpDialect, type Operation, operation } from '../../../src/contract/operation.ts';
import type { Principal } from '../../../src/domain/principal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { Logger } from '../../../src/ports/logger.ts';
import { noRateLimits } from '../hostile/rate-limits.ts';
import { type Teardown, temporaryDir } from '../temporary.ts';

/** A dialect of a test, with refusals in a shape that no default has. */
export function testDialect(operations: readonly Operation[], more: Partial<HttpDialect> = {}): HttpDialect {
  return {
    name: 'test',
    title: 'Test',
    prefixes: ['/t'],
    operations,
    refuse: ({ status, code, message, reason, fields }) => ({
      status,
      body: { refused: code, message, reason, fields },
    }),
    headers: { 'Cache-Control': 'no-store' },
    ...more,
  };
}

export const ann: Principal = {
  tenant: 'tenant-a',
  id: 'ann',
  kind: 'user',
  scopes: [],
  role: 'member',
  superAdmin: false,
  displayName: 'Ann',
  sid: 's1',
  service: null,
  expiresAt: null,
};

/** Tokens: `ann` (at once), `slow` (in a later turn), `root` (super admin), `gone` (suspended), `down`. */
export function testAuthenticate(credentials: {
  bearer?: string | null;
  apiKey?: string | null;
  cookie?: string | null;
}): Principal | Problem | Promise<Principal | Problem> {
  const secret = credentials.bearer ?? credentials.apiKey ?? credentials.cookie;
  if (secret === 'ann') return ann;
  if (secret === 'slow') return new Promise((resolve) => setImmediate(resolve, ann));
  if (secret === 'root') return { ...ann, superAdmin: true };
  if (secret === 'gone') return new Problem('suspended');
  if (secret === 'down') return Promise.resolve(new Problem('unavailable'));
  return new Problem('unauthenticated');
}

/** POST /t/echo/:id answers what it was given; the parts of it are checked. */
export const echo = operation(
  {
    id: 'test.echo',
    method: 'POST',
    path: '/t/echo/:id',
    summary: 'Answers what it was given',
    access: 'principal',
    schemas: {
      params: Type.Object({ id: Type.String() }),
      query: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1 })) }),
      body: Type.Object({
        content: Type.Optional(Type.String({ maxLength: 100_000 })),
        any: Type.Optional(Type.Unknown()),
      }),
    },
    responses: { 201: { description: 'As given', schema: null } },
  },
  ({ params, query, body, principal }) => ({
    status: 201,
    body: { id: params.id, limit: query.limit, content: body.content, any: body.any, by: principal.id },
  }),
);

export interface RunningFront {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  readonly inFlight: () => number;
  readonly heldBodyBytes: () => number;
  /** Messages that were logged, with their fields. */
  readonly logged: { readonly message: string; readonly fields: object }[];
}

/** A real server on a free port; closed with the test. */
export async function startFront(
  t: Teardown,
  dialects: readonly HttpDialect[],
  more: Partial<HttpOptions> = {},
  mounts: ServerOptions['mounts'] = [],
  tls: ServerOptions['tls'] = null,
  port = 0,
): Promise<RunningFront> {
  const logged: RunningFront['logged'] = [];
  const logger = recorder(logged);
  const { path: directory, remove } = await temporaryDir('spill');
  t.teardown(remove);
  const http = openHttp({
    dialects,
    authenticate: testAuthenticate,
    corsOrigins: [],
    rates: noRateLimits,
    proxies: compileTrustedProxies([]),
    isTls: tls !== null,
    cookieNames: ['parley_session'],
    newRequestId: () => 'made-here',
    spills: await openSpillFolder({ directory, newId: randomUUID, logger }),
    clock: openClock(),
    logger,
    ...more,
  });
  const server = await openServer({ host: '127.0.0.1', port, mounts, http, tls });
  t.teardown(() => server.close(0));
  return {
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${server.port}`,
    port: server.port,
    server,
    inFlight: http.inFlight,
    heldBodyBytes: http.heldBodyBytes,
    logged,
  };
}

function recorder(logged: { message: string; fields: object }[]): Logger {
  const log = (fields: object, message: string): void => void logged.push({ message, fields });
  return { debug: log, info: log, warn: log, error: log, child: () => recorder(logged) };
}

export interface RawConnection {
  readonly write: (text: string | Uint8Array) => void;
  /** All that has come so far. */
  readonly text: () => string;
  /** Resolves with all that has come when `pattern` is found in it, or the other side is gone. */
  readonly until: (pattern: RegExp) => Promise<string>;
  readonly ended: Promise<string>;
  readonly destroy: () => void;
}

/** A bare TCP connection, for what no client library would send. */
export async function connectRaw(t: Teardown, port: number): Promise<RawConnection> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  t.teardown(() => socket.destroy());
  let text = '';
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const run of woken) run();
  };
  socket.on('data', (bytes) => {
    text += bytes.toString('utf8');
    wake();
  });
  // A reset is an end like any other here.
  socket.on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => {
      resolve(text);
      wake();
    });
  });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const until = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(text) && !socket.closed) await new Promise<void>((resolve) => waiting.push(resolve));
    return text;
  };
  return {
    write: (bytes) => void socket.write(bytes),
    text: () => text,
    until,
    ended,
    destroy: () => void socket.destroy(),
  };
}
