/** What a node needs to be ready (`GET /readyz`). */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { ReadyCheck } from '../../ops/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NatsSide } from './nats-side.ts';
import type { PostgresSide } from './postgres-side.ts';

export function readyChecks(
  nats: Pick<NatsSide, 'isConnected' | 'feed'>,
  postgres: Pick<PostgresSide, 'identity'>,
  clock: Clock,
): readonly ReadyCheck[] {
  return [
    { name: 'nats', check: () => (nats.isConnected() ? null : 'not connected') },
    {
      name: 'postgres',
      check: async () => {
        const answer = await postgres.identity.answering((sql) => sql`select 1`);
        return answer instanceof Problem ? 'does not answer' : null;
      },
    },
    { name: 'projection', check: projectionCheck(() => nats.feed.lag(), clock) },
  ];
}

/** Less than a batch behind is the normal state under load; more is a fault when it lasts. */
function projectionCheck(lag: () => Promise<number | null>, clock: Clock): () => Promise<string | null> {
  let behindSinceMs: number | null = null;
  return async () => {
    const entries = await lag();
    if (entries === null) return 'its lag cannot be told';
    if (entries <= limits.projectionBatchMax) {
      behindSinceMs = null;
      return null;
    }
    behindSinceMs ??= clock.monotonicMs();
    const forMs = clock.monotonicMs() - behindSinceMs;
    return forMs > limits.projectionLagReadyMs ? `${entries} events behind` : null;
  };
}
