/** The part of a NATS connection that is used: the official client of Node, Deno and browsers has it. */
export interface NatsMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers?: { get(name: string): string };
}

export interface NatsSubscription extends AsyncIterable<NatsMessage> {
  unsubscribe(): void;
}

export interface NatsConnection {
  request(subject: string, body: string, options: { timeout: number }): Promise<NatsMessage>;
  subscribe(subject: string): NatsSubscription;
  /** Tells of `reconnect`, after which what was missed is read from the log. */
  status(): AsyncIterable<{ readonly type: string }>;
}
