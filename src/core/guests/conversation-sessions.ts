/** Sessions of conversations: made, used, counted. */

import { guestTenant } from '../../domain/limiting/guest-limits.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  ConversationSession,
  ConversationSessionStore,
  ConversationSessions,
} from '../../ports/conversations/conversation-sessions.ts';
import type { TokenSecrets } from '../../ports/identity/token-secrets.ts';

interface Deps {
  readonly store: ConversationSessionStore;
  readonly secrets: Pick<TokenSecrets, 'randomId'>;
  readonly clock: Pick<Clock, 'nowMicros'>;
}

const second = 1_000_000;
const slide = { idleUs: limits.guestIdleSec * second, slideUs: limits.guestSlideSec * second };

export function openConversationSessions({ store, secrets, clock }: Deps): ConversationSessions {
  return {
    newId: () => secrets.randomId(),

    async begin({ tenant, id: principal, sid }, conversation, id) {
      const createdAt = clock.nowMicros();
      const isGuest = tenant === guestTenant;
      const session: ConversationSession = {
        ...{ id, tenant, conversation, principal, createdAt },
        ...(isGuest ? { sid, expiresAt: createdAt + slide.idleUs } : { sid: null, expiresAt: null }),
      };
      return (await store.add(session)) ?? session;
    },

    use: (tenant, key) => store.use(tenant, key, clock.nowMicros(), slide),

    liveOf: ({ tenant, id }) => store.live(tenant, id, clock.nowMicros()),
    cancel: ({ tenant, id }) => store.remove(tenant, [id]),

    async spend({ tenant, id, sid }) {
      if (sid === null) return null;
      const isCounted = await store.spend(tenant, id, limits.guestMessagesMax);
      if (isCounted instanceof Problem) return isCounted;
      return isCounted ? null : usedUp();
    },

    refund: async ({ tenant, id, sid }) => (sid === null ? null : await store.refund(tenant, id)),
  };
}

/** What there is again is another session, at the latest when this one has ended. */
function usedUp(): Problem {
  return new Problem('rate_limited', `A guest sends ${limits.guestMessagesMax} messages in a session.`, {
    reason: 'guest_quota',
    limit: limits.guestMessagesMax,
    retryAfterMs: limits.guestIdleSec * 1000,
  });
}
