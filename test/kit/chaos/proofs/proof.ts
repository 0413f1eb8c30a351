/** The checker: what was acknowledged and seen, against the log and the projection. Pure, so that it can be tested. */
import type { Ack, Seen } from './events.ts';
import { textOf } from './events.ts';

export type Log = ReadonlyMap<string, readonly Seen[]>;

/** A row of `messages`, and of `conversations`. */
export type ProjectedMessage = {
  readonly conversation: string;
  readonly seq: number;
  readonly position: number;
  readonly eventId: string;
  readonly clientId: string | null;
  readonly content: string;
};
export type ProjectedConversation = {
  readonly conversation: string;
  readonly position: number;
  readonly seq: number;
};

/** What breaks the numbering of a log: positions and seqs are 1, 2, 3… and no event is there twice. */
export function brokenNumbers(log: Log): string[] {
  const broken: string[] = [];
  for (const [conversation, events] of log) {
    let seq = 0;
    const ids = new Set<string>();
    events.forEach((event, index) => {
      if (event.position !== index + 1)
        broken.push(`${conversation}: position ${event.position} is the ${index + 1}. event`);
      if (event.seq !== null) {
        if (event.seq !== seq + 1) broken.push(`${conversation}: seq ${event.seq} after ${seq}`);
        seq = event.seq;
      }
      if (ids.has(event.id)) broken.push(`${conversation}: event ${event.id} is there twice`);
      ids.add(event.id);
    });
  }
  return broken;
}

/** Every acknowledged post is in the log once, where it was said to be; and nothing else that a sender wrote. */
export function brokenAcks(log: Log, acks: readonly Ack[]): string[] {
  const broken: string[] = [];
  const posts = new Map<string, { readonly conversation: string; readonly event: Seen }>();
  for (const [conversation, events] of log) {
    for (const event of events) {
      if (event.type !== 'message.posted' || event.clientId === null) continue;
      if (posts.has(event.clientId)) broken.push(`${event.content} is there twice`);
      posts.set(event.clientId, { conversation, event });
    }
  }
  for (const ack of acks) {
    const text = textOf(ack.sender, ack.number);
    const post = posts.get(ack.clientId);
    posts.delete(ack.clientId);
    if (post === undefined) broken.push(`${text} was acknowledged and is lost`);
    else if (
      post.conversation !== ack.conversation ||
      post.event.position !== ack.position ||
      post.event.seq !== ack.seq ||
      post.event.content !== text
    )
      broken.push(`${text} was acknowledged at ${ack.position} and is ${JSON.stringify(post.event)}`);
  }
  for (const { event } of posts.values()) broken.push(`${event.content} is there, and nobody was told`);
  return broken;
}

/** In each conversation the posts of one sender stand in the order in which it sent them. */
export function brokenSenderOrder(log: Log): string[] {
  const broken: string[] = [];
  for (const [conversation, events] of log) {
    const last = new Map<string, number>();
    for (const { type, content } of events) {
      const [, sender = '', number = ''] = /^(.*) (\d+)$/.exec(content ?? '') ?? [];
      if (type !== 'message.posted' || sender === '') continue;
      if (Number(number) <= (last.get(sender) ?? -1))
        broken.push(`${conversation}: ${content} after ${sender} ${last.get(sender)}`);
      last.set(sender, Number(number));
    }
  }
  return broken;
}

/** Whoever looked saw the events of the log at their positions; `isWhole`: all of them, too. */
export function brokenView(log: Log, name: string, seen: Log, isWhole: boolean): string[] {
  const broken: string[] = [];
  for (const [conversation, events] of seen) {
    const stored = log.get(conversation) ?? [];
    for (const event of events)
      if (stored[event.position - 1]?.id !== event.id)
        broken.push(
          `${name} saw ${JSON.stringify(event)} in ${conversation}; the log has another event there`,
        );
    if (isWhole && events.length !== stored.length)
      broken.push(`${name} saw ${events.length} of ${stored.length} events of ${conversation}`);
  }
  return broken;
}

/** The projection has the posts of the log, and knows where each conversation ends. */
export function brokenProjection(
  log: Log,
  conversations: readonly ProjectedConversation[],
  messages: readonly ProjectedMessage[],
): string[] {
  const broken: string[] = [];
  const rows = new Map(messages.map((row) => [`${row.conversation} ${row.seq}`, row]));
  const heads = new Map(conversations.map((row) => [row.conversation, row]));
  for (const [conversation, events] of log) {
    const head = heads.get(conversation);
    const last = { position: events.length, seq: events.findLast(({ seq }) => seq !== null)?.seq ?? 0 };
    if (head?.position !== last.position || head.seq !== last.seq)
      broken.push(`${conversation} ends at ${JSON.stringify(last)}, projected is ${JSON.stringify(head)}`);
    for (const event of events) {
      if (event.type !== 'message.posted') continue;
      const key = `${conversation} ${event.seq}`;
      const row = rows.get(key);
      rows.delete(key);
      const isSame =
        row?.eventId === event.id &&
        row.position === event.position &&
        row.content === event.content &&
        row.clientId === event.clientId;
      if (!isSame) broken.push(`${key} is ${JSON.stringify(event)}, projected is ${JSON.stringify(row)}`);
    }
  }
  for (const key of rows.keys()) broken.push(`${key} is projected and not in the log`);
  return broken;
}
