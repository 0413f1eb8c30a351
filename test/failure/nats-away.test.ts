/** NATS goes away under a whole node: sockets stay, requests are told to come back, and it recovers by itself. */
import t from 'tap';
import { signUp } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNodeProcess } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);
const nats = await startNats(t);
const node = await startNodeProcess({ nats, database: await startPostgres(t) }, t);
const ann = await signUp(node);
const { token } = ann;
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

t.test('sockets stay, 503 with Retry-After, and all is well again when it is back', async (t) => {
  const client = await NativeClient.connect(node, token);
  const id: string = (await client.ask('create', { type: 'group' }))['conversation'].id;
  await client.ask('open', { conversation: id, after: 0 });
  const path = `/api/conversations/${id}/messages`;
  const ready = async (): Promise<number> => (await call(node, 'GET', '/readyz')).status;
  await until(async () => (await ready()) === 200);
  for (let n = 0; n < 5; n += 1) await client.ask('post', { conversation: id, content: `before ${n}` });

  await nats.kill();
  await until(async () => (await ready()) === 503);
  const waits: number[] = [];
  const timed = async <T>(asked: () => Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    const answer = await asked();
    waits.push(performance.now() - startedMs);
    return answer;
  };
  const away = { conversation: id, content: 'away', client_id: 'away' };
  t.match(await timed(() => client.ask('post', away)), {
    ok: false,
    problem: { code: 'unavailable', retry_after_ms: Number },
  });
  t.match(await timed(() => client.ask('history', { conversation: id })), {
    ok: false,
    problem: { code: 'unavailable' },
  });
  t.match(await client.ask('history', { conversation: id, consistency: 'cached' }), { ok: true });
  const refused = await timed(() => call(node, 'POST', path, { token, body: { content: 'away' } }));
  t.equal(refused.status, 503);
  t.ok(Number(refused.headers.get('retry-after')) >= 1);
  // A machine that pauses holds up one of them; a node that waits for an answer holds up each, for five seconds.
  const [, usualMs = Infinity] = waits.toSorted((a, b) => a - b);
  t.ok(usualMs < 3_000, 'nobody waits for a server that is known to be away');
  t.equal((await call(node, 'GET', '/healthz')).status, 200);
  t.match(await client.ask('ping'), { ok: true });
  const other = await NativeClient.connect(node, token);
  t.match(await other.ask('ping'), { ok: true }, 'new sockets are accepted');

  await nats.restart();
  await until(async () => (await ready()) === 200);
  const posted = await call(node, 'POST', path, { token, body: { content: 'after' } });
  t.equal(posted.status, 201);
  t.match(await client.ask('post', away), { ok: true, duplicate: false });
  t.match(await client.ask('post', away), { ok: true, duplicate: true });
  await client.event(id, 8);
  t.same(
    client.events(id).map((event) => event.position),
    upTo(8),
    'every event once, on the socket that stayed',
  );
  await other.ask('open', { conversation: id, after: 0 });
  await other.event(id, 8);
  t.same(
    other.events(id).map((event) => event.position),
    upTo(8),
  );
  await Promise.all([client.close(), other.close()]);
});

t.test('a stream of tokens that the restart cut off can be posted, or begun anew', async (t) => {
  const client = await NativeClient.connect(node, token);
  const id: string = (await client.ask('create', { type: 'group' }))['conversation'].id;
  await client.ask('open', { conversation: id });
  const message = '01900000-0000-7000-8000-00000000000a';
  const delta = (index: number): void =>
    client.send({ op: 'delta', conversation: id, message_id: message, run: 'r', index, text: `t${index} ` });
  for (let index = 0; index < 5; index += 1) delta(index);
  await client.find((frame) => frame['delta']?.index === 4);
  await nats.kill();
  await nats.restart();
  await until(async () => (await call(node, 'GET', '/readyz')).status === 200);
  await until(async () => {
    const from = client.frames.length;
    delta(5);
    await client.ask('ping');
    return client.frames.slice(from).some((frame) => frame['problem']?.code === 'index_gap');
  });
  for (let index = 0; index < 8; index += 1) delta(index);
  await client.find((frame) => frame['delta']?.index === 7);
  const post = { conversation: id, content: 'whole', message_id: message, run: 'r', end_run: true };
  t.match(await client.ask('post', post), { ok: true });
  const deltas = client.frames.flatMap((frame) => frame['delta'] ?? []);
  t.equal(
    deltas.map((one) => one.text).join(''),
    upTo(8)
      .map((n) => `t${n - 1} `)
      .join(''),
  );
  await client.close();
});
