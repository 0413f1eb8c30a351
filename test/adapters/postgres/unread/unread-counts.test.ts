/** Counts of unread messages, whatever happens and whenever they are asked for, are those of a naive count. */
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { limits } from '../../../../src/domain/limits.ts';
import { entryId } from '../../../../src/domain/timeline.ts';
import { create, member, post } from '../../../kit/memory/memory-commands.ts';
import { MemoryConversation } from '../../../kit/memory/memory-conversation.ts';
import { agent, person, uuid } from '../../../kit/memory/memory-principals.ts';
import { answered, startProjection } from '../../../kit/projection.ts';

const [ada, ben, iris] = [person('ada'), person('ben'), agent('iris')];
const cast = [ada, ben, iris];
const who = fc.nat({ max: cast.length - 1 });

type Act =
  | { readonly do: 'post'; readonly who: number; readonly internal: boolean }
  | { readonly do: 'delete' | 'flip' | 'read' | 'clear'; readonly who: number; readonly at: number }
  | { readonly do: 'block' | 'unblock'; readonly who: number; readonly whom: number }
  | { readonly do: 'leave' | 'join' | 'project' | 'count'; readonly who: number };

const at = fc.nat({ max: 12 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('post' as const), who, internal: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('delete', 'flip', 'read', 'clear' as const), who, at }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('block', 'unblock' as const), who, whom: who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('leave', 'join', 'project', 'project', 'count' as const),
      who,
    }),
  },
);

/** One conversation over a projection, and what the naive count needs to know. */
async function open(t: Test) {
  const projection = await startProjection(t);
  let conversations = 0;
  return async (acts: readonly Act[]): Promise<void> => {
    conversations += 1;
    const c = new MemoryConversation({ tenant: `t${conversations}`, conversation: uuid(conversations) });
    const { ref } = c;
    const [read, cleared] = [new Map<string, number>(), new Map<string, number>()];
    const blocks = new Map(cast.map(({ id }) => [id, new Set<string>()]));
    let projected = 0;
    const project = async (): Promise<void> => {
      const entries = c.log.filter(({ event }) => event.position > projected);
      await projection.writer.apply(entries.map((entry) => ({ ref, entry })));
      projected = c.state.position;
    };
    const naive = (id: string): number | null => {
      const own = c.state.participants.get(id);
      if (own === undefined) return null;
      const floor = Math.max(read.get(id) ?? 0, cleared.get(id) ?? 0, own.joinedSeq);
      return c.timeline.filter(({ event, deletedAt }) => {
        if (event.type !== 'message.posted' || deletedAt !== null || (event.seq ?? 0) <= floor) return false;
        if (event.actor.id === id || blocks.get(id)?.has(event.actor.id) === true) return false;
        return own.kind !== 'user' || event.data.metadata['is_internal'] !== true;
      }).length;
    };
    const check = async (): Promise<void> => {
      await project();
      for (const { id } of cast) {
        const counted = answered(await projection.counts.of(ref, id));
        if (counted?.unread !== (naive(id) ?? undefined))
          throw new Error(`${id} has ${naive(id)} unread, counted ${counted?.unread}`);
      }
    };
    c.accept(ada, create({ participants: [member(ben), member(iris)] }));
    for (const one of acts) {
      const by = cast[one.who] ?? ada;
      if (one.do === 'post') c.handle(by, post('x', { metadata: { is_internal: one.internal } }));
      else if (one.do === 'delete' || one.do === 'flip') {
        const message = c.timeline.filter(({ event }) => event.actor.id === by.id).at(-1 - one.at);
        if (message === undefined || message.event.type !== 'message.posted') continue;
        const { metadata } = message.event.data;
        const flipped = { is_internal: metadata['is_internal'] !== true };
        const id = entryId(message);
        if (one.do === 'delete') c.handle(by, { op: 'delete', message: id });
        else c.handle(by, { op: 'edit', message: id, content: 'changed', metadata: flipped });
      } else if (one.do === 'read' || one.do === 'clear') {
        const seq = Math.max(c.state.seq - one.at, 0);
        const marks = one.do === 'read' ? read : cleared;
        marks.set(by.id, Math.max(marks.get(by.id) ?? 0, seq));
        if (one.do === 'read') await projection.cursors.advance(ref, by.id, seq);
        else await projection.personal.clear(ref, by.id, seq);
      } else if (one.do === 'block' || one.do === 'unblock') {
        const whom = cast[one.whom] ?? ben;
        if (whom === by) continue;
        if (one.do === 'block') blocks.get(by.id)?.add(whom.id);
        else blocks.get(by.id)?.delete(whom.id);
        if (one.do === 'block') await projection.personal.block(ref.tenant, by.id, whom.id);
        else await projection.personal.unblock(ref.tenant, by.id, whom.id);
      } else if (one.do === 'leave') c.handle(by, { op: 'participant.remove', participant: by.id });
      else if (one.do === 'join') c.handle(by, { op: 'join' });
      else if (one.do === 'project') await project();
      else await projection.counts.of(ref, by.id);
      if (one.do === 'count') await check();
    }
    await check();
  };
}

