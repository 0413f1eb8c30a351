/** The rate limits of a whole node, one test a door: everything else runs with PARLEY_RATE_LIMIT=off. */
import t from 'tap';
import { WebSocket } from 'ws';
import { rates } from '../../src/domain/limiting/rates.ts';
import { limits } from '../../src/domain/limits.ts';
import { signUp } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);

const [nats, database] = [await startNats(t), await startPostgres(t)];
const limited = await startNode({ nats, database, env: { PARLEY_RATE_LIMIT: 'on' } }, t);
const burst = rates.send.principal.burst;
/** So many at once that some are refused although their bucket is filled again meanwhile, on a slow machine as well. */
const tooMany = burst * 4;

t.test('REST: posts beyond the rate are 429 with Retry-After, in the words of the dialect', async (t) => {
  const { token } = await signUp(limited);
  const made = await call(limited, 'POST', '/api/conversations', {
    token,
    body: { type: 'group', name: 'a' },
  });
  const path = `/api/conversations/${made.body.id}/messages`;
  const post = () => call(limited, 'POST', path, { token, body: { content: 'hello' } });
  const answers = await Promise.all(Array.from({ length: tooMany }, post));
  const refused = answers.filter(({ status }) => status === 429);
  t.ok(
    refused.length > 0 && refused.length <= tooMany - burst,
    `${refused.length} of ${answers.length} were refused`,
  );
  t.equal(answers.filter(({ status }) => status === 201).length, answers.length - refused.length);
  t.match(refused[0], { body: { error: 'Too many requests.' } });
  t.equal(refused[0]?.headers.get('retry-after'), '1');
  t.equal((await call(limited, 'GET', path, { token })).status, 200, 'reading is another class');
});

t.test('sign-in: an address that tries too often waits', async (t) => {
  const body = { email: 'nobody@example.org', password: 'not a password' };
  const attempts = Array.from({ length: rates['sign-in'].address.burst * 4 }, () =>
    call(limited, 'POST', '/auth/login', { body }),
  );
  const refused = (await Promise.all(attempts)).filter(({ status }) => status === 429);
  t.ok(refused.length > 0, `${refused.length} were refused`);
  t.match(refused[0]?.body, { error: { code: 'rate_limited' } });
  t.match(
    (await call(limited, 'GET', '/metrics')).body,
    /^parley_rate_limited_total\{.*class="sign-in".*\} \d/m,
  );
});

t.test('native socket: each frame over the limit is answered, and the socket stays', async (t) => {
  // Signing in is limited by now for this address: another node of the same deployment is not concerned.
  const unlimited = await startNode({ nats, database }, t);
  const { token } = await signUp(unlimited);
  const client = await NativeClient.connect(limited, token);
  const { conversation } = await client.ask('create', { type: 'group', participants: [] });
  const post = (n: number) => client.ask('post', { conversation: conversation.id, content: `message ${n}` });
  const replies = await Promise.all(Array.from({ length: tooMany }, (_, n) => post(n)));
  const refused = replies.filter(({ ok }) => ok === false);
  t.ok(refused.length > 0);
  for (const { problem } of refused) {
    t.equal(problem.code, 'rate_limited');
    t.ok(problem.retry_after_ms >= 1 && problem.retry_after_ms <= 2_000);
  }
  t.match(await client.ask('ping'), { ok: true }, 'other frames go on');
  const other = await NativeClient.connect(unlimited, token);
  const all = await Promise.all(
    Array.from({ length: burst * 2 }, (_, n) =>
      other.ask('post', { conversation: conversation.id, content: `more ${n}` }),
    ),
  );
  t.ok(
    all.every(({ ok }) => ok === true),
    'PARLEY_RATE_LIMIT=off lifts all of it',
  );
  await Promise.all([client.close(), other.close()]);
});

t.test('a socket that stays busy without saying who it is ends with 4401 all the same', async (t) => {
  const startedMs = performance.now();
  const socket = new WebSocket(`${limited.url.replace(/^http/, 'ws')}/v1/socket`, 'parley.v1');
  const busy = setInterval(() => socket.ping(), 200);
  t.teardown(() => clearInterval(busy));
  const code = await new Promise((resolve) => socket.on('close', resolve));
  t.equal(code, 4401);
  const tookMs = performance.now() - startedMs;
  t.ok(tookMs > limits.helloWaitMs - 500 && tookMs < limits.helloWaitMs + 30_000, `after ${tookMs} ms`);
});
