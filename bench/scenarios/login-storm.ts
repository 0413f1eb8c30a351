/** 200 people log in at once: how much later are the acks of those who are posting meanwhile? */
import { createConversation, expectTimeline, readTimeline } from '../kit/clients/conversation.ts';
import type { HttpLoad } from '../kit/clients/http-load.ts';
import type { NativeClient } from '../kit/clients/native-client.ts';
import { usualText } from '../kit/figures/event-sample.ts';
import { relativeFigure } from '../kit/figures/figure.ts';
import { interleave } from '../kit/figures/rounds.ts';
import { median, percentile } from '../kit/figures/samples.ts';
import { loadHttpBeside } from '../kit/http-load-process.ts';
import type { Scenario } from '../kit/scenario.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';

const logins = 200;
const posters = 8;
/** Each poster waits so long after an ack: about 300 posts/s, far from what the node can take. */
const pauseMs = 25;

const text = (n: number): string => `${usualText} ${n}`;

interface Poster {
  readonly client: NativeClient;
  readonly conversation: string;
  posted: number;
}

export const loginStorm: Scenario = {
  name: 'login-storm',
  async run(context) {
    const { url } = await context.stack.parley();
    const people: Poster[] = [];
    for (const { key } of context.accounts.agents.slice(0, posters)) {
      const client = await context.open(key);
      people.push({ client, conversation: await createConversation(client, 'storm', []), posted: 0 });
    }
    const storm: HttpLoad = {
      url,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(context.accounts.login),
      paths: ['/auth/login'],
      connections: logins,
      status: 200,
      // The last of the queue waits for all the others.
      requestSecMax: 120,
    };
    const perSec: number[] = [];
    const quiet = (): Promise<number> => p99While(people, pause(context.pace.roundMs));
    const stormy = (): Promise<number> =>
      p99While(
        people,
        loadHttpBeside(storm, logins).then((result) => void perSec.push(result.perSec)),
      );
    await context.warmUp(quiet);
    await stormy();
    perSec.length = 0;
    const rounds = await interleave(context.pace.rounds, quiet, stormy);
    for (const { client, conversation, posted } of people) {
      expectTimeline(await readTimeline(client, conversation), text, posted);
    }
    return [
      relativeFigure(
        {
          name: 'login-storm',
          what: `${posters} sockets post while ${logins} logins run at once: ack p99`,
          unit: 'ms',
          target: { kind: 'max', must: 3, worth: 1.5 },
          checked: `every login 200, ${people.reduce((sum, { posted }) => sum + posted, 0)} posts as they were acknowledged`,
          notes: `${median(perSec).toFixed(0)} logins/s`,
        },
        'the same posts without logins, p99',
        rounds,
      ),
    ];
  },
};

/** Everybody posts, one in flight each, until `ended`; the 99th percentile of what the acks took. */
async function p99While(people: readonly Poster[], ended: Promise<void>): Promise<number> {
  const samples: number[] = [];
  let isOver = false;
  const over = ended.finally(() => {
    isOver = true;
  });
  const posting = people.map(async (one) => {
    while (!isOver) {
      const sentAt = performance.now();
      const post = {
        op: 'post',
        conversation: one.conversation,
        content: text(one.posted),
        client_id: uuidV7(),
      };
      await one.client.request(post);
      samples.push(performance.now() - sentAt);
      one.posted += 1;
      await pause(pauseMs);
    }
  });
  await Promise.all([over, ...posting]);
  return percentile(samples, 0.99);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
