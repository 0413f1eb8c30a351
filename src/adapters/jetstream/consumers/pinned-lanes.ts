/** A consumer that is pinned to one node and hands what it delivers to lanes: turns of agents, deliveries of webhooks. */
import type { Consumer, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import type { Logger } from '../../../ports/logger.ts';
import type { LaneItem, OrderedLanes } from './ordered-lanes.ts';
import { type Place, watchPin } from './pin.ts';
import { pulling } from './pulling.ts';
import type { Opened } from './reopened.ts';
import { watchLoss } from './watch-loss.ts';

interface Options<T> {
  readonly consumer: Consumer;
  readonly manager: Pick<JetStreamManager, 'consumers'>;
  readonly place: Place;
  /** Messages that are asked for at once. */
  readonly pulledMax: number;
  /** Null: it is nothing of ours, and never comes again. */
  readonly itemOf: (message: JsMsg) => LaneItem<T> | null;
  readonly lanes: OrderedLanes<T>;
  /** How often the server is told that what is here is in hand. */
  readonly workingMs: number;
  /** What closing leaves to that which was begun; asked when it closes. */
  readonly graceMs: () => number;
  readonly onLost: () => void;
  readonly log: Logger;
}

export async function openPinnedLanes<T>(options: Options<T>): Promise<Opened> {
  const { consumer, manager, place, pulledMax, lanes, log } = options;
  const messages = await consumer.consume({
    ...pulling,
    group: place.group,
    max_messages: pulledMax,
    threshold_messages: Math.floor(pulledMax / 2),
    callback: (message) => {
      const item = options.itemOf(message);
      if (item === null) {
        log.error(
          { subject: message.subject, sequence: message.seq },
          'A message is no item of its work queue',
        );
        message.term();
      } else lanes.push(item);
    },
  });
  watchLoss(messages, options.onLost);
  const pin = watchPin(messages, manager, place, log);
  const working = setInterval(() => lanes.working(), options.workingMs);
  working.unref();
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await messages.close();
    // What is in hand stays ours until it is over; what comes from now on need not wait for it.
    await pin.release();
    await lanes.close(options.graceMs());
    clearInterval(working);
  };
  return {
    close() {
      closing ??= close();
      return closing;
    },
  };
}
