/** Vero: a sync of 100 conversations with 20 missed messages each, and sending beside the other REST API. */
import { createConversation } from '../kit/clients/conversation.ts';
import { amountFor, type HttpLoad, loadHttp } from '../kit/clients/http-load.ts';
import { usualText } from '../kit/figures/event-sample.ts';
import { type Figure, relativeFigure } from '../kit/figures/figure.ts';
import { interleave } from '../kit/figures/rounds.ts';
import { median } from '../kit/figures/samples.ts';
import { measureEcho } from '../kit/references/echo-reference.ts';
import type { Scenario, ScenarioContext } from '../kit/scenario.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';

const conversationCount = 100;
const missedCount = 20;
const readCount = 5;
const syncConnections = 4;
const sendConnections = 32;

type Batch = { readonly messages: readonly { readonly seq_num: number }[]; readonly has_more: boolean };

export const veroSync: Scenario = {
  name: 'vero-sync',
  async run(context) {
    return [await measureSync(context), await measureSend(context)];
  },
};

async function measureSync(context: ScenarioContext): Promise<Figure> {
  const { ownerToken } = context.accounts;
  const owner = await context.open(ownerToken);
  const asked: object[] = [];
  for (let index = 0; index < conversationCount; index += 1) {
    const conversation = await createConversation(owner, `sync ${index}`, []);
    for (let n = 0; n < readCount + missedCount; n += 1) {
      await owner.request({ op: 'post', conversation, content: usualText, client_id: uuidV7() });
    }
    asked.push({ conversation_id: conversation, last_seq: readCount });
  }
  const headers = { authorization: `Bearer ${ownerToken}`, 'content-type': 'application/json' };
  const load: HttpLoad = {
    ...{ url: (await context.stack.parley()).url, method: 'POST', headers, connections: syncConnections },
    ...{ paths: ['/v1/chat/messages/sync'], body: JSON.stringify({ conversations: asked }), status: 200 },
  };
  const body = await (await fetch(`${load.url}${load.paths[0]}`, { ...load, body: load.body ?? '' })).text();
  expectMissed(JSON.parse(body).batches);
  const checked: HttpLoad = { ...load, expectBody: body };
  const { amount } = await amountFor(checked, context.pace.roundMs);
  const latencies: number[] = [];
  const rounds = await interleave(
    context.pace.rounds,
    () => measureEcho(context, load),
    async () => {
      const result = await loadHttp(checked, amount);
      latencies.push(result.p50Ms);
      return result.perSec;
    },
  );
  return relativeFigure(
    {
      name: 'vero-sync',
      what: `sync of ${conversationCount} conversations, ${missedCount} missed messages each: req/s`,
      unit: 'per_sec',
      target: { kind: 'min', must: 0.001, worth: 0.002 },
      checked: `every answer held exactly the ${conversationCount * missedCount} missed messages`,
      notes: `${Math.round(body.length / 1_024)} KB each, p50 ${median(latencies)} ms`,
    },
    '(b) bare POST echo',
    rounds,
  );
}

function expectMissed(batches: readonly Batch[]): void {
  const isRight =
    batches.length === conversationCount &&
    batches.every(
      ({ messages, has_more: hasMore }) =>
        !hasMore &&
        messages.length === missedCount &&
        messages.every((one, index) => one.seq_num === readCount + index + 1),
    );
  if (!isRight) throw new Error('a sync does not answer exactly what was missed');
}

/** Both into one conversation each: the body of this API names it. */
async function measureSend(context: ScenarioContext): Promise<Figure> {
  const { ownerToken } = context.accounts;
  const owner = await context.open(ownerToken);
  const { url } = await context.stack.parley();
  const [here, there] = [
    await createConversation(owner, 'vero', []),
    await createConversation(owner, 'symbia', []),
  ];
  const headers = { authorization: `Bearer ${ownerToken}`, 'content-type': 'application/json' };
  const common = { url, method: 'POST', headers, connections: sendConnections, status: 201 } as const;
  const sends: HttpLoad = {
    ...common,
    paths: ['/v1/chat/messages/send'],
    body: JSON.stringify({ conversation_id: here, content_text: usualText }),
  };
  const posts: HttpLoad = {
    ...common,
    paths: [`/api/conversations/${there}/messages`],
    body: JSON.stringify({ content: usualText }),
  };
  const { amount } = await amountFor(sends, context.pace.roundMs);
  await context.warmUp(async () => void (await loadHttp(posts, amount)));
  const rounds = await interleave(
    context.pace.rounds,
    async () => (await loadHttp(posts, amount)).perSec,
    async () => (await loadHttp(sends, amount)).perSec,
  );
  return relativeFigure(
    {
      name: 'vero-send',
      what: `autocannon POST send, ${sendConnections} connections, one conversation: req/s`,
      unit: 'per_sec',
      target: { kind: 'min', must: 0.9, worth: 1 },
      checked: 'every answer was 201',
      notes: 'beside the same posts over the API of Symbia',
    },
    'POST /api/conversations/:id/messages',
    rounds,
  );
}
