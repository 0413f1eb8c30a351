/** One socket, one conversation, one post in flight: how much later than the bare append is the ack? */

import { createConversation, expectTimeline, readTimeline } from '../kit/clients/conversation.ts';
import { usualText } from '../kit/figures/event-sample.ts';
import { relativeFigure } from '../kit/figures/figure.ts';
import { interleave } from '../kit/figures/rounds.ts';
import { percentile } from '../kit/figures/samples.ts';
import { measureAppends } from '../kit/references/append-reference.ts';
import type { Scenario } from '../kit/scenario.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';

type Ack = { readonly seq: number; readonly position: number; readonly duplicate: boolean };

const text = (n: number): string => `${usualText} ${n}`;

export const ackLatency: Scenario = {
  name: 'ack-latency',
  async run(context) {
    const client = await context.open(context.accounts.agents[0]!.key);
    const conversation = await createConversation(client, 'ack latency', []);
    const p99s: number[] = [];
    let posted = 0;

    const round = async (): Promise<number> => {
      const samples: number[] = [];
      const until = performance.now() + context.pace.roundMs;
      for (let sentAt = performance.now(); sentAt < until; sentAt = performance.now()) {
        const post = { op: 'post', conversation, content: text(posted), client_id: uuidV7() };
        const ack = await client.request<Ack>(post);
        samples.push(performance.now() - sentAt);
        posted += 1;
        if (ack.seq !== posted || ack.duplicate) throw new Error(`post ${posted} got seq ${ack.seq}`);
      }
      p99s.push(percentile(samples, 0.99));
      return percentile(samples, 0.5);
    };

    await context.warmUp(round);
    p99s.length = 0;
    const watched = await context.watched(round, () => posted);
    const rounds = await interleave(
      context.pace.rounds,
      async () => (await measureAppends(context, 1)).p50Ms,
      watched.round,
    );
    expectTimeline(await readTimeline(client, conversation), text, posted);
    return [
      relativeFigure(
        {
          name: 'ack-latency',
          what: 'socket, 1 conversation, one in flight: ack p50',
          unit: 'ms',
          target: { kind: 'max', must: 3, worth: 2 },
          checked: `${posted} acks gap-free, history holds exactly these texts`,
          parleyMicros: watched.parleyMicros(),
          notes: `p99 ${percentile(p99s, 0.5).toFixed(2)} ms; ${watched.shares()}`,
        },
        '(a) append, 1 conversation, p50',
        rounds,
      ),
    ];
  },
};
