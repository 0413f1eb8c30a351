/** What principals set for themselves: stored first, then told to every node, and only then answered. */
import type { ConversationRef } from '../../domain/event.ts';
import type { PrincipalId, TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Personal, PersonalChange, PersonalStore } from '../../ports/conversations/personal.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import { FollowedValues } from './followed-values.ts';

export interface PersonalDeps {
  readonly store: PersonalStore;
  readonly link: Pick<NodeLink, 'tell' | 'onTell'>;
  readonly live: Pick<LiveFeed, 'onReconnect'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** Body of the note between nodes. */
interface Note {
  readonly tenant: TenantId;
  readonly principal: PrincipalId;
  readonly change: PersonalChange;
}

type Listener = Parameters<Personal['onChanged']>[0];

const noteKind = 'personal.changed';

export function openPersonal({ store, link, live, clock }: PersonalDeps): Personal {
  const blocked = new FollowedValues<ReadonlySet<PrincipalId>>(
    clock,
    limits.personalKnownMax,
    limits.personalKnownMs,
  );
  const cleared = new FollowedValues<number>(clock, limits.personalKnownMax, limits.personalKnownMs);
  const listeners = new Set<Listener>();
  const blockedKey = (tenant: TenantId, principal: PrincipalId): string => `${tenant}/${principal}`;
  const clearedKey = (tenant: TenantId, principal: PrincipalId, conversation: string): string =>
    `${tenant}/${conversation}/${principal}`;

  function forget({ tenant, principal, change }: Note): void {
    if (change.what === 'cleared') cleared.forget(clearedKey(tenant, principal, change.conversation));
    else if (change.what === 'blocked' || change.what === 'unblocked')
      blocked.forget(blockedKey(tenant, principal));
  }

  /** This node knows at once; its own note comes back as that of any other, and tells the listeners. */
  function tell(by: Principal, change: PersonalChange): void {
    const note: Note = { tenant: by.tenant, principal: by.id, change };
    forget(note);
    link.tell(noteKind, note);
  }

  link.onTell(noteKind, (body) => {
    const note = body as Note;
    forget(note);
    for (const listener of listeners) listener(note.tenant, note.principal, note.change);
  });
  const onMissed: (() => void)[] = [];
  live.onReconnect(() => {
    blocked.forgetAll();
    cleared.forgetAll();
    for (const run of onMissed) run();
  });

  async function readBlocked(tenant: TenantId, principal: PrincipalId) {
    const blocks = await store.blocks(tenant, principal);
    return blocks instanceof Problem ? blocks : new Set(blocks.map((one) => one.blocked));
  }

  async function readCleared(ref: ConversationRef, principal: PrincipalId): Promise<number | Problem> {
    const mark = await store.mark(ref, principal);
    return mark instanceof Problem ? mark : mark.clearedSeq;
  }

  return {
    blockedBy: (tenant, principal) =>
      blocked.get(blockedKey(tenant, principal), () => readBlocked(tenant, principal)),
    clearedSeq: (ref, principal) =>
      cleared.get(clearedKey(ref.tenant, principal, ref.conversation), () => readCleared(ref, principal)),
    unwanted: (tenant, principals, clearedAfter) => store.unwanted(tenant, principals, clearedAfter),
    clearedSeqs: (tenant, principal, conversations) => store.clearedSeqs(tenant, principal, conversations),
    onMissed: (run) => void onMissed.push(run),
    blocks: (by) => store.blocks(by.tenant, by.id),
    mark: (ref, by) => store.mark(ref, by.id),

    async block(by, who) {
      const block = await store.block(by.tenant, by.id, who);
      if (!(block instanceof Problem)) tell(by, { what: 'blocked', who });
      return block;
    },
    async unblock(by, who) {
      const was = await store.unblock(by.tenant, by.id, who);
      if (was instanceof Problem) return was;
      if (was) tell(by, { what: 'unblocked', who });
      return null;
    },
    async clear(ref, by, upToSeq) {
      const seq = await store.clear(ref, by.id, upToSeq);
      if (!(seq instanceof Problem)) tell(by, { what: 'cleared', conversation: ref.conversation, seq });
      return seq;
    },
    async mute(ref, by, until) {
      const refused = await store.mute(ref, by.id, until);
      if (refused !== null) return refused;
      const { conversation } = ref;
      tell(
        by,
        until === null ? { what: 'unmuted', conversation } : { what: 'muted', conversation, at: until },
      );
      return null;
    },
    async archive(ref, by) {
      const at = await store.archive(ref, by.id);
      if (!(at instanceof Problem)) tell(by, { what: 'archived', conversation: ref.conversation, at });
      return at;
    },
    async unarchive(ref, by) {
      const refused = await store.unarchive(ref, by.id);
      if (refused === null) tell(by, { what: 'unarchived', conversation: ref.conversation });
      return refused;
    },
    onChanged(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
