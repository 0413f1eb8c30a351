/**
 * Who does not read is closed with 4408; everybody else gets everything, in time. Runs alone: a starved test is a slow
 * reader itself.
 */
import t from 'tap';
import { signUp } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { RawSocket } from '../kit/clients/raw-socket.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNodeProcess } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);
const servers = { nats: await startNats(t), database: await startPostgres(t) };
const node = await startNodeProcess(servers, t);
const ann = await signUp(node);
const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** A figure of /metrics, summed over its labels. */
async function metric(name: string): Promise<number> {
  const text = String((await call(node, 'GET', '/metrics', { token: ann.token })).body);
  const lines = text.split('\n').filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

async function follow(conversation: string, after: number): Promise<NativeClient> {
  const client = await NativeClient.connect(node, ann.token);
  await client.ask('open', { conversation, after });
  return client;
}

t.test('live: the slow one is closed, the others are not held up', async (t) => {
  const writer = await NativeClient.connect(node, ann.token);
  const id: string = (await writer.ask('create', { type: 'group' }))['conversation'].id;
  const slow = await RawSocket.connect(t, node, ann.token);
  slow.send({ op: 'open', id: 'o', conversation: id });
  await until(() => slow.texts >= 2);
  const readers = [await follow(id, 0), await follow(id, 0)];
  slow.stopReading();
  const closedBefore = await metric('parley_slow_consumers');
  const content = 'x'.repeat(200_000);
  const count = 120;
  const latencies: number[] = [];
  let isClosed = false;
  const look = async (): Promise<boolean> => {
    if (isClosed || (await metric('parley_slow_consumers')) === closedBefore) return isClosed;
    // What waits for it, and why it was closed, is kept for 16 s only.
    slow.readOn();
    isClosed = true;
    return true;
  };
  for (let n = 0; n < count; n += 1) {
    if (n % 5 === 0) await look();
    const startedMs = performance.now();
    const reply = await writer.ask('post', { conversation: id, content });
    await readers[0]?.event(id, reply['position']);
    latencies.push(performance.now() - startedMs);
  }
  await until(look);
  for (const reader of readers) {
    await reader.event(id, count + 1);
    t.same(
      reader.events(id).map((event) => event.position),
      upTo(count + 1),
    );
    await reader.close();
  }
  const usualMs = latencies.toSorted((a, b) => a - b)[Math.floor(count * 0.9)]!;
  t.ok(usualMs < 3_000, `nobody else waits: ${Math.round(usualMs)} ms`);
  t.equal(await slow.ended, 4408);
  t.ok(slow.texts < count);
  await writer.close();
});

t.test('backlog: the server waits for who does not read it, with little in memory', async (t) => {
  const writer = await NativeClient.connect(node, ann.token);
  const id: string = (await writer.ask('create', { type: 'group' }))['conversation'].id;
  const content = 'y'.repeat(250_000);
  for (let n = 0; n < 80; n += 1) await writer.ask('post', { conversation: id, content });
  const slow = await RawSocket.connect(t, node, ann.token);
  slow.send({ op: 'open', conversation: id, after: 0 });
  await until(() => slow.texts >= 1);
  slow.stopReading();
  const rss = await metric('process_resident_memory_bytes');
  // Meanwhile another one reads all of it, at its own pace.
  const reader = await follow(id, 0);
  await reader.event(id, 81);
  t.same(
    reader.events(id).map((event) => event.position),
    upTo(81),
  );
  t.ok((await metric('process_resident_memory_bytes')) - rss < 300_000_000, 'memory stays bounded');
  await reader.close();
  slow.readOn();
  // It reads on before the server gave up: then it has all of it.
  await until(() => slow.texts >= 82);
  await writer.close();
});

t.test('a burst that no outbox can hold ends the slow ones, and nothing else', async (t) => {
  const writers = await Promise.all([1, 2, 3, 4].map(() => NativeClient.connect(node, ann.token)));
  const id: string = (await writers[0]!.ask('create', { type: 'group' }))['conversation'].id;
  const slow = await Promise.all([1, 2, 3].map(() => RawSocket.connect(t, node, ann.token)));
  for (const one of slow) one.send({ op: 'open', conversation: id, id: 'o' });
  await until(() => slow.every((one) => one.texts >= 2));
  for (const one of slow) one.stopReading();
  const content = 'z'.repeat(255_000);
  const posts = writers.flatMap((writer) =>
    Array.from({ length: 40 }, () => writer.ask('post', { conversation: id, content })),
  );
  const replies = await Promise.all(posts);
  t.ok(replies.every((reply) => reply['ok'] === true));
  for (const one of slow) one.readOn();
  for (const one of slow) t.ok([4408, null].includes(await one.ended));
  const reader = await follow(id, 0);
  await reader.event(id, 161);
  t.same(
    reader.events(id).map((event) => event.position),
    upTo(161),
  );
  await Promise.all([reader, ...writers].map((one) => one.close()));
});
