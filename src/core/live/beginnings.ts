/** Conversations that somebody wants to follow before they are made. */
import type { ConversationId, TenantId } from '../../domain/ids.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';

export interface Beginnings {
  /**
   * Calls `run` once, when an event of the conversation is heard; not for those of a service. The returned function
   * ends the waiting. A look whether it is there must follow: what was said before is not heard.
   */
  await(tenant: TenantId, conversation: ConversationId, run: () => void): () => void;
}

interface Awaited {
  readonly waiting: Set<() => void>;
  readonly stop: () => void;
}

/** One subscription for all who wait for the same conversation. Bounded by what each socket may wait for. */
export function openBeginnings(live: Pick<LiveFeed, 'follow'>): Beginnings {
  const awaited = new Map<string, Awaited>();

  function begin(key: string, tenant: TenantId, conversation: ConversationId): Awaited {
    const waiting = new Set<() => void>();
    const stop = live.follow({ tenant, service: null, conversation }, () => {
      end(key);
      for (const run of waiting) run();
    });
    return { waiting, stop };
  }

  function end(key: string): void {
    awaited.get(key)?.stop();
    awaited.delete(key);
  }

  return {
    await(tenant, conversation, run) {
      const key = `${tenant}\u0000${conversation}`;
      const found = awaited.get(key) ?? begin(key, tenant, conversation);
      awaited.set(key, found);
      // Of each caller its own: the same function may wait twice.
      const once = (): void => run();
      found.waiting.add(once);
      return () => {
        if (found.waiting.delete(once) && found.waiting.size === 0 && awaited.get(key) === found) end(key);
      };
    },
  };
}
