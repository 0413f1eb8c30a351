/** Eviction, suspicion after a reconnect, and loads that meet. */
import t from 'tap';
import type { CatchUp } from '../../../src/core/conversations/catch-up.ts';
import { ConversationCache } from '../../../src/core/conversations/conversation-cache.ts';
import type { LoadedConversation } from '../../../src/core/conversations/loaded-conversation.ts';
import type { ConversationRef, LogEntry } from '../../../src/domain/event.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { freshRef, messageEntry } from '../../kit/log-entries.ts';

const key = (ref: ConversationRef): string => ref.conversation;

function created(ref: ConversationRef): LogEntry {
  const { event, ...beside } = messageEntry(ref, 1);
  const data = { type: 'group', name: null, description: null, metadata: {}, env: 'dev', service_id: null };
  const made = { ...event, seq: null, type: 'conversation.created', data: { ...data, participants: [] } };
  return { ...beside, logSeq: 1, event: made as unknown as LogEntry['event'] };
}

/** Logs in memory behind a cache; `reconnect` is what the live feed says. */
function world() {
  const logs = new Map<string, { ref: ConversationRef; entries: LogEntry[] }>();
  const snapshots = new Map<string, object>();
  const followed = new Map<string, number>();
  const asked = { heads: 0, leader: 0, loads: 0 };
  let isAway = false;
  let staleBy = 0;
  let reconnect = (): void => undefined;
  const headOf = (ref: ConversationRef): number => logs.get(key(ref))?.entries.at(-1)?.logSeq ?? 0;
  const log = {
    heads: async (refs: ConversationRef[]) => {
      asked.heads += 1;
      return isAway ? new Problem('unavailable') : refs.map((ref) => Math.max(0, headOf(ref) - staleBy));
    },
    head: async (ref: ConversationRef) => {
      asked.leader += 1;
      return isAway ? new Problem('unavailable') : headOf(ref);
    },
    find: async (_: string, id: string) => logs.get(id)?.ref ?? null,
  };
  let unseen = 0;
  const catchUp: CatchUp = {
    toEnd: async (conversation) => {
      if (isAway) return new Problem('unavailable');
      unseen -= 1;
      if (unseen >= 0) return null;
      for (const entry of logs.get(key(conversation.ref))?.entries ?? []) conversation.apply(entry);
      return null;
    },
    async to(conversation, head) {
      for (;;) {
        const problem = await catchUp.toEnd(conversation);
        if (problem !== null || conversation.state.logSeq >= head) return problem;
      }
    },
  };
  const count = (ref: ConversationRef, by: number): void =>
    void followed.set(key(ref), (followed.get(key(ref)) ?? 0) + by);
  const live = {
    follow: (ref: ConversationRef) => {
      count(ref, 1);
      return () => count(ref, -1);
    },
    onReconnect: (run: () => void) => {
      reconnect = run;
    },
  };
  const reader = {
    snapshot: async (_: string, id: string) => {
      asked.loads += 1;
      return snapshots.get(id) ?? null;
    },
  };
  const parts = { log, live, reader, catchUp, size: { set: () => undefined } };
  const cache = new ConversationCache(parts as never);
  return {
    cache,
    asked,
    followed,
    reconnect: () => reconnect(),
    away: (is: boolean) => {
      isAway = is;
    },
    /** So many reads find a replica that has nothing yet. */
    hide: (reads: number) => {
      unseen = reads;
    },
    lagBy: (sequences: number) => {
      staleBy = sequences;
    },
    write(ref: ConversationRef, messages: number): ConversationRef {
      const entries = logs.get(key(ref))?.entries ?? [created(ref)];
      for (let n = 0; n < messages; n += 1) {
        const position = entries.length + 1;
        entries.push({ ...messageEntry(ref, position), logSeq: position });
      }
      logs.set(key(ref), { ref, entries });
      return ref;
    },
    /** What is known of it now is what the projection says from now on. */
    project({ ref, state, recent }: LoadedConversation): void {
      snapshots.set(key(ref), { ref, state, recent: [...recent] });
    },
    wipe: (ref: ConversationRef) => void logs.delete(key(ref)),
    async get(ref: ConversationRef): Promise<LoadedConversation> {
      const found = await cache.get(ref.tenant, ref.conversation);
      if (found === null || found instanceof Problem) throw new Error('it is not there');
      return found;
    },
  };
}

t.test('callers that want the same conversation share one load', async (t) => {
  const { cache, asked, followed, write, get } = world();
  const ref = write(freshRef(), 3);
  const found = await Promise.all([get(ref), get(ref), get(ref)]);
  t.equal(new Set(found).size, 1);
  t.equal(asked.loads, 1);
  t.equal(followed.get(key(ref)), 1);
  t.equal(cache.fresh(ref.tenant, ref.conversation), found[0]);
});

