/** A hundred agents, each with a conversation of its own, one post in flight and one reader: Parley beside bare NATS. */
import { relativeFigure } from '../../kit/figures/figure.ts';
import { percentile } from '../../kit/figures/samples.ts';
import type { Scenario, ScenarioContext } from '../../kit/scenario.ts';
import { DirectRoom } from './direct-room.ts';
import { type DirectLoad, directRounds } from './direct-rounds.ts';
import { type DirectSide, natsName } from './sides.ts';

const agentCount = 100;

export const directFleet: Scenario = {
  name: 'direct-fleet',
  async run(context) {
    const latencies: Record<'parley' | 'nats', number[]> = { parley: [], nats: [] };
    const { rounds, counts, shares } = await directRounds(
      context,
      (side, name) => openFleet(context, side, latencies[name]),
      () => {
        latencies.parley.length = 0;
        latencies.nats.length = 0;
      },
    );
    const told = (samples: readonly number[]): string =>
      `ack p50 ${percentile(samples, 0.5).toFixed(1)} ms, p99 ${percentile(samples, 0.99).toFixed(1)} ms`;
    return [
      relativeFigure(
        {
          name: 'direct-fleet',
          what: `${agentCount} agents with sockets, one post in flight each, 1 reader each: posts/s`,
          unit: 'per_sec',
          target: { kind: 'min', must: 0.5, worth: 0.8 },
          checked: `${counts.parley} posts here and ${counts.nats} there, each acknowledged and at its reader, in order, texts equal`,
          notes: `${told(latencies.parley)}, bare NATS ${told(latencies.nats)}; ${shares}`,
        },
        natsName,
        rounds,
      ),
    ];
  },
};

async function openFleet(
  context: ScenarioContext,
  side: DirectSide,
  latencies: number[],
): Promise<DirectLoad> {
  const rooms: DirectRoom[] = [];
  for (let agent = 0; agent < agentCount; agent += 1)
    rooms.push(await DirectRoom.open(context, side, agent, [(agent + 1) % agentCount]));
  const count = (): number => rooms.reduce((sum, room) => sum + room.posted, 0);
  const postUntil = async (room: DirectRoom, endAt: number): Promise<void> => {
    while (performance.now() < endAt) latencies.push(await room.post());
  };
  return {
    count,
    round: async () => {
      const before = count();
      const began = performance.now();
      await Promise.all(rooms.map((room) => postUntil(room, began + context.pace.roundMs)));
      await Promise.all(rooms.map((room) => room.complete()));
      return (count() - before) / ((performance.now() - began) / 1_000);
    },
  };
}
