/** One person in 10,000 conversations asks for its unread counts: with nothing new, and after messages everywhere. */
import { createConversation } from '../kit/clients/conversation.ts';
import type { NativeClient } from '../kit/clients/native-client.ts';
import { usualText } from '../kit/figures/event-sample.ts';
import { absoluteFigure } from '../kit/figures/figure.ts';
import { median, percentile } from '../kit/figures/samples.ts';
import type { Scenario } from '../kit/scenario.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';

const conversationCount = 10_000;
const messagesEach = 2;
const askedEach = 30;
const inFlight = 64;

interface Counts {
  readonly conversations: readonly { readonly unread_count: number }[];
  readonly total: number;
}

export const veroUnread: Scenario = {
  name: 'vero-unread',
  async run(context) {
    const { url } = await context.stack.parley();
    const { ownerToken, ownerId, agents } = context.accounts;
    const poster = await context.open(agents[0]?.key ?? '');
    const owner = { id: ownerId, kind: 'user' } as const;
    // Scenarios before this one may have left something for the same person.
    const { total: before } = await countsOf(url, ownerToken);
    const conversations: string[] = [];
    await inParallel(conversationCount, async (n) => {
      conversations.push(await createConversation(poster, `unread ${n}`, [owner]));
    });
    const ask = async (expected: number): Promise<number> => {
      const began = performance.now();
      const counts = await countsOf(url, ownerToken);
      const ms = performance.now() - began;
      expectTotal(counts, expected);
      return ms;
    };
    await ask(before);
    await postEverywhere(poster, conversations);
    const expected = before + conversationCount * messagesEach;
    const first = await ask(expected);
    const steady: number[] = [];
    for (let n = 0; n < askedEach; n += 1) steady.push(await ask(expected));
    const afterPost: number[] = [];
    for (let n = 0; n < askedEach; n += 1) {
      await post(poster, conversations[n] ?? '');
      afterPost.push(await ask(expected + n + 1));
    }
    return [
      absoluteFigure(
        {
          name: 'vero-unread',
          what: `GET unread of a person in ${conversationCount} conversations, nothing new: p50`,
          unit: 'ms',
          target: { kind: 'max', must: 250, worth: 100 },
          checked: `${askedEach * 2 + 2} exact totals, each including what was acknowledged just before`,
          notes: `p95 ${round(percentile(steady, 95))} ms; after one post p50 ${round(median(afterPost))} ms; the first count of ${expected} messages ${round(first)} ms`,
        },
        median(steady),
      ),
    ];
  },
};

async function countsOf(url: string, token: string): Promise<Counts> {
  const answer = await fetch(`${url}/v1/chat/conversations/unread`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return (await answer.json()) as Counts;
}

function round(ms: number): number {
  return Math.round(ms);
}

async function postEverywhere(poster: NativeClient, conversations: readonly string[]): Promise<void> {
  await inParallel(conversations.length * messagesEach, (n) =>
    post(poster, conversations[n % conversations.length] ?? ''),
  );
}

async function post(poster: NativeClient, conversation: string): Promise<void> {
  await poster.request({ op: 'post', conversation, content: usualText, client_id: uuidV7() });
}

/** `count` pieces of work, a few at once. */
async function inParallel(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const line = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: inFlight }, line));
}

function expectTotal({ conversations, total }: Counts, expected: number): void {
  const sum = conversations.reduce((all, one) => all + one.unread_count, 0);
  if (conversations.length >= conversationCount && sum === total && total === expected) return;
  throw new Error(
    `${expected} messages are unread, counted ${total} in ${conversations.length} conversations`,
  );
}