t.test('what does not exist is not kept, and nothing stays subscribed', async (t) => {
  const { cache, followed } = world();
  const ref = freshRef();
  t.equal(await cache.get(ref.tenant, ref.conversation), null);
  t.equal(cache.size, 0);
  t.equal(followed.get(key(ref)) ?? 0, 0);
});

t.test('a load that fails leaves nothing behind and may be tried again', async (t) => {
  const { cache, followed, write, away, get } = world();
  const ref = write(freshRef(), 1);
  away(true);
  t.match(await cache.get(ref.tenant, ref.conversation), { code: 'unavailable' });
  t.equal(cache.size, 0);
  t.equal(followed.get(key(ref)), 0);
  away(false);
  t.equal((await get(ref)).state.position, 2);
});

t.test('two creations of one conversation work on the same object', async (t) => {
  const { cache, followed } = world();
  const ref = freshRef();
  t.equal(cache.begin(ref), cache.begin(ref));
  t.equal(followed.get(key(ref)), 1);
});

t.test('the least recently used go first; what is used, followed or pinned stays', async (t) => {
  const { cache, followed, write, get } = world();
  const refs = Array.from({ length: 40 }, () => write(freshRef(), 200));
  for (const ref of refs) await get(ref);
  const [busy, followedOne, pinned, recent] = await Promise.all(refs.slice(0, 4).map((ref) => get(ref)));
  busy!.isBusy = true;
  followedOne!.followers = { isEmpty: false };
  pinned!.pins = 1;
  cache.fresh(recent!.ref.tenant, recent!.ref.conversation);
  for (const one of cache.values()) Object.defineProperty(one, 'bytes', { value: limits.cacheBytesMax / 10 });
  cache.evict();
  t.equal(cache.size, 10);
  for (const one of [busy, followedOne, pinned, recent]) t.equal(one?.trust, 'fresh');
  t.equal(followed.get(key(refs[4]!)), 0, 'evicted means unsubscribed');
  t.equal((await get(refs[4]!)).state.position, 201);
});

t.test('after a reconnect each is verified before its next use, and caught up', async (t) => {
  const { cache, asked, reconnect, write, get } = world();
  const [quiet, changed] = [write(freshRef(), 2), write(freshRef(), 2)];
  const known = [await get(quiet), await get(changed)];
  reconnect();
  t.equal(cache.fresh(quiet.tenant, quiet.conversation), null);
  write(changed, 3);
  t.same([await get(quiet), await get(changed)], known);
  t.same(
    known.map((one) => [one.trust, one.state.position]),
    [
      ['fresh', 3],
      ['fresh', 6],
    ],
  );
  t.equal(asked.heads, 2);
  await get(quiet);
  t.equal(asked.heads, 2, 'once is enough');
});

t.test('while the servers are away what is suspect cannot be used', async (t) => {
  const { cache, reconnect, away, write, get } = world();
  const ref = write(freshRef(), 2);
  const known = await get(ref);
  reconnect();
  away(true);
  t.match(await cache.get(ref.tenant, ref.conversation), { code: 'unavailable' });
  away(false);
  t.equal(await get(ref), known);
});

t.test('a log that is shorter than what is known was made anew: its followers are told', async (t) => {
  const { cache, reconnect, write, wipe, get } = world();
  const ref = write(freshRef(), 5);
  const known = await get(ref);
  known.followers = { isEmpty: false };
  const dropped: LoadedConversation[] = [];
  cache.onDropped = (one) => dropped.push(one);
  reconnect();
  wipe(ref);
  write(ref, 2);
  const found = await get(ref);
  t.not(found, known);
  t.equal(known.trust, 'gone');
  t.same(dropped, [known]);
  t.equal(found.state.position, 3);
});

t.test('a replica that lags behind is not believed: the leader is asked', async (t) => {
  const { asked, reconnect, lagBy, write, get } = world();
  const ref = write(freshRef(), 5);
  const known = await get(ref);
  reconnect();
  lagBy(3);
  t.equal(await get(ref), known);
  t.equal(known.trust, 'fresh');
  t.equal(asked.leader, 1);
});

t.test('a projection of a log that is no more is not believed', async (t) => {
  const { cache, asked, followed, write, wipe, project, get } = world();
  const [gone, shorter, same] = [write(freshRef(), 5), write(freshRef(), 5), write(freshRef(), 5)];
  for (const ref of [gone, shorter, same]) {
    const known = await get(ref);
    project(known);
    cache.drop(known);
  }
  for (const ref of [gone, shorter]) wipe(ref);
  write(shorter, 2);
  asked.leader = 0;
  t.equal(await cache.get(gone.tenant, gone.conversation), null);
  t.equal(followed.get(key(gone)), 0);
  t.equal((await get(shorter)).state.position, 3);
  t.equal((await get(same)).state.position, 6);
  t.equal(asked.leader, 3, 'each is asked for once');
});

t.test('what only the log knows is there as soon as its leader has it', async (t) => {
  const { hide, write, get } = world();
  const ref = write(freshRef(), 2);
  hide(3);
  t.equal((await get(ref)).state.position, 3);
});
