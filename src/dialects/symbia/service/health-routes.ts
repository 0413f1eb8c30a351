/** Whether the service is well, for those who watch it (symbia.md §4). */
import { type TSchema, Type } from '@sinclair/typebox';
import { type Operation, operation, type Reply } from '../../../contract/operation.ts';
import type { Principal } from '../../../domain/principal.ts';
import { formatMicros } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';

export interface HealthDeps {
  readonly clock: Pick<Clock, 'nowMicros'>;
  /** Whether this node can do its work now, and what each of its parts says. */
  readonly readiness: () => Promise<{
    readonly isReady: boolean;
    readonly checks: Readonly<Record<string, string>>;
  }>;
  /** What clients of another API read in the answers of the two paths that are its own, too. Null: nobody is known. */
  readonly also: (caller: Principal | null) => Promise<AlsoRead>;
}

export interface AlsoRead {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly agentCount?: number;
}

const alsoRead = {
  version: Type.String({ examples: ['0.1.0'] }),
  dependencies: Type.Record(Type.String(), Type.String(), { examples: [{ agents: 'healthy' }] }),
  agentCount: Type.Optional(
    Type.Integer({ description: 'Running agents of the caller’s tenant', examples: [1] }),
  ),
};
const Timestamp = Type.String({ format: 'date-time' });
const Well = Type.Object({ status: Type.Literal('ok'), timestamp: Timestamp }, { title: 'Health' });
const WellForBoth = Type.Object({ status: Type.Literal('ok'), timestamp: Timestamp, ...alsoRead });
const Degraded = Type.Object({ status: Type.Literal('degraded'), timestamp: Timestamp, ...alsoRead });
const Unhealthy = Type.Object({
  status: Type.Literal('unhealthy'),
  timestamp: Timestamp,
  checks: Type.Record(Type.String(), Type.String()),
});

export function healthRoutes({ clock, readiness, also }: HealthDeps): readonly Operation[] {
  const at = (status: string) => ({ status, timestamp: formatMicros(clock.nowMicros()) });
  const listens = (): Reply => ({ status: 200, body: at('ok') });
  return [
    health('health', '/health', 'The service can do its work', [WellForBoth, Degraded], async (caller) => {
      const [{ isReady }, rest] = await Promise.all([readiness(), also(caller)]);
      return { status: isReady ? 200 : 503, body: { ...at(isReady ? 'ok' : 'degraded'), ...rest } };
    }),
    health('ready', '/health/ready', 'The same, and why not', [Well, Unhealthy], async () => {
      const { isReady, checks } = await readiness();
      return isReady ? listens() : { status: 503, body: { ...at('unhealthy'), checks } };
    }),
    health('live', '/health/live', 'The process listens', [Well], listens),
    health('apiHealth', '/api/health', 'The process listens', [WellForBoth], async (caller) => ({
      status: 200,
      body: { ...at('ok'), ...(await also(caller)) },
    })),
  ];
}

function health(
  name: string,
  path: string,
  summary: string,
  [well, otherwise]: readonly [TSchema, TSchema?],
  answer: (caller: Principal | null) => Promise<Reply> | Reply,
): Operation {
  const ill = otherwise === undefined ? {} : { 503: { description: 'It cannot now.', schema: otherwise } };
  const responses = { 200: { description: summary, schema: well }, ...ill };
  // Who is known hears of the own tenant, too; who is not hears the rest.
  const access = well === WellForBoth ? 'optional' : 'public';
  const declaration = { id: `symbia.${name}`, method: 'GET', path, summary, access } as const;
  return operation({ ...declaration, schemas: {}, responses }, ({ caller }) => answer(caller));
}
