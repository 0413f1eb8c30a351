/** The pin of a consumer: one process at a time gets what it delivers. */
import type { ConsumerMessages, JetStreamManager } from '@nats-io/jetstream';
import type { Logger } from '../../../ports/logger.ts';

export interface Pin {
  /** As far as the server has told us. */
  isHeld(): boolean;
  /**
   * Gives it up, so that the server pins the next one at once. Else that one waits for the priority timeout, because
   * a process that ends looks like one that is slow. Call it when nothing is pulled any more; never rejects.
   */
  release(): Promise<void>;
}

export interface Place {
  readonly stream: string;
  readonly durable: string;
  readonly group: string;
}

/** What the server tells of a consumer, and the types of its client leave out. */
interface Pinned {
  readonly priority_groups?: readonly { readonly group: string; readonly pinned_client_id?: string }[];
}

/** Remembers by which id the server has pinned these messages to us. */
export function watchPin(
  messages: Pick<ConsumerMessages, 'status'>,
  { consumers }: Pick<JetStreamManager, 'consumers'>,
  { stream, durable, group }: Place,
  log: Logger,
): Pin {
  let pinned: string | null = null;
  void (async () => {
    for await (const status of messages.status()) {
      if (status.type === 'consumer_pinned') pinned = status.id;
      else if (status.type === 'consumer_unpinned') pinned = null;
    }
  })();
  return {
    isHeld: () => pinned !== null,

    async release() {
      try {
        // Asked without a pin as well: the server then forgets what was pulled here. Else the next message would pin it
        // to whoever pulled last, although nobody listens there any more.
        const info: object = await consumers.info(stream, durable);
        const { priority_groups: groups = [] } = info as Pinned;
        // Somebody else's by now: to take it from them would help nobody.
        if (pinned === null || groups.find((one) => one.group === group)?.pinned_client_id !== pinned) return;
        await consumers.unpin(stream, durable, group);
        pinned = null;
      } catch (error) {
        log.info(
          { error, durable },
          'A consumer could not be released; another node takes it in a few seconds',
        );
      }
    },
  };
}
