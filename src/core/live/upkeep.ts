/**
 * What must happen by itself: after a reconnect every followed conversation is verified at once, and once
 * more a little later (the others at their next use), and every few seconds the cache is brought back to
 * its bound.
 */
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { Log } from '../../ports/log.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ConversationCache } from '../conversations/conversation-cache.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import { audienceOf } from './audience.ts';
import type { Delivery } from './delivery.ts';

interface Deps {
  readonly cache: ConversationCache;
  readonly log: Log;
  readonly live: LiveFeed;
  readonly delivery: Delivery;
  readonly clock: Clock;
  readonly logger: Logger;
}

const evictEveryMs = 5_000;
const verifiedAtOnce = 500;
/** A replica that lags behind its leader when we come back has caught up by then. */
const verifyAgainMs = 2_000;

function isHeeded({ followers, isWatched }: LoadedConversation): boolean {
  return followers !== null || isWatched;
}

export function openUpkeep(deps: Deps): { close(): Promise<void> } {
  const { cache, log, live, delivery, clock, logger } = deps;
  let isClosed = false;
  let verifying: Promise<void> = Promise.resolve();

  /** Verifies some followed conversations; false when one is still suspect. None waits for another. */
  async function verify(some: readonly LoadedConversation[]): Promise<boolean> {
    const heads = await log.heads(some.map((one) => one.ref));
    if (heads instanceof Problem) return false;
    const problems = await Promise.all(
      some.map(async (conversation, index) => {
        const problem = await cache.settle(conversation, heads[index] ?? 0);
        if (conversation.trust === 'fresh') delivery.deliverAll(conversation);
        return problem;
      }),
    );
    return problems.every((problem) => problem === null);
  }

  async function verifyFollowed(): Promise<void> {
    for (let pauseMs = 50; !isClosed; pauseMs = Math.min(pauseMs * 2, 2_000)) {
      const suspects = [...cache.values()].filter((one) => one.trust === 'suspect' && isHeeded(one));
      if (suspects.length === 0) return;
      let isDone = true;
      for (let start = 0; start < suspects.length && !isClosed; start += verifiedAtOnce) {
        isDone = (await verify(suspects.slice(start, start + verifiedAtOnce))) && isDone;
      }
      if (!isDone) await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
    }
  }

  // The log was made anew: cursors of the old one mean nothing, readers must start over.
  cache.onDropped = (conversation) => {
    for (const session of [...(audienceOf(conversation)?.sessions ?? [])])
      session.outbox.close('restarting', 1000);
  };

  /** Any replica may have said what the heads are, and one that lags would hide the newest events until others come. */
  async function verifyAgain(): Promise<void> {
    const followed = [...cache.values()].filter(isHeeded);
    for (let start = 0; start < followed.length && !isClosed; start += verifiedAtOnce) {
      const some = followed.slice(start, start + verifiedAtOnce);
      await verify(some.filter((one) => one.trust !== 'gone'));
    }
  }

  let cancelAgain: () => void = () => undefined;
  function runNext(what: () => Promise<void>): void {
    verifying = verifying.then(what).catch((error: unknown) => {
      logger.error({ error }, 'Followed conversations could not be verified after a reconnect');
    });
  }

  live.onReconnect(() => {
    runNext(verifyFollowed);
    cancelAgain();
    cancelAgain = clock.after(verifyAgainMs, () => runNext(verifyAgain));
  });

  let cancel: () => void = () => undefined;
  const evictLater = (): void => {
    cancel = clock.after(evictEveryMs, () => {
      cache.evict();
      if (!isClosed) evictLater();
    });
  };
  evictLater();

  return {
    async close() {
      isClosed = true;
      cancel();
      cancelAgain();
      await verifying;
    },
  };
}
