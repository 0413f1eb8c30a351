/** Faults between publish and answer: what was accepted is stored once, what was refused is not stored. */
import t from 'tap';
import type { Outcome } from '../../../src/core/bus.ts';
import type { Command } from '../../../src/domain/command.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { LiveEntry } from '../../../src/ports/live-feed.ts';
import { must } from '../../kit/clients/reader.ts';
import { falseConflict, LogFaults, lostAfter, lostBefore } from '../../kit/links/faulty-log.ts';
import { until } from '../../kit/log-entries.ts';
import { control, create, post } from '../../kit/memory/memory-commands.ts';
import { startTwoNodes } from '../../kit/servers/two-nodes.ts';

const [faults, thereFaults] = [new LogFaults(), new LogFaults()];
/** Conversations whose live events do not reach the first node. */
const deaf = new Set<string>();
const { here, there, owner, one, conversation, send, stored } = await startTwoNodes(t, {
  here: {
    wrapLog: faults.wrap,
    wrapLive: (live) => ({
      ...live,
      get isConnected() {
        return live.isConnected;
      },
      follow: (ref, onEntry) =>
        live.follow(ref, (entry: LiveEntry) => {
          if (!deaf.has(ref.conversation)) onEntry(entry);
        }),
    }),
  },
  there: { wrapLog: thereFaults.wrap },
});
const [ben, iris] = [one('ben'), one('iris', 'agent')];

/** Every event of an answer is in the log, at its place, once. */
async function isTrue(outcome: Outcome | Problem, id: string): Promise<boolean> {
  const entries = await stored(id);
  return must(outcome).events.every(
    (event) =>
      entries.filter((entry) => entry.event.id === event.id).length === 1 &&
      JSON.stringify(entries.find((entry) => entry.event.id === event.id)?.event) === JSON.stringify(event),
  );
}

t.test('what was stored although its answer was lost is answered with its true numbers, once', async (t) => {
  const id = await conversation(ben, iris);
  const first = must(await send(here, owner, id, post('first')));
  const message = String(first.events[0]?.id);
  const commands: Command[] = [
    post('plain'),
    post('with a client id', { clientId: 'c1' }),
    { op: 'react', message, emoji: '👍' },
    { op: 'edit', message, content: 'edited', metadata: null },
    { op: 'delete', message },
    control('stream.pause'),
    control('stream.resume'),
    { op: 'participant.add', participant: { id: 'cleo', kind: 'user', role: 'member' } },
  ];
  for (const command of commands) {
    faults.once(lostAfter);
    const outcome = await send(here, owner, id, command);
    t.ok(await isTrue(outcome, id), command.op);
    t.equal(must(outcome).events.length, 1);
  }
  t.equal((await stored(id)).length, 2 + commands.length - 2); // the message and its edit were erased
});

t.test('a creation whose answer was lost is found', async (t) => {
  const { bus } = here.core;
  const id = bus.newConversationId();
  faults.once(lostAfter);
  const outcome = await bus.dispatch(owner, create(), bus.context(id));
  t.ok(await isTrue(outcome, id));
  const listed = must(
    await bus.list(owner, { limit: 200, cursor: null, unreadOnly: false, env: null, service: null }),
  );
  t.ok(
    listed.conversations.some((one) => one.ref.conversation === id),
    'it is in the list at once',
  );
});

t.test('what got lost on the way is sent again', async (t) => {
  const id = await conversation();
  faults.once(lostBefore);
  const outcome = await send(here, owner, id, post('once'));
  t.ok(await isTrue(outcome, id));
  t.equal((await stored(id)).length, 2);
});

t.test('a whole batch whose answer was lost is answered one by one', async (t) => {
  const id = await conversation();
  const texts = Array.from({ length: 120 }, (_, n) => `text ${n}`);
  const before = faults.appends;
  faults.append = async (call) => {
    const isBatch = call.entries.length > 1;
    if (isBatch) faults.append = null;
    return isBatch ? await lostAfter(call) : await call.real();
  };
  const outcomes = await Promise.all(texts.map((text) => send(here, owner, id, post(text))));
  t.ok(faults.append === null && faults.appends - before < 60, 'it went as a batch');
  const entries = await stored(id);
  t.same(
    entries.slice(1).map(({ event }) => (event.type === 'message.posted' ? event.data.content : '')),
    texts,
  );
  t.same(
    outcomes.map((outcome) => must(outcome).events[0]?.position),
    texts.map((_, n) => n + 2),
  );
});

