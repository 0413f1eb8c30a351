import t from 'tap';
import { openNats } from '../../../../src/adapters/jetstream/connections/connection.ts';
import { until } from '../../../kit/log-entries.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { startNats } from '../../../kit/servers/nats.ts';

t.test('a server that hangs is not what a connection tries first when it gave it up', async (t) => {
  const servers = [await startNats(t), await startNats(t)] as const;
  const url = servers.map((server) => server.url.replace('//', `//${server.user}:${server.pass}@`)).join(',');
  const { connection, isConnected, onReconnect, close } = await openNats({
    url,
    name: 'test',
    log: silentLogger(),
    connectTimeoutMs: 60_000,
  });
  t.teardown(close);
  const [hung, other] =
    connection.getServer() === new URL(servers[0].url).host ? servers : servers.toReversed();
  let reconnects = 0;
  onReconnect(() => {
    reconnects += 1;
  });
  // One that was tried a moment ago is passed over anyhow, for reconnectTimeWait and its jitter.
  const connectedMs = performance.now();
  await until(() => performance.now() - connectedMs > 300);
  hung?.pause();
  // As when it has not answered its pings.
  await connection.reconnect();
  await until(() => reconnects === 1 && isConnected());
  t.equal(connection.getServer(), new URL(other?.url ?? '').host, 'before the other would have had its time');
  hung?.resume();
  await other?.kill();
  await until(() => reconnects === 2 && isConnected());
  t.equal(connection.getServer(), new URL(hung?.url ?? '').host, 'and it is tried again when its turn comes');
});
