/**
 * What the sockets of one principal see: the words that all share who see the same, or its own ones when it blocks
 * somebody; in a conversation that it cleared, those without what was cleared.
 */
import type { Wording } from '../../../../core/bus.ts';
import type { ConversationId, PrincipalId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import type { View } from '../view.ts';
import { type WordingWorld, wordingOf } from './wording.ts';

export interface PersonView {
  /** As it is now: another one after each change of what is seen. */
  readonly wording: Wording;
  /** Whom it blocks; null: not known. */
  readonly blocked: ReadonlySet<PrincipalId> | null;
  block(blocked: ReadonlySet<PrincipalId>): void;
  /** What is seen of a conversation at this moment. */
  within(conversation: ConversationId): View;
  /** Up to where a conversation is cleared; null: not known. */
  cleared(conversation: ConversationId): number | null;
  /** Never goes back. Answers whether less is seen now. */
  clear(conversation: ConversationId, upToSeq: number): boolean;
}

/** Opens the view of somebody who, as far as is known, blocks nobody and cleared nothing. */
export type OpenPersonView = (principal: Pick<Principal, 'kind'>) => PersonView;

export function personViews(world: WordingWorld): OpenPersonView {
  let views = 0;
  const seenBy = (seesInternal: boolean): View => ({ clearedSeq: 0, blocked: new Set(), seesInternal });
  const shared = {
    person: wordingOf('v/p', seenBy(false), world),
    agent: wordingOf('v/a', seenBy(true), world),
  };

  return ({ kind }) => {
    const seesInternal = kind !== 'user';
    const unblocked = seesInternal ? shared.agent : shared.person;
    /** The conversations of its sockets, the oldest first; 0: nothing is cleared. */
    const cleared = new Map<ConversationId, number>();
    let blocked: ReadonlySet<PrincipalId> | null = null;
    let wording = withCleared(unblocked, seenBy(seesInternal));

    function withCleared(base: Wording, view: View): Wording {
      return {
        ...base,
        within(conversation) {
          const clearedSeq = cleared.get(conversation) ?? 0;
          if (clearedSeq === 0) return base;
          return wordingOf(`${base.dialect}/c${clearedSeq}`, { ...view, clearedSeq }, world);
        },
      };
    }

    return {
      get wording() {
        return wording;
      },
      get blocked() {
        return blocked;
      },
      block(who) {
        blocked = who;
        // A name is never used again: what was published under it had been seen otherwise.
        views += 1;
        const view = { clearedSeq: 0, blocked: who, seesInternal };
        wording = withCleared(who.size === 0 ? unblocked : wordingOf(`v/${views}`, view, world), view);
      },
      within: (conversation) => ({
        ...seenBy(seesInternal),
        ...(blocked === null ? {} : { blocked }),
        clearedSeq: cleared.get(conversation) ?? 0,
      }),
      cleared: (conversation) => cleared.get(conversation) ?? null,
      clear(conversation, upToSeq) {
        const before = cleared.get(conversation) ?? null;
        if (before !== null && before >= upToSeq) return false;
        cleared.delete(conversation);
        cleared.set(conversation, upToSeq);
        const oldest = cleared.size > limits.clearedFollowedMax ? cleared.keys().next().value : undefined;
        if (oldest !== undefined) cleared.delete(oldest);
        return upToSeq > 0;
      },
    };
  };
}
