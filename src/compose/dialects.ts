/** Every API of a node: what a new dialect is added to. */
import { Type } from '@sinclair/typebox';
import type {
  Declarations,
  SocketDeclaration,
  SubjectDeclaration,
} from '../contract/documents/declarations.ts';
import type { EventDialect } from '../contract/event-socket.ts';
import type { HttpDialect } from '../contract/operation.ts';
import type { SocketDialect } from '../contract/socket.ts';
import type { Core } from '../core/open-bus.ts';
import { adminDialect } from '../dialects/admin/index.ts';
import { type NativeDeps, nativeDialect, nativeFrames, nativePushes } from '../dialects/native/index.ts';
import { nativeService } from '../dialects/native/service.ts';
import { symbiaDialect } from '../dialects/symbia/index.ts';
import { symbiaEventDialect } from '../dialects/symbia/socket/symbia-event-dialect.ts';
import { veroDialect } from '../dialects/vero/index.ts';
import { EventSchema, kindOfType } from '../domain/event.ts';
import { Problem } from '../domain/problem.ts';
import { type OpsDeps, opsDialect } from '../ops/index.ts';
import { type Readiness, readReadiness } from '../ops/readiness.ts';
import type { AuditTrail } from '../ports/audit.ts';
import type { IdSource } from '../ports/id-source.ts';
import type { Identity } from '../ports/identity/identity-service.ts';
import type { DataKeyAdministration } from '../ports/sealing/data-key-administration.ts';
import type { TenantLimitsAdministration } from '../ports/tenant-limits.ts';
import type { AccountSide } from './account-side.ts';

export interface DialectDeps extends Pick<NativeDeps, 'clock' | 'logger' | 'node' | 'rates'> {
  readonly core: Core;
  readonly identity: Identity;
  readonly ids: IdSource;
  readonly audit: AuditTrail;
  readonly dataKeys: DataKeyAdministration;
  readonly tenantLimits: TenantLimitsAdministration;
  /** Clients come by TLS (PARLEY_PUBLIC_URL). */
  readonly isSecure: boolean;
  readonly account: AccountSide;
}

export function httpDialects(
  { core, identity, ids, clock, audit, dataKeys, tenantLimits, isSecure, account }: DialectDeps,
  ops: OpsDeps,
): readonly HttpDialect[] {
  const { directory, signIn, own } = identity;
  return [
    opsDialect(ops),
    veroDialect({ identity, isSecure }),
    symbiaDialect({
      ...{ bus: core.bus, directory, ids, clock },
      readiness: () => readinessOf(ops),
      account: { signIn, own, isSecure, places: account.places },
    }),
    adminDialect({ audit, dataKeys, tenantLimits }),
  ];
}

async function readinessOf({ checks, clock, isDraining }: OpsDeps): Promise<Readiness> {
  const found = await readReadiness(checks, clock);
  return { ...found, isReady: found.isReady && !isDraining() };
}

export function socketDialects({
  core,
  identity,
  clock,
  logger,
  node,
  rates,
}: DialectDeps): readonly SocketDialect[] {
  const { authenticator, directory } = identity;
  const { bus, live } = core;
  return [nativeDialect({ bus, live, authenticator, directory, clock, logger, node, rates })];
}

/** The APIs that the one Socket.IO server speaks; the first takes clients that do not say which. */
export function eventDialects({ core }: DialectDeps): readonly EventDialect[] {
  return [symbiaEventDialect({ bus: core.bus, live: core.live })];
}

/** The same sockets as documents describe them. */
export function socketDeclarations({ core, identity }: DialectDeps): readonly SocketDeclaration[] {
  return [
    {
      name: 'native',
      title: 'Native protocol, parley.v1',
      path: '/v1/socket',
      frames: nativeFrames(core.bus, identity.directory),
      pushes: nativePushes,
    },
  ];
}

const place = {
  tenant: { description: 'Id of the tenant, base64url where it is not NATS-safe' },
  service: { description: 'The service that the conversation was created for; `_`: none' },
  conversation: { description: 'Id of the conversation' },
};

/** What services subscribe to on NATS without asking us. */
const subjectDeclarations: readonly SubjectDeclaration[] = [
  {
    name: 'live',
    summary: 'Every committed event, republished by the stream with its sequence in the header Nats-Sequence',
    address: 'live.{tenant}.{service}.{conversation}.{kind}',
    parameters: {
      ...place,
      kind: { description: 'Kind of the event', enum: [...new Set(Object.values(kindOfType))] },
    },
    action: 'send',
    schema: EventSchema,
  },
  {
    name: 'pulse',
    summary: 'Volatile news of a conversation: typing, presence, read marks, pieces of streamed messages',
    address: 'pulse.{tenant}.{service}.{conversation}.{kind}',
    parameters: {
      ...place,
      kind: { description: 'What it is', enum: ['typing', 'presence', 'read', 'delta'] },
    },
    action: 'send',
    schema: Type.Object({}, { description: 'JSON, by kind' }),
  },
  {
    name: 'inbox',
    summary: 'Notes to one principal: it was added to a conversation, or removed from one; may come twice',
    address: 'inbox.{tenant}.{principal}.{kind}',
    parameters: {
      tenant: place.tenant,
      principal: { description: 'Its own id, base64url where it is not NATS-safe' },
      kind: { description: 'What happened', enum: ['added', 'removed'] },
    },
    action: 'send',
    schema: Type.Object({ conversation: Type.String(), position: Type.Integer() }),
  },
];

/** Requests over NATS: one for each verb, with the schemas of the socket's frames. */
function requestDeclarations(deps: DialectDeps): readonly SubjectDeclaration[] {
  const { core, identity, clock, logger, rates } = deps;
  const service = nativeService({ bus: core.bus, directory: identity.directory, clock, logger, rates });
  return service.verbs.map(({ op, summary, schema, reply }) => ({
    name: `api.${op}`,
    summary: `${summary} Answered only in an inbox of the principal.`,
    address: `api.{tenant}.{principal}.${op}`,
    parameters: {
      tenant: place.tenant,
      principal: { description: 'Its own id, base64url where it is not NATS-safe' },
    },
    action: 'receive',
    schema,
    reply: Type.Object({ ok: Type.Literal(true), ...reply?.properties }),
  }));
}

/** Everything that a client of NATS may see or ask. */
export function natsDeclarations(deps: DialectDeps): readonly SubjectDeclaration[] {
  return [...subjectDeclarations, ...requestDeclarations(deps)];
}

/** Everything that clients reach by sockets and by NATS. */
export function messageDeclarations(deps: DialectDeps): Declarations {
  return {
    sockets: socketDeclarations(deps),
    eventSockets: eventDialects(deps).map(({ name, events, pushes, refuseEvent }) => ({
      // Its HTTP side has the plain name.
      ...{
        name: `${name}-events`,
        title: 'Symbia Messaging API over Socket.IO',
        path: '/socket.io',
        events,
        pushes,
      },
      refusal: refuseEvent(new Problem('not_found'), events[0]?.name ?? ''),
    })),
    subjects: natsDeclarations(deps),
  };
}