t.test('an event finds itself however many others came after it', async (t) => {
  const id = await conversation(ben);
  const message = String(must(await send(here, owner, id, post('first'))).events[0]?.id);
  let isAway = true;
  faults.isHeadless = () => isAway;
  faults.once(lostAfter);
  const reacting = send(here, owner, id, { op: 'react', message, emoji: '👍' });
  await until(() => faults.append === null);
  // At once, as some batches: the author waits for unknownResolveMs and no longer.
  const others = Array.from({ length: 400 }, (_, n) => send(there, ben, id, post(`other ${n}`)));
  for (const other of await Promise.all(others)) must(other);
  isAway = false;
  t.ok(await isTrue(await reacting, id));
  const reactions = (await stored(id)).filter(({ event }) => event.type === 'reaction.changed');
  t.equal(reactions.length, 1);
});

t.test('what may have been stored before is not refused when its next append is', async (t) => {
  for (const code of ['unavailable', 'overloaded'] as const) {
    const id = await conversation();
    // The first one gets stuck on the way, and arrives just before the second one is refused.
    faults.append = async (first) => {
      faults.once(async () => {
        await first.real();
        return { kind: 'refused', problem: new Problem(code) };
      });
      return await lostBefore();
    };
    t.ok(await isTrue(await send(here, owner, id, post('late')), id), code);
    t.equal((await stored(id)).length, 2);
  }
  const id = await conversation();
  let calls = 0;
  faults.append = async () => {
    calls += 1;
    return calls === 1 ? lostBefore() : { kind: 'refused', problem: new Problem('too_large') };
  };
  t.match(await send(here, owner, id, post('never')), { code: 'too_large' });
  faults.append = null;
  t.equal(calls, 2);
  t.equal((await stored(id)).length, 1);
});

t.test(
  'while nobody knows what became of one, those behind it are told that they were not stored',
  async (t) => {
    const id = await conversation();
    let isAway = true;
    faults.isHeadless = () => isAway;
    faults.once(lostAfter);
    const first = send(here, owner, id, post('first'));
    const second = send(here, owner, id, post('second', { clientId: 'second' }));
    t.match(await second, { code: 'unavailable' });
    t.match(await send(here, owner, id, post('third')), { code: 'unavailable' });
    isAway = false;
    t.ok(await isTrue(await first, id));
    t.equal((await stored(id)).length, 2);
  },
);

t.test('a storm of conflicts ends in one event, an endless one in overloaded and none', async (t) => {
  const id = await conversation();
  let left = 20;
  faults.append = (call) => (left-- > 0 ? falseConflict() : call.real());
  t.ok(await isTrue(await send(here, owner, id, post('after the storm')), id));
  faults.append = falseConflict;
  t.match(await send(here, owner, id, post('never')), { code: 'overloaded', overload: 'contention' });
  faults.append = null;
  t.equal((await stored(id)).length, 2);
});

t.test('a command that another node took over too late is stored once', async (t) => {
  const id = await conversation(ben);
  const message = String(must(await send(here, owner, id, post('first'))).events[0]?.id);
  let losses = 0;
  faults.append = async (call) => {
    // Three times in a row the other node is faster; then this one hands its queue over.
    losses += 1;
    if (losses <= 3) must(await send(there, ben, id, post(`faster ${losses}`)));
    return await call.real();
  };
  const forwards = here.metrics.forwards.total;
  let isLate = false;
  thereFaults.append = async (call) => {
    if (!call.entries.some(({ event }) => event.type === 'reaction.changed')) return await call.real();
    isLate = true;
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    return await call.real();
  };
  const outcome = await send(here, owner, id, { op: 'react', message, emoji: '👍' });
  [faults.append, thereFaults.append] = [null, null];
  t.ok(isLate && here.metrics.forwards.total > forwards, 'it was forwarded');
  t.ok(await isTrue(outcome, id));
  must(await send(there, ben, id, post('settled')));
  const reactions = (await stored(id)).filter(({ event }) => event.type === 'reaction.changed');
  t.equal(reactions.length, 1);
});

