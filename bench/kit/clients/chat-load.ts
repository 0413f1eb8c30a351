/** Posters over REST and receivers with the real socket.io-client, each in one of several conversations of one server. */
import { PostedNumbers } from '../figures/posted-numbers.ts';
import { stampedText } from '../figures/stamped-text.ts';
import type { ScenarioContext } from '../scenario.ts';
import type { ChatSide } from './chat-side.ts';
import { EventReceivers } from './event-receivers.ts';
import { HttpPosters, type PostingResult } from './http-posters.ts';

export type ChatCase = {
  /** Of the users that receive; those that post are the first ones. */
  readonly firstReceiver: number;
  readonly posters: number;
  readonly conversations: number;
  readonly receivers: number;
};

/** One round: what the posters saw, then what the receivers did. */
export type ChatRound = PostingResult & {
  readonly deliveryP50Ms: number;
  readonly deliveryP99Ms: number;
  /** Deliveries out of their sequence, so far. */
  readonly disordered: number;
};

export type ChatLoad = {
  readonly posted: PostedNumbers;
  readonly receivers: EventReceivers;
  /** Posts, and waits until everybody has everything. */
  readonly round: () => Promise<ChatRound>;
  /** What was acknowledged is what every receiver and the history have. */
  readonly prove: () => Promise<void>;
};

export async function openChatLoad(
  context: ScenarioContext,
  side: ChatSide,
  one: ChatCase,
): Promise<ChatLoad> {
  const conversations = await makeConversations(side, one);
  const conversationOf = (index: number): string => conversations[index % conversations.length]!;
  const places = Array.from({ length: one.receivers }, (_, index) => ({
    auth: side.auth(one.firstReceiver + index),
    conversation: conversationOf(index),
    anyOrder: side.anyOrder,
  }));
  const receivers = await EventReceivers.open(side.url, places);
  context.closers.add(() => receivers.close());
  const posted = new PostedNumbers(conversations);
  const posting = await HttpPosters.open({
    url: side.url,
    connections: one.posters,
    path: (index) => `/api/conversations/${conversationOf(index)}/messages`,
    headers: side.headers,
    body: (number) => `{"content":"${stampedText(number)}"}`,
    onCreated: (index, sent, answer) => posted.created(conversationOf(index), sent, answer),
  });
  context.closers.add(() => posting.close());
  return {
    posted,
    receivers,
    async round() {
      const result = await posting.run(context.pace.roundMs);
      const { p50Ms, p99Ms, disordered } = await receivers.received(posted.counts());
      return { ...result, deliveryP50Ms: p50Ms, deliveryP99Ms: p99Ms, disordered };
    },
    async prove() {
      const numbers = await receivers.numbers();
      for (const [index, got] of numbers.entries())
        posted.expect(conversationOf(index), `receiver ${index}`, got);
      for (const id of conversations) {
        const texts = (await side.owner.readAll(id)).map(({ content }) => content);
        posted.expectTexts(id, 'history', texts);
      }
    },
  };
}

async function makeConversations(side: ChatSide, one: ChatCase): Promise<readonly string[]> {
  const posters = side.users.slice(0, one.posters);
  const listeners = side.users.slice(one.firstReceiver, one.firstReceiver + one.receivers);
  const made: string[] = [];
  for (let index = 0; index < one.conversations; index += 1) {
    const isHere = (_: string, n: number): boolean => n % one.conversations === index;
    made.push(
      await side.owner.createGroup(`sockets ${index}`, [
        ...posters.filter(isHere),
        ...listeners.filter(isHere),
      ]),
    );
  }
  return made;
}
