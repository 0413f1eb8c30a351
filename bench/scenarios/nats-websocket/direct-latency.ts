/** One post in flight, one reader: acknowledgement and delivery, on Parley's socket and on NATS's own. */
import { relativeFigure } from '../../kit/figures/figure.ts';
import type { Rounds } from '../../kit/figures/rounds.ts';
import { median, percentile, spread } from '../../kit/figures/samples.ts';
import type { Scenario } from '../../kit/scenario.ts';
import { DirectRoom } from './direct-room.ts';
import { directRounds } from './direct-rounds.ts';
import { natsName } from './sides.ts';

/** Of one round. */
type Round = {
  readonly ackP50: number;
  readonly ackP99: number;
  readonly deliveryP50: number;
  readonly deliveryP99: number;
};

export const directLatency: Scenario = {
  name: 'direct-latency',
  async run(context) {
    const measured: Record<'parley' | 'nats', Round[]> = { parley: [], nats: [] };
    const { counts, shares } = await directRounds(
      context,
      async (side, name) => {
        const room = await DirectRoom.open(context, side, 0, [1]);
        return {
          count: () => room.posted,
          round: async () => {
            const round = await measure(room, context.pace.roundMs);
            measured[name].push(round);
            return round.ackP50;
          },
        };
      },
      () => {
        measured.parley.length = 0;
        measured.nats.length = 0;
      },
    );
    const figure = (name: string, what: string, worth: number, pick: (round: Round) => number) =>
      relativeFigure(
        {
          name: `direct-${name}`,
          what: `socket, one post in flight: ${what}`,
          unit: 'ms',
          target: { kind: 'max', must: 3, worth },
          checked: `${counts.parley} posts here and ${counts.nats} there, each acknowledged and then at its reader, in order, texts equal`,
          notes: shares,
        },
        natsName,
        roundsOf(measured.parley.map(pick), measured.nats.map(pick)),
      );
    return [
      figure('ack-p50', 'ack p50', 2, (round) => round.ackP50),
      figure('ack-p99', 'ack p99', 2, (round) => round.ackP99),
      figure('delivery-p50', 'delivery p50', 2, (round) => round.deliveryP50),
      figure('delivery-p99', 'delivery p99', 2, (round) => round.deliveryP99),
    ];
  },
};

async function measure(room: DirectRoom, forMs: number): Promise<Round> {
  const [acks, deliveries]: [number[], number[]] = [[], []];
  const endAt = performance.now() + forMs;
  while (performance.now() < endAt) {
    const { ackMs, deliveryMs } = await room.postAndDeliver();
    acks.push(ackMs);
    deliveries.push(deliveryMs);
  }
  return {
    ackP50: percentile(acks, 0.5),
    ackP99: percentile(acks, 0.99),
    deliveryP50: percentile(deliveries, 0.5),
    deliveryP99: percentile(deliveries, 0.99),
  };
}

function roundsOf(values: readonly number[], references: readonly number[]): Rounds {
  return {
    value: median(values),
    reference: median(references),
    valueSpread: spread(values),
    referenceSpread: spread(references),
    count: values.length,
  };
}
