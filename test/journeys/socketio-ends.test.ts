/** Socket.IO clients whose credentials or node end: who stays away, who comes back. */
import { io, type Socket } from 'socket.io-client';
import t from 'tap';
import { type Account, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';
import type { Teardown } from '../kit/temporary.ts';

t.setTimeout(120_000);

const servers = { nats: await startNats(t), database: await startPostgres(t) };
const [here, there] = [await startNode(servers, t), await startNode(servers, t)];
const ann = await signUp(here);

/** A client that comes back by itself when it may. */
async function client(
  t: Teardown,
  node: { readonly url: string },
  { token }: Pick<Account, 'token'>,
  transports: string[],
): Promise<{ readonly socket: Socket; readonly ends: string[] }> {
  const socket = io(node.url, { forceNew: true, auth: { token }, transports, reconnectionDelay: 20 });
  t.teardown(() => void socket.disconnect());
  const ends: string[] = [];
  socket.on('disconnect', (reason) => ends.push(reason));
  await until(() => socket.connected);
  return { socket, ends };
}

t.test('a suspended account is disconnected on every node, and stays away', async (t) => {
  const ben = await signUpInto(here, ann, 'ben');
  const clients = [
    await client(t, here, ben, ['websocket']),
    await client(t, there, ben, ['websocket']),
    await client(t, there, ben, ['polling']),
  ];
  const apart = await client(t, there, ann, ['websocket']);
  const request = { token: ann.token, body: { status: 'suspended' } };
  t.equal((await call(here, 'PATCH', `/auth/users/${ben.id}`, request)).status, 200);
  await until(() => clients.every(({ ends }) => ends.length > 0));
  for (const { socket, ends } of clients) {
    t.equal(ends[0], 'io server disconnect');
    t.equal(socket.active, false);
    const refused = new Promise<Error>((resolve) => socket.once('connect_error', resolve));
    socket.connect();
    t.ok(await refused, 'nor is it let in again');
  }
  t.same([apart.ends, apart.socket.connected], [[], true]);
});

t.test('clients of a node that drains try to come back', async (t) => {
  const last = await startNode(servers, t);
  const clients = [
    await client(t, last, ann, ['websocket']),
    await client(t, last, ann, ['polling']),
    await client(t, last, ann, ['polling', 'websocket']),
  ];
  const attempts = clients.map(
    ({ socket }) => new Promise((resolve) => socket.io.once('reconnect_attempt', resolve)),
  );
  await last.close();
  await Promise.all(attempts);
  for (const { ends } of clients) t.match(ends[0], /^transport (close|error)$/);
});
