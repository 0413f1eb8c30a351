import t from 'tap';
import { forwardRoute } from '../../../../../src/dialects/vero/chat/messages/forward-route.ts';
import type { Command } from '../../../../../src/domain/command.ts';
import { limits } from '../../../../../src/domain/limits.ts';
import { Problem, type ProblemCode } from '../../../../../src/domain/problem.ts';
import { startMemoryChat } from './memory-chat.ts';

/** A message to forward, two targets, and a Bus that refuses what `refuse` names. */
async function stage() {
  const chat = startMemoryChat();
  const { bus, world } = chat;
  const [source, one, two] = [
    await chat.conversation(1),
    await chat.conversation(0),
    await chat.conversation(0),
  ];
  const message = bus.conversation('acme', source)?.timeline[0]?.event.id ?? '';
  const faults = { refuse: (_op: Command['op'], _target: string): ProblemCode | null => null, tries: 0 };
  const real = bus.dispatch.bind(bus);
  bus.dispatch = async (principal, command, context) => {
    if (context.conversation === two && command.op === 'post') faults.tries += 1;
    const code = faults.refuse(command.op, context.conversation);
    return code === null ? await real(principal, command, context) : new Problem(code);
  };
  const forward = async (clientId?: string) => {
    const own = clientId === undefined ? {} : { client_message_id: clientId };
    const reply = await chat.ask(forwardRoute(chat.deps), {
      ...{ message_id: message, conversation_ids: [one, two] },
      ...own,
    });
    return reply instanceof Problem ? reply.code : reply.status;
  };
  return { ...{ forward, faults, world, one, two }, texts: () => [chat.texts(one), chat.texts(two)] };
}

t.test('a server that is away for a moment is asked again, and nothing is there twice', async (t) => {
  const { forward, faults, world, two, texts } = await stage();
  faults.refuse = (_op, target) => (target === two && world.nowMs < 3_000 ? 'unavailable' : null);
  t.equal(await forward(), 201);
  t.ok(faults.tries > 3, `${faults.tries} tries`);
  t.same(texts(), [['m1'], ['m1']]);
});

t.test('what still fails after 5 s takes the other copies back', async (t) => {
  const { forward, faults, world, two, texts } = await stage();
  faults.refuse = (_op, target) => (target === two ? 'overloaded' : null);
  t.equal(await forward(), 'overloaded');
  t.ok(world.nowMs > limits.forwardRetryMs / 2 && world.nowMs <= limits.forwardRetryMs, `${world.nowMs} ms`);
  t.same(texts(), [['gone'], []]);
});

t.test('taking back is tried again, too', async (t) => {
  const { forward, faults, two, texts } = await stage();
  let deletions = 0;
  faults.refuse = (op, target) => {
    if (op === 'delete') deletions += 1;
    if (op === 'delete' && deletions < 3) return 'unavailable';
    return target === two ? 'unavailable' : null;
  };
  t.equal(await forward(), 'unavailable');
  t.same(texts(), [['gone'], []]);
});

t.test('who named a client id finishes it with the same request', async (t) => {
  const { forward, faults, two, texts } = await stage();
  faults.refuse = (_op, target) => (target === two ? 'unavailable' : null);
  t.equal(await forward('f-1'), 'unavailable');
  t.same(texts(), [['m1'], []], 'the copy that was made stays');
  faults.refuse = () => null;
  t.equal(await forward('f-1'), 201);
  t.equal(await forward('f-1'), 200);
  t.same(texts(), [['m1'], ['m1']]);
});

t.test('what no waiting helps is not tried again', async (t) => {
  const { forward, faults, two, texts } = await stage();
  faults.refuse = (_op, target) => (target === two ? 'conflict' : null);
  t.equal(await forward(), 'conflict');
  t.equal(faults.tries, 1);
  t.same(texts(), [['gone'], []]);
});
