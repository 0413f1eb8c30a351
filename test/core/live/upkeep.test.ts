import t from 'tap';
import { LoadedConversation } from '../../../src/core/conversations/loaded-conversation.ts';
import { openUpkeep } from '../../../src/core/live/upkeep.ts';
import { freshRef, until } from '../../kit/log-entries.ts';
import { MovedClock } from '../../kit/memory/moved-clock.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';

t.test('a replica that lags after a reconnect is asked once more when it has caught up', async (t) => {
  const clock = MovedClock.still();
  const [followed, idle] = [new LoadedConversation(freshRef()), new LoadedConversation(freshRef())];
  followed.followers = { isEmpty: false };
  const settled: [LoadedConversation, number][] = [];
  let head = 7;
  let reconnect = (): void => undefined;
  const cache = {
    values: () => [followed, idle].values(),
    evict: () => undefined,
    settle: async (conversation: LoadedConversation, reported: number) => {
      settled.push([conversation, reported]);
      conversation.trust = 'fresh';
      return null;
    },
  };
  const upkeep = openUpkeep({
    cache: cache as never,
    log: { heads: async (refs: readonly object[]) => refs.map(() => head) } as never,
    live: {
      onReconnect: (run: () => void) => {
        reconnect = run;
      },
    } as never,
    delivery: { deliverAll: () => true } as never,
    clock,
    logger: silentLogger(),
  });
  t.teardown(() => upkeep.close());
  followed.trust = 'suspect';
  idle.trust = 'suspect';
  reconnect();
  await until(() => settled.length === 1);
  head = 9;
  clock.advance(2_000);
  await until(() => settled.length === 2);
  t.same(settled, [
    [followed, 7],
    [followed, 9],
  ]);
});
