/** nats-server stops, dies and comes back under load: nothing acknowledged is lost, nobody has to be told. */
import { setTimeout as pause } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Problem } from '../../src/domain/problem.ts';
import { must, openReader, type Reader } from '../kit/clients/reader.ts';
import { until } from '../kit/log-entries.ts';
import { post } from '../kit/memory/memory-commands.ts';
import type { CoreNode } from '../kit/servers/core-node.ts';
import { startTwoNodes } from '../kit/servers/two-nodes.ts';

t.setTimeout(120_000);
const { server, here, there, owner, one, conversation, send, stored } = await startTwoNodes(t);
const people = [owner, one('ben'), one('cleo')];

const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Senders that retry until they are accepted, and readers on both nodes. */
class Load {
  readonly accepted = new Map<string, number>();
  readonly refusals: { code: string; ms: number }[] = [];
  readonly readers: Reader[] = [];
  readonly #id: string;
  #isOver = false;
  #lines: Promise<void>[] = [];

  constructor(id: string) {
    this.#id = id;
  }

  async begin(): Promise<void> {
    for (const node of [here, there])
      for (const after of [null, 0]) this.readers.push(await openReader(node, one('ben'), [this.#id], after));
    this.#lines = people.flatMap((who, index) => [here, there].map((node) => this.#line(node, who, index)));
  }

  async #line(node: CoreNode, who: (typeof people)[number], index: number): Promise<void> {
    for (let n = 0; !this.#isOver; n += 1) {
      const text = `${node === here ? 'here' : 'there'} ${index} ${n}`;
      for (;;) {
        const startedMs = performance.now();
        const outcome = await send(node, who, this.#id, post(text, { clientId: text }));
        if (!(outcome instanceof Problem)) {
          this.accepted.set(text, outcome.events[0]?.position ?? outcome.duplicate?.position ?? 0);
          break;
        }
        this.refusals.push({ code: outcome.code, ms: performance.now() - startedMs });
        await pause(10);
      }
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#lines);
  }
}

async function holds(t: Test, id: string, load: Load): Promise<void> {
  const entries = await stored(id);
  const last = entries.length;
  t.same(
    entries.map((entry) => entry.event.position),
    upTo(last),
  );
  const places = new Map<string, number>();
  for (const { event } of entries)
    if (event.type === 'message.posted') places.set(event.data.content, event.position);
  t.equal(places.size, last - 1, 'nothing is there twice');
  t.same([...load.accepted].toSorted(), [...places].toSorted(), 'what was acknowledged, and nothing else');
  await until(() => load.readers.every((reader) => reader.socket.positions().at(-1) === last));
  for (const reader of load.readers) {
    t.ok(reader.socket.isOpen);
    t.same(reader.socket.positions(), upTo(last, reader.socket.positions()[0]));
    reader.leave();
  }
  const others = load.refusals.filter(({ code }) => code !== 'unavailable' && code !== 'overloaded');
  t.same(others, [], 'each refusal says that the same command may be tried again');
}

t.test('kill -9 and restart under load', async (t) => {
  const id = await conversation(...people.slice(1));
  const load = new Load(id);
  await load.begin();
  await until(() => load.accepted.size > 200);
  await server.kill();
  await until(() => !here.nats.isConnected() && !there.nats.isConnected());
  const killedAt = load.refusals.length;
  await until(() => load.refusals.length > killedAt + 60);
  const waits = load.refusals.slice(killedAt + 12).map(({ ms }) => ms);
  const late = waits.filter((ms) => ms > 1_000);
  // Not even one of them waits, but on a machine that pauses, where it is each that is under way just then.
  t.ok(late.length <= 6, `while it is known to be away nobody waits: ${late} of ${waits.length}`);
  const before = load.accepted.size;
  await server.restart();
  await until(() => load.accepted.size > before + 200, 40_000);
  await load.end();
  await holds(t, id, load);
});

t.test('a server that hangs for a while, and goes on', async (t) => {
  const id = await conversation(...people.slice(1));
  const load = new Load(id);
  await load.begin();
  await until(() => load.accepted.size > 100);
  server.pause();
  // Longer than an append waits for its answer, shorter than a connection without signs of life lives.
  await until(() => load.refusals.length > 0, 20_000).catch(() => undefined);
  server.resume();
  const before = load.accepted.size;
  await until(() => load.accepted.size > before + 100, 40_000);
  load.refusals.push({ code: 'unavailable', ms: 0 });
  await load.end();
  await holds(t, id, load);
});

t.test('what was read and opened before is right after it too', async (t) => {
  const id = await conversation(one('ben'));
  for (let n = 0; n < 10; n += 1) must(await send(here, owner, id, post(`before ${n}`)));
  const reader = await openReader(there, one('ben'), [id], 3);
  await server.kill();
  await until(() => !here.nats.isConnected() && !there.nats.isConnected());
  t.match(await here.core.bus.history(owner, id, { limit: 5, keep: 'newest' }), { code: 'unavailable' });
  const cached = await here.core.bus.history(owner, id, { limit: 5, keep: 'newest', consistency: 'cached' });
  t.equal(must(cached).entries.length, 5);
  await server.restart();
  await until(() => here.nats.isConnected() && there.nats.isConnected());
  await until(async () => !((await send(here, owner, id, post('after'))) instanceof Problem));
  await until(() => (reader.socket.positions().at(-1) ?? 0) >= 12);
  const page = must(await there.core.bus.history(owner, id, { limit: 100, keep: 'newest' }));
  t.same(
    page.entries.map((entry) => entry.event.seq),
    upTo(page.entries.length),
  );
});
