/** The bounds of what one socket joins: with a bus that knows no channel but those that the test names. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import type { LiveSession } from '../../../../src/core/bus.ts';
import { Rooms } from '../../../../src/dialects/eliza/socket/rooms.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { ann } from '../../../kit/clients/http-front.ts';

type Deps = ConstructorParameters<typeof Rooms>[0];

function roomsOf(there: ReadonlySet<string>) {
  const followed = new Set<string>();
  const begun = new Map<string, () => void>();
  const live = {
    heed: () => undefined,
    reword: () => undefined,
    follows: (_session: LiveSession, id: string) => followed.has(id),
    close: (_session: LiveSession, id: string) => void followed.delete(id),
    awaitBeginning(_session: LiveSession, id: string, run: () => void) {
      begun.set(id, run);
      return () => void begun.delete(id);
    },
    open(_session: LiveSession, [{ conversation }]: [{ conversation: string }], reply: Reply) {
      if (there.has(conversation)) followed.add(conversation);
      const problem = new Problem('not_found');
      reply([], there.has(conversation) ? [] : [{ conversation, problem }]);
      return Promise.resolve();
    },
  };
  const deps = {
    live,
    bus: { statusOf: async () => 'none' },
    sessions: { conversationOf: async () => null },
  } as unknown as Deps;
  const session = { principal: ann } as LiveSession;
  const rooms = new Rooms(
    deps,
    () => session,
    () => undefined,
    async () => undefined,
  );
  return { rooms, followed, begun };
}
type Reply = (opened: readonly never[], refused: readonly object[]) => void;

t.test('a socket waits for so many channels that are not there, and no longer than it lives', async (t) => {
  const { rooms, begun } = roomsOf(new Set());
  const ids = Array.from({ length: limits.roomsAwaitedPerSocketMax }, () => randomUUID());
  for (const id of ids) t.equal(await rooms.join(id, null), null);
  t.match(await rooms.join(randomUUID(), null), { code: 'overloaded', overload: 'channels_of_socket' });
  t.equal(await rooms.join(ids[0] ?? '', null), null, 'the same again');
  rooms.leave(ids[1] ?? '');
  t.equal(await rooms.join(randomUUID(), null), null);
  t.equal(begun.size, limits.roomsAwaitedPerSocketMax);
  rooms.end();
  t.equal(begun.size, 0);
});

t.test('a channel that came to be is waited for no more', async (t) => {
  const there = new Set<string>();
  const { rooms, followed, begun } = roomsOf(there);
  const id = randomUUID();
  await rooms.join(id.toUpperCase(), null);
  t.equal(await rooms.catchUp(id), false);
  there.add(id);
  begun.get(id)?.();
  t.ok(followed.has(id));
  await new Promise(setImmediate);
  t.equal(begun.size, 0);
  t.equal(await rooms.catchUp(id), true);
  t.equal(await rooms.catchUp(randomUUID()), false, 'another one was not joined');
});

t.test('a socket that joins for days loses what is gone, and no more', async (t) => {
  const there = new Set(Array.from({ length: limits.openConversationsPerSocketMax }, () => randomUUID()));
  const { rooms, followed } = roomsOf(there);
  for (const id of there) await rooms.join(id, null);
  const more = randomUUID();
  there.add(more);
  t.match(await rooms.join(more, null), { code: 'overloaded' });
  t.notOk(followed.has(more));
  const [gone = ''] = there;
  followed.delete(gone);
  t.equal(await rooms.join(more, null), null);
  t.ok(followed.has(more));
});
