/** Whether the service is well, for those who watch it (symbia.md §4). */
import { type TSchema, Type } from '@sinclair/typebox';
import { type Operation, operation, type Reply } from '../../../contract/operation.ts';
import { formatMicros } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';

export interface HealthDeps {
  readonly clock: Pick<Clock, 'nowMicros'>;
  /** Whether this node can do its work now, and what each of its parts says. */
  readonly readiness: () => Promise<{
    readonly isReady: boolean;
    readonly checks: Readonly<Record<string, string>>;
  }>;
}

const Timestamp = Type.String({ format: 'date-time' });
const Well = Type.Object({ status: Type.Literal('ok'), timestamp: Timestamp }, { title: 'Health' });
const Degraded = Type.Object({ status: Type.Literal('degraded'), timestamp: Timestamp });
const Unhealthy = Type.Object({
  status: Type.Literal('unhealthy'),
  timestamp: Timestamp,
  checks: Type.Record(Type.String(), Type.String()),
});

export function healthRoutes({ clock, readiness }: HealthDeps): readonly Operation[] {
  const at = (status: string) => ({ status, timestamp: formatMicros(clock.nowMicros()) });
  const listens = (): Reply => ({ status: 200, body: at('ok') });
  return [
    health('health', '/health', 'The service can do its work', Degraded, async () => {
      const { isReady } = await readiness();
      return { status: isReady ? 200 : 503, body: at(isReady ? 'ok' : 'degraded') };
    }),
    health('ready', '/health/ready', 'The same, and why not', Unhealthy, async () => {
      const { isReady, checks } = await readiness();
      return isReady ? listens() : { status: 503, body: { ...at('unhealthy'), checks } };
    }),
    health('live', '/health/live', 'The process listens', null, listens),
    health('apiHealth', '/api/health', 'The process listens', null, listens),
  ];
}

function health(
  name: string,
  path: string,
  summary: string,
  otherwise: TSchema | null,
  answer: () => Promise<Reply> | Reply,
): Operation {
  const ill = otherwise === null ? {} : { 503: { description: 'It cannot now.', schema: otherwise } };
  const responses = { 200: { description: summary, schema: Well }, ...ill };
  const declaration = { id: `symbia.${name}`, method: 'GET', path, summary, access: 'public' } as const;
  return operation({ ...declaration, schemas: {}, responses }, answer);
}
