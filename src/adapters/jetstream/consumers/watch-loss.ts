import type { ConsumerMessages } from '@nats-io/jetstream';

/** Stream or durable do not exist any more: the client asks on for ever, and somebody has to make them. */
export function watchLoss(messages: ConsumerMessages, onLost: () => void): void {
  void (async () => {
    for await (const { type } of messages.status()) {
      if (type === 'stream_not_found' || type === 'consumer_not_found' || type === 'consumer_deleted')
        onLost();
    }
  })();
}
