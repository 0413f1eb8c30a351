import t from 'tap';
import { openPersonal } from '../../../src/core/personal/open-personal.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type {
  Block,
  ConversationMark,
  PersonalChange,
  PersonalStore,
} from '../../../src/ports/conversations/personal.ts';
import { person } from '../../kit/memory/memory-principals.ts';

const ada = person('ada');
const ref = { tenant: ada.tenant, service: null, conversation: 'c' };

/** Two nodes over one store whose rows are in memory; `lost`: notes between nodes are. */
function twoNodes() {
  const world = { lost: false, reads: 0, nowMs: 0 };
  const blocks = new Map<string, Block>();
  let mark: ConversationMark = { clearedSeq: 0, mutedUntil: null, archivedAt: null };
  const store: PersonalStore = {
    async blocks() {
      world.reads += 1;
      return [...blocks.values()];
    },
    async block(_tenant, _principal, blocked) {
      const block = blocks.get(blocked) ?? { blocked, at: blocks.size + 1 };
      blocks.set(blocked, block);
      return block;
    },
    unblock: async (_tenant, _principal, blocked) => blocks.delete(blocked),
    mark: async () => mark,
    unwanted: async () => new Map([['ada', { blocked: new Set(blocks.keys()), cleared: new Map() }]]),
    clearedSeqs: async () => new Map([['c', mark.clearedSeq]]),
    async clear(_ref, _principal, seq) {
      mark = { ...mark, clearedSeq: Math.max(mark.clearedSeq, seq) };
      return mark.clearedSeq;
    },
    async mute(_ref, _principal, mutedUntil) {
      mark = { ...mark, mutedUntil };
      return null;
    },
    async archive() {
      mark = { ...mark, archivedAt: mark.archivedAt ?? 7 };
      return mark.archivedAt ?? 7;
    },
    async unarchive() {
      mark = { ...mark, archivedAt: null };
      return null;
    },
  };
  const listeners: ((body: unknown) => void)[] = [];
  const reconnects: (() => void)[] = [];
  const open = () =>
    openPersonal({
      store,
      link: {
        tell: (_kind, body) => {
          if (!world.lost) for (const listener of listeners) listener(JSON.parse(JSON.stringify(body)));
        },
        onTell: (_kind, run) => void listeners.push(run),
      },
      live: { onReconnect: (run) => void reconnects.push(run) },
      clock: { monotonicMs: () => world.nowMs },
    });
  return { world, store, reconnects, one: open(), two: open() };
}

t.test('a change counts on every node, and what is known is not read again', async (t) => {
  const { world, one, two } = twoNodes();
  const heard: [string, PersonalChange][] = [];
  const stop = two.onChanged((tenant, principal, change) => heard.push([`${tenant}/${principal}`, change]));
  t.same(await two.blockedBy(ada.tenant, ada.id), new Set());
  t.same(two.blockedBy(ada.tenant, ada.id), new Set());
  t.equal(world.reads, 1);
  t.same(await one.block(ada, 'ben'), { blocked: 'ben', at: 1 });
  t.same(await two.blockedBy(ada.tenant, ada.id), new Set(['ben']));
  t.equal(await two.clearedSeq(ref, ada.id), 0);
  t.equal(await one.clear(ref, ada, 5), 5);
  t.equal(await two.clearedSeq(ref, ada.id), 5);
  t.equal(await one.unblock(ada, 'ben'), null);
  t.equal(await one.unblock(ada, 'ben'), null);
  const key = `${ada.tenant}/${ada.id}`;
  t.same(heard, [
    [key, { what: 'blocked', who: 'ben' }],
    [key, { what: 'cleared', conversation: 'c', seq: 5 }],
    [key, { what: 'unblocked', who: 'ben' }],
  ]);
  stop();
  await one.block(ada, 'ben');
  t.equal(heard.length, 3);
});

t.test('mutes and archives are told with what they came to', async (t) => {
  const { one, two } = twoNodes();
  const heard: PersonalChange[] = [];
  two.onChanged((_tenant, _principal, change) => heard.push(change));
  t.equal(await one.mute(ref, ada, 99), null);
  t.equal(await one.archive(ref, ada), 7);
  t.match(await one.mark(ref, ada), { mutedUntil: 99, archivedAt: 7 });
  t.equal(await one.mute(ref, ada, null), null);
  t.equal(await one.unarchive(ref, ada), null);
  t.same(heard, [
    { what: 'muted', conversation: 'c', at: 99 },
    { what: 'archived', conversation: 'c', at: 7 },
    { what: 'unmuted', conversation: 'c' },
    { what: 'unarchived', conversation: 'c' },
  ]);
});

t.test('a lost note is made good by a reconnect, or by time', async (t) => {
  const { world, reconnects, one, two } = twoNodes();
  const missed: string[] = [];
  one.onMissed(() => missed.push('one'));
  two.onMissed(() => missed.push('two'));
  const unwanted = (blocked: string[]) => ({ blocked: new Set(blocked), cleared: new Map() });
  await two.blockedBy(ada.tenant, ada.id);
  world.lost = true;
  await one.block(ada, 'ben');
  t.same(await one.blockedBy(ada.tenant, ada.id), new Set(['ben']), 'who made it needs no note');
  t.same(two.blockedBy(ada.tenant, ada.id), new Set());
  for (const reconnect of reconnects) reconnect();
  t.same(await two.blockedBy(ada.tenant, ada.id), new Set(['ben']));
  t.same(missed, ['one', 'two'], 'whoever believes otherwise than by asking is told to look');
  await one.block(ada, 'cleo');
  t.same(await two.unwanted(ada.tenant, [ada.id], 0), new Map([['ada', unwanted(['ben', 'cleo'])]]));
  world.nowMs += 60_000;
  t.same(await two.blockedBy(ada.tenant, ada.id), new Set(['ben', 'cleo']));
});

t.test('what cannot be stored is neither told nor believed', async (t) => {
  const { store, one, two } = twoNodes();
  const refused = new Problem('unavailable');
  Object.assign(store, {
    block: async () => refused,
    clear: async () => refused,
    mute: async () => refused,
    archive: async () => refused,
    unarchive: async () => refused,
    unblock: async () => refused,
    blocks: async () => refused,
    mark: async () => refused,
  });
  two.onChanged(() => t.fail('nothing changed'));
  t.equal(await one.block(ada, 'ben'), refused);
  t.equal(await one.unblock(ada, 'ben'), refused);
  t.equal(await one.clear(ref, ada, 1), refused);
  t.equal(await one.mute(ref, ada, 1), refused);
  t.equal(await one.archive(ref, ada), refused);
  t.equal(await one.unarchive(ref, ada), refused);
  t.equal(await one.blockedBy(ada.tenant, ada.id), refused);
  t.equal(await one.clearedSeq(ref, ada.id), refused);
});
