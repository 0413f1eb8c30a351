/** One conversation with 200 readers, one post in flight: Parley's native socket beside bare NATS. */
import { relativeFigure } from '../../kit/figures/figure.ts';
import type { Scenario } from '../../kit/scenario.ts';
import { DirectRoom } from './direct-room.ts';
import { directRounds } from './direct-rounds.ts';
import { natsName } from './sides.ts';

const readerCount = 200;
const readingAgents = 50;

export const directFanOut: Scenario = {
  name: 'direct-fan-out',
  async run(context) {
    const readers = Array.from({ length: readerCount }, (_, n) => 1 + (n % readingAgents));
    const { rounds, counts, shares } = await directRounds(context, async (side) => {
      const room = await DirectRoom.open(context, side, 0, readers);
      return {
        count: () => room.delivered,
        round: async () => {
          const before = room.delivered;
          const began = performance.now();
          while (performance.now() < began + context.pace.roundMs) await room.postAndDeliver();
          return (room.delivered - before) / ((performance.now() - began) / 1_000);
        },
      };
    });
    return [
      relativeFigure(
        {
          name: 'direct-fan-out',
          what: `socket fan-out 1:${readerCount}, one post in flight: deliveries/s`,
          unit: 'per_sec',
          target: { kind: 'min', must: 0.5, worth: 0.8 },
          checked: `${counts.parley} deliveries here and ${counts.nats} there: every reader got every post once, in order, texts equal`,
          notes: shares,
        },
        natsName,
        rounds,
      ),
    ];
  },
};