t.test('nobody is refused on a state that is no longer true', async (t) => {
  const id = await conversation(iris, ben);
  must(await send(here, owner, id, control('stream.pause')));
  t.match(await send(here, iris, id, post('paused')), { code: 'conversation_paused' });
  deaf.add(id);
  must(await send(there, owner, id, control('stream.resume')));
  const outcome = await send(here, iris, id, post('resumed'));
  t.ok(await isTrue(outcome, id));
  const cleo = one('cleo');
  t.match(await send(here, cleo, id, post('outside')), { code: 'not_found' });
  must(
    await send(there, owner, id, {
      op: 'participant.add',
      participant: { id: 'cleo', kind: 'user', role: 'member' },
    }),
  );
  t.ok(await isTrue(await send(here, cleo, id, post('inside')), id));
});

t.test('a refusal is answered however fast others write', async (t) => {
  const id = await conversation(iris, ben);
  must(await send(here, owner, id, control('stream.pause')));
  let isWriting = true;
  const writing = Array.from({ length: 4 }, async () => {
    while (isWriting) must(await send(there, ben, id, post('busy')));
  });
  for (let n = 0; n < 30; n += 1) {
    const result = await send(here, iris, id, post('paused'));
    t.equal(result instanceof Problem ? result.code : 'accepted', 'conversation_paused');
  }
  isWriting = false;
  await Promise.all(writing);
});

t.test('under every fault at once each accepted post is stored once, each refused one never', async (t) => {
  const id = await conversation(ben, iris, one('cleo'));
  let seed = 1;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const append: LogFaults['append'] = async (call) => {
    const dice = random();
    if (dice < 0.15) return await lostAfter(call);
    if (dice < 0.3) return await lostBefore();
    if (dice < 0.4) return await falseConflict();
    if (dice < 0.5) await new Promise((resolve) => setTimeout(resolve, 20 * random()));
    return await call.real();
  };
  for (const one of [faults, thereFaults]) {
    one.append = append;
    one.isHeadless = () => random() < 0.2;
  }
  const senders = [owner, ben, one('cleo'), owner, ben, one('cleo')];
  const answers: { clientId: string | null; outcome: Outcome | Problem; content: string }[] = [];
  await Promise.all(
    senders.map(async (who, line) => {
      for (let n = 0; n < 50; n += 1) {
        const content = `${line}/${n}`;
        const clientId = n % 3 === 0 ? null : content;
        const node = random() < 0.5 ? here : there;
        const outcome = await send(node, who, id, post(content, { clientId }));
        answers.push({ clientId, outcome, content });
        // Every second one is retried on the other node, whatever was answered.
        if (clientId === null || n % 2 === 0) continue;
        const again = await send(node === here ? there : here, who, id, post(content, { clientId }));
        answers.push({ clientId, outcome: again, content });
      }
    }),
  );
  for (const one of [faults, thereFaults]) {
    one.append = null;
    one.isHeadless = () => false;
  }
  must(await send(there, owner, id, post('settled')));
  const entries = await stored(id);
  const positions = entries.map((entry) => entry.event.position);
  t.same(
    positions,
    positions.map((_, index) => index + 1),
  );
  const places = new Map<string, number[]>();
  for (const { event } of entries) {
    if (event.type !== 'message.posted') continue;
    places.set(event.data.content, [...(places.get(event.data.content) ?? []), event.position]);
  }
  const accepted = answers.filter(({ outcome }) => !(outcome instanceof Problem));
  const wrong = accepted.filter(({ content, outcome }) => {
    const { events, duplicate } = must(outcome);
    const at = places.get(content) ?? [];
    return at.length !== 1 || at[0] !== (events[0]?.position ?? duplicate?.position);
  });
  t.same(wrong, []);
  const acceptedTexts = new Set(accepted.map((one) => one.content));
  const falselyRefused = [...places.keys()].filter((text) => !acceptedTexts.has(text) && text !== 'settled');
  t.same(falselyRefused, [], 'nothing is stored that was only ever refused');
  t.ok(accepted.length > 300);
});
