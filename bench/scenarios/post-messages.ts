/** autocannon posts messages over REST: 32 connections, a bearer token, 16 conversations. */
import { createConversation, expectTimeline, readTimeline } from '../kit/clients/conversation.ts';
import { amountFor, type HttpLoad, loadHttp } from '../kit/clients/http-load.ts';
import { usualText } from '../kit/figures/event-sample.ts';
import { relativeFigure } from '../kit/figures/figure.ts';
import { interleave } from '../kit/figures/rounds.ts';
import { median } from '../kit/figures/samples.ts';
import { measureEcho } from '../kit/references/echo-reference.ts';
import type { Scenario } from '../kit/scenario.ts';

const conversationCount = 16;
const connections = 32;

export const postMessages: Scenario = {
  name: 'post-messages',
  async run(context) {
    const { ownerToken } = context.accounts;
    const owner = await context.open(ownerToken);
    const conversations: string[] = [];
    for (let index = 0; index < conversationCount; index += 1) {
      conversations.push(await createConversation(owner, `posts ${index}`, []));
    }
    const load: HttpLoad = {
      url: (await context.stack.parley()).url,
      method: 'POST',
      headers: { authorization: `Bearer ${ownerToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ content: usualText }),
      paths: conversations.map((id) => `/api/conversations/${id}/messages`),
      connections,
      status: 201,
    };
    const { amount, spent } = await amountFor(load, context.pace.roundMs);
    let created = spent;
    await context.warmUp(async () => {
      created += (await loadHttp(load, amount)).requests;
    });
    const latencies: number[] = [];
    const watched = await context.watched(
      async () => {
        const result = await loadHttp(load, amount);
        created += result.requests;
        latencies.push(result.p50Ms);
        return result.perSec;
      },
      () => created,
    );
    const rounds = await interleave(context.pace.rounds, () => measureEcho(context, load), watched.round);
    let found = 0;
    for (const id of conversations) {
      const events = await readTimeline(owner, id);
      expectTimeline(events, () => usualText, events.length);
      found += events.length;
    }
    if (found !== created) throw new Error(`${created} answers were 201, history holds ${found} messages`);
    return [
      relativeFigure(
        {
          name: 'post-messages',
          what: `autocannon POST message, ${connections} connections, ${conversationCount} conversations: req/s`,
          unit: 'per_sec',
          target: { kind: 'min', must: 0.15, worth: 0.25 },
          checked: `${created} times 201, as many messages in history, gap-free, texts equal`,
          parleyMicros: watched.parleyMicros(),
          notes: `p50 ${median(latencies)} ms; ${watched.shares()}`,
        },
        '(b) bare POST echo',
        rounds,
      ),
    ];
  },
};
