/** What senders, observers and the log tell about one load, in one shape each, so that they can be compared. */

/** An acknowledged post. */
export type Ack = {
  readonly sender: string;
  /** 0, 1, 2… in the order in which the sender began them; the next one begins when this one is acknowledged. */
  readonly number: number;
  readonly clientId: string;
  readonly conversation: string;
  readonly position: number;
  readonly seq: number;
};

/** An event of the log, as somebody saw it. */
export type Seen = {
  readonly id: string;
  readonly position: number;
  readonly seq: number | null;
  readonly type: string;
  readonly actor: string;
  readonly clientId: string | null;
  readonly content: string | null;
};

// biome-ignore lint/suspicious/noExplicitAny: whatever arrived is looked at
export function seenOf(event: any): Seen {
  return {
    id: event.id,
    position: event.position,
    seq: event.seq,
    type: event.type,
    actor: event.actor.id,
    clientId: event.client_id ?? null,
    content: event.data?.content ?? null,
  };
}

/** A post's text: its sender and number can be read back, so that order and identity can be proved. */
export const textOf = (sender: string, number: number): string => `${sender} ${number}`;
