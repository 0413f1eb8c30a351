/** Conversations of a bench, and the proof that what was posted to one is in it. */
import type { NativeClient, WireEvent } from './native-client.ts';

type Participant = { readonly id: string; readonly kind: 'user' | 'agent' };

/** Makes a group conversation; the creator is its owner. */
export async function createConversation(
  creator: NativeClient,
  name: string,
  participants: readonly Participant[],
): Promise<string> {
  const { conversation } = await creator.request<{ conversation: { id: string } }>({
    op: 'create',
    type: 'group',
    name,
    participants,
  });
  return conversation.id;
}

/** The whole timeline, page by page, ascending. */
export async function readTimeline(
  client: NativeClient,
  conversation: string,
): Promise<readonly WireEvent[]> {
  const all: WireEvent[] = [];
  for (;;) {
    const { events, has_more } = await client.request<{ events: WireEvent[]; has_more: boolean }>({
      op: 'history',
      conversation,
      after: all.at(-1)?.seq ?? 0,
      limit: 200,
    });
    all.push(...events);
    if (!has_more || events.length === 0) return all;
  }
}

/** Throws unless the timeline holds exactly `texts`, in order, numbered without a gap. */
export function expectTimeline(
  events: readonly WireEvent[],
  texts: (n: number) => string,
  count: number,
): void {
  if (events.length !== count)
    throw new Error(`${count} posts were acknowledged, history holds ${events.length}`);
  for (const [n, event] of events.entries()) {
    if (event.seq !== n + 1) throw new Error(`history has seq ${event.seq} where ${n + 1} belongs`);
    if (event.data.content !== texts(n)) throw new Error(`history has another text at seq ${event.seq}`);
  }
}
