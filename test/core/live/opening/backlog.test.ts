import t from 'tap';
import { noTracing } from '../../../../src/contract/no-tracing.ts';
import { LoadedConversation } from '../../../../src/core/conversations/loaded-conversation.ts';
import { Audience } from '../../../../src/core/live/audience.ts';
import { openDelivery } from '../../../../src/core/live/delivery.ts';
import { openBacklog } from '../../../../src/core/live/opening/backlog.ts';
import { Session } from '../../../../src/core/live/session.ts';
import { nativeWording } from '../../../../src/dialects/native/encode.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { freshRef, messageEntry } from '../../../kit/log-entries.ts';
import { MemorySockets } from '../../../kit/memory/memory-sockets.ts';
import { MovedClock } from '../../../kit/memory/moved-clock.ts';
import { quietMetrics } from '../../../kit/memory/quiet-metrics.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { principal } from '../../../kit/servers/core-node.ts';

t.test(
  'a reader of a conversation that is dropped while others wait for a repair is sent away',
  async (t) => {
    const conversation = new LoadedConversation(freshRef());
    for (let position = 1; position <= 5; position += 1)
      conversation.apply(messageEntry(conversation.ref, position));
    // What the audience still waits for is not in memory any more, what the reader lacks is.
    conversation.tail = conversation.tail.slice(-2);
    conversation.delivered = 1;
    conversation.followers = new Audience(conversation.ref);
    conversation.trust = 'gone';
    const [clock, metrics, sockets] = [new MovedClock(), quietMetrics(), new MemorySockets()];
    const catchUp = { toEnd: async () => null, to: async () => null };
    const replay = { after: async () => new Problem('unavailable') };
    const delivery = openDelivery({
      catchUp,
      replay,
      fanout: sockets,
      clock,
      metrics,
      logger: silentLogger(),
      tracing: noTracing,
    });
    const socket = sockets.socket();
    const session = new Session(principal('acme', 'ann'), socket, nativeWording, null);
    // It waited without giving way to anything else, for ever.
    await openBacklog({ replay, delivery, clock }).catchUpAndJoin(
      session,
      conversation,
      3,
      new Map(),
      () => true,
    );
    t.equal(socket.closedWith, 'restarting');
    t.same(socket.positions(), []);
  },
);