t.test('posts, reads, deletions, clearings, blocks and joins in any order', async (t) => {
  const play = await open(t);
  await fc.assert(fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 60 }), play), {
    numRuns: Number(process.env['PARLEY_MODEL_RUNS'] ?? 60),
    endOnFailure: false,
  });
});

t.test('a message is counted once: the row says how far, and a second look finds nothing new', async (t) => {
  const { writer, counts, cursors, sql } = await startProjection(t);
  const c = new MemoryConversation({ tenant: 'acme' });
  c.accept(ada, create({ participants: [member(ben)] }));
  for (let n = 0; n < 5; n += 1) c.accept(ada, post('x'));
  await writer.apply(c.log.map((entry) => ({ ref: c.ref, entry })));
  const row = async () =>
    (await sql`select from_seq, counted_seq, unread from unread_counts where principal_id = 'ben'`)[0];
  t.match(await counts.of(c.ref, 'ben'), { unread: 5, seq: 5, lastReadSeq: 0 });
  t.match(await row(), { from_seq: '0', counted_seq: '5', unread: '5' });
  await sql`update unread_counts set unread = 4 where principal_id = 'ben'`;
  t.match(await counts.of(c.ref, 'ben'), { unread: 4 }, 'nobody looks at these five messages again');
  await cursors.advance(c.ref, 'ben', 3);
  t.match(await counts.of(c.ref, 'ben'), { unread: 2, lastReadSeq: 3 }, 'another mark, another count');
  t.match(await row(), { from_seq: '3', counted_seq: '5', unread: '2' });
  t.ok(limits.unreadListedMax > 10_000);
});

t.test(
  'whoever has read everything costs no row, and the end of a conversation takes all rows',
  async (t) => {
    const { writer, counts, cursors, sql } = await startProjection(t);
    const c = new MemoryConversation({ tenant: 'acme' });
    c.accept(ada, create({ participants: [member(ben), member(iris)] }));
    c.accept(ada, post('x'));
    const project = (): Promise<void> => writer.apply(c.log.map((entry) => ({ ref: c.ref, entry })));
    await project();
    t.match(await counts.of(c.ref, 'iris'), { unread: 1 });
    await cursors.advance(c.ref, 'ben', 1);
    t.match(await counts.of(c.ref, 'ben'), { unread: 0 });
    const rows = () => sql`select principal_id from unread_counts`;
    t.same(
      (await rows()).map(({ principal_id }) => principal_id),
      ['iris'],
    );
    c.accept(ada, { op: 'conversation.delete' });
    await project();
    t.same((await rows()).length, 0);
    t.equal(await counts.of(c.ref, 'iris'), null);
  },
);
