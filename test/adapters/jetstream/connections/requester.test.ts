/** Questions and requests whose answer does not come from whom they reached first. */
import type { Msg } from '@nats-io/transport-node';
import t from 'tap';
import { openNats } from '../../../../src/adapters/jetstream/connections/connection.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { until } from '../../../kit/log-entries.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { startNats } from '../../../kit/servers/nats.ts';

const server = await startNats(t);
const url = server.url.replace('//', `//${server.user}:${server.pass}@`);
const { requester, connection, close } = await openNats({ url, name: 'test', log: silentLogger() });
t.teardown(close);

const body = Buffer.from('who leads?');
const timeoutMs = 2 * limits.logAskAgainMs;
/** Where an answer comes, however slowly. */
const patientMs = 25_000;

/** Says nothing to the first `silent` who ask, as a server that hangs; tells how many asked. */
function answering(subject: string, silent: number, answer: (message: Msg) => void): () => number {
  let count = 0;
  connection.subscribe(subject, {
    callback: (_error, message) => {
      count += 1;
      if (count > silent) answer(message);
    },
  });
  return () => count;
}

t.test(
  'a question that nobody began to answer is asked again, and a request that changes something is not',
  async (t) => {
    const asked = answering('sys.test.asked', 1, (message) => message.respond('me'));
    const changed = answering('sys.test.changed', 1, (message) => message.respond('done twice'));
    const change = requester.request('sys.test.changed', body, null, timeoutMs);
    const answer = await requester.ask('sys.test.asked', body, patientMs);
    t.equal(answer.kind === 'message' && answer.message.string(), 'me');
    t.ok(asked() >= 2);
    t.same(await change, { kind: 'lost' });
    t.equal(changed(), 1, 'it was sent once');
    t.equal(requester.pending, 0, 'nobody waits for the first answer any more');
  },
);

t.test('an answer of many messages is whole: nothing of another answer is among it', async (t) => {
  let pieces: ((text: string) => void) | null = null;
  const asked = answering('sys.test.pages', 0, (message) => {
    if (pieces !== null) {
      // The first one comes to itself while the second one begins.
      for (const text of ['1', '2']) message.respond(text);
      pieces('1 of before');
      message.respond('end');
    } else pieces = (text) => void message.respond(text);
  });
  const isLast = (message: Msg): boolean => message.string() === 'end';
  const { messages, end } = await requester.requestMany('sys.test.pages', body, patientMs, isLast);
  t.equal(end, 'message');
  t.same(
    messages.map((message) => message.string()),
    ['1', '2', 'end'],
  );
  t.ok(asked() >= 2);
});

t.test('an answer that has begun is waited for, and is lost when it stops', async (t) => {
  const asked = answering('sys.test.stops', 0, (message) => message.respond('1'));
  const answer = await requester.requestMany('sys.test.stops', body, 1.5 * limits.logAskAgainMs, () => false);
  t.same(answer, { messages: [], end: 'lost' });
  t.equal(asked(), 1);
});

t.test('a question that nobody answers is lost in time, however often it was asked', async (t) => {
  const asked = answering('sys.test.silent', 9, () => undefined);
  t.same(await requester.ask('sys.test.silent', body, 2.5 * limits.logAskAgainMs), { kind: 'lost' });
  await until(() => asked() >= 2);
  t.same(await requester.ask('sys.test.nobody', body, timeoutMs), { kind: 'no-responders' });
});
