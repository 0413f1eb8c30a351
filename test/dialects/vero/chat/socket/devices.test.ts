/** What open sockets see follows what is stored, also when nobody tells it. */
import t from 'tap';
import type { LiveSession, Wording } from '../../../../../src/core/bus.ts';
import { type Devices, openDevices } from '../../../../../src/dialects/vero/chat/socket/devices.ts';
import { limits } from '../../../../../src/domain/limits.ts';
import type { Principal } from '../../../../../src/domain/principal.ts';
import { Problem } from '../../../../../src/domain/problem.ts';
import type { Personal, PersonalChange, Unwanted } from '../../../../../src/ports/conversations/personal.ts';
import type { Frame } from '../../../../../src/ports/outbox.ts';
import { agent, person } from '../../../../kit/memory/memory-principals.ts';

/** Devices over what is stored in memory; nothing that changes there is told unless the test tells it. */
function opened() {
  const stored = new Map<string, { blocked: Set<string>; cleared: Map<string, number> }>();
  const of = (id: string) => stored.get(id) ?? { blocked: new Set<string>(), cleared: new Map() };
  const world = { isAway: false, reads: [] as string[][], due: [] as (() => void)[], dueMs: 0 };
  const listeners: ((tenant: string, id: string, change: PersonalChange) => void)[] = [];
  const missed: (() => void)[] = [];
  const words = new Map<LiveSession, Wording>();
  const personal = {
    blockedBy: (_tenant: string, id: string) => new Set(of(id).blocked),
    clearedSeqs: async (_tenant: string, id: string) => new Map(of(id).cleared),
    async unwanted(_tenant: string, ids: readonly string[]) {
      world.reads.push([...ids]);
      if (world.isAway) return new Problem('unavailable');
      return new Map(ids.map((id): [string, Unwanted] => [id, structuredClone(of(id))]));
    },
    onChanged: (listener: (typeof listeners)[0]) => void listeners.push(listener),
    onMissed: (run: () => void) => void missed.push(run),
  } as unknown as Personal;
  const devices: Devices = openDevices({
    personal,
    bus: { stateFor: async () => new Problem('not_found') },
    directory: { principalsOf: async () => new Map() },
    live: { heed: () => undefined, reword: (session, wording) => void words.set(session, wording) },
    media: () => [],
    clock: {
      nowMicros: () => 1_000,
      after(ms, run) {
        world.dueMs = ms;
        world.due.push(run);
        return () => undefined;
      },
    },
    logger: { error: (_facts, message) => t.fail(message) },
  });
  function connect(principal: Principal) {
    const frames: Frame[] = [];
    const outbox = { send: (frame: Frame) => frames.push(frame) > 0 } as unknown as LiveSession['outbox'];
    const session: LiveSession = { principal, outbox };
    words.set(session, devices.wordingFor(principal));
    devices.join(session, null);
    return {
      session,
      told: () => frames.splice(0).map((frame) => JSON.parse(String(frame)).payload),
      /** The name of what it sees in a conversation. */
      sees: (conversation = 'c') => {
        const wording = words.get(session);
        return (wording?.within?.(conversation) ?? wording)?.dialect;
      },
    };
  }
  return {
    ...{ world, devices, connect },
    store: (id: string, blocked: string[], cleared: Record<string, number> = {}) =>
      void stored.set(id, { blocked: new Set(blocked), cleared: new Map(Object.entries(cleared)) }),
    tell: (id: string, change: PersonalChange) => {
      for (const listener of listeners) listener('t', id, change);
    },
    reconnected: () => {
      for (const run of missed) run();
    },
    /** The time of everything that waits has come. */
    async pass() {
      for (const run of world.due.splice(0)) run();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const ada: Principal = { ...person('ada'), tenant: 't' };

t.test('a change whose note was lost counts after the next look, and its news are told then', async (t) => {
  const { world, devices, connect, store, pass } = opened();
  const [phone, laptop] = [connect(ada), connect(ada)];
  t.equal(await devices.seeing(phone.session, ['c']), null);
  t.same([phone.sees(), laptop.sees()], ['v/p', 'v/p']);
  store('ada', ['ben'], { c: 7 });
  await pass();
  t.equal(world.dueMs, limits.viewsCheckedMs);
  t.match(phone.sees(), /^v\/\d+\/c7$/);
  t.equal(laptop.sees(), phone.sees());
  for (const own of [phone, laptop])
    t.same(own.told(), [{ type: 'user.blocked', payload: { user_id: 'ben' } }]);
  const before = phone.sees();
  await pass();
  t.same([phone.sees(), phone.told()], [before, []], 'nothing new is no news');
  store('ada', [], { c: 7 });
  await pass();
  t.same([phone.sees(), phone.told()], ['v/p/c7', [{ type: 'user.unblocked', payload: { user_id: 'ben' } }]]);
});

t.test('after a reconnect it is looked at once, and a store that is away is asked again', async (t) => {
  const { world, devices, connect, store, pass, reconnected } = opened();
  const own = connect(ada);
  await devices.seeing(own.session, ['c']);
  store('ada', ['ben']);
  world.isAway = true;
  reconnected();
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(own.sees(), 'v/p');
  world.isAway = false;
  await pass();
  t.match(own.sees(), /^v\/\d+$/);
});

t.test('a change that is told while it is looked wins over what was read before', async (t) => {
  const { devices, connect, store, tell, reconnected } = opened();
  const own = connect(ada);
  await devices.seeing(own.session, ['c']);
  reconnected();
  tell('ada', { what: 'blocked', who: 'ben' });
  await new Promise((resolve) => setImmediate(resolve));
  t.match(own.sees(), /^v\/\d+$/);
  t.match(own.told(), [{ type: 'user.blocked' }]);
  store('ada', ['ben']);
});

t.test('whoever is gone is not looked at, and nobody is while nobody is there', async (t) => {
  const { world, devices, connect, pass } = opened();
  const [own, other] = [connect(ada), connect({ ...agent('iris'), tenant: 't' })];
  devices.leave(own.session);
  await pass();
  t.same(world.reads, [['iris']]);
  devices.leave(other.session);
  await pass();
  t.same([world.reads.length, world.due.length], [1, 0]);
  connect(ada);
  t.equal(world.due.length, 1);
});

t.test('what is cleared is cleared in that conversation alone, and never comes back', async (t) => {
  const { devices, connect, store, tell } = opened();
  const own = connect(ada);
  store('ada', [], { c: 4 });
  t.equal(await devices.seeing(own.session, ['c', 'd']), null);
  t.same([own.sees('c'), own.sees('d')], ['v/p/c4', 'v/p']);
  tell('ada', { what: 'cleared', conversation: 'c', seq: 2 });
  tell('ada', { what: 'cleared', conversation: 'd', seq: 9 });
  t.same([own.sees('c'), own.sees('d')], ['v/p/c4', 'v/p/c9']);
  tell('ada', { what: 'blocked', who: 'ben' });
  t.match(own.sees('c'), /^v\/\d+\/c4$/);
});
