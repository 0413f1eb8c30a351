/** A consumer that is pinned to one node and hands what it delivers to lanes: turns of agents, deliveries of webhooks. */
import type { Consumer, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import { limits } from '../../../domain/limits.ts';
import type { Logger } from '../../../ports/logger.ts';
import { atMost, drain, stopPulling } from './drain.ts';
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
  /** What came after closing began: nothing of it is begun. Null: it is open. Bounded by `pulledMax`. */
  let late: LaneItem<T>[] | null = null;
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
      } else if (late === null) lanes.push(item);
      else late.push(item);
    },
  });
  watchLoss(messages, options.onLost);
  const pin = watchPin(messages, manager, place, log);
  const working = setInterval(() => lanes.working(), options.workingMs);
  working.unref();
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    late = [];
    stopPulling(messages);
    // First, so that the server of the stream sends us nothing more: what is on the way between servers when we stop
    // listening is lost, until it was silent for long enough. What is in hand stays ours until it is over.
    if (pin.isHeld()) await atMost(pin.release(), limits.consumerDrainMs);
    const drained = drain(messages, limits.consumerDrainMs);
    // After the server was told that we listen no more: else what is given back would come to us again.
    const closed = lanes.close(options.graceMs());
    for (const item of late) item.giveBack(0);
    late = null;
    await drained;
    await pin.release();
    await closed;
    clearInterval(working);
  };
  return {
    close() {
      closing ??= close();
      return closing;
    },
  };
}
