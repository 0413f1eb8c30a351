/** Typing: volatile, told once in 2 s, ends by itself after 6 s and when the socket closes. */
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { LiveFeed } from '../../../ports/live-feed.ts';
import type { LoadedConversation } from '../../conversations/loaded-conversation.ts';

export interface Typing {
  start(conversation: LoadedConversation, principal: Principal): void;
  stop(conversation: LoadedConversation, principal: Principal): void;
  /** The principal's last socket on this node is gone. */
  stopAll(principal: Principal): void;
}

export function openTyping(live: LiveFeed, clock: Clock): Typing {
  /** Who types where -> cancels the expiry. Bounded by the sockets and what they have open. */
  const expiries = new Map<
    string,
    { readonly cancel: () => void; readonly conversation: LoadedConversation; readonly toldMs: number }
  >();
  const keyOf = (conversation: LoadedConversation, principal: Principal): string =>
    `${principal.tenant}/${principal.id}/${conversation.ref.conversation}`;

  function publish(conversation: LoadedConversation, principal: Principal, state: 'start' | 'stop'): void {
    const body = { kind: 'typing', conversation: conversation.ref.conversation, from: principal.id, state };
    live.publishPulse(conversation.ref, 'typing', body);
  }

  function stop(conversation: LoadedConversation, principal: Principal): void {
    const key = keyOf(conversation, principal);
    const expiry = expiries.get(key);
    if (expiry === undefined) return;
    expiry.cancel();
    expiries.delete(key);
    publish(conversation, principal, 'stop');
  }

  return {
    stop,
    start(conversation, principal) {
      const key = keyOf(conversation, principal);
      const former = expiries.get(key);
      former?.cancel();
      const cancel = clock.after(limits.typingMs, () => stop(conversation, principal));
      const nowMs = clock.monotonicMs();
      // Clients say so with each key that is pressed; readers know already.
      const isKnown = former !== undefined && nowMs - former.toldMs < limits.typingFanOutMs;
      expiries.set(key, { cancel, conversation, toldMs: isKnown ? former.toldMs : nowMs });
      if (!isKnown) publish(conversation, principal, 'start');
    },
    stopAll(principal) {
      const prefix = `${principal.tenant}/${principal.id}/`;
      for (const [key, { conversation }] of expiries)
        if (key.startsWith(prefix)) stop(conversation, principal);
    },
  };
}
