/** The suite of the Symbia routes over a whole node: nats-server, PostgreSQL, projection. */
import t from 'tap';
import { openNode } from '../../../src/compose.ts';
import { readEnvironment } from '../../../src/config/config.ts';
import { openSymbiaWorld, symbiaRoutes } from '../../contracts/symbia-routes.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';

const [nats, postgres] = [await startNats(t), await startPostgres(t)];
const natsUrl = new URL(nats.url);
natsUrl.username = nats.user;
natsUrl.password = nats.pass;
const { config } = readEnvironment({ PARLEY_RATE_LIMIT: 'off' }, 'dev');
const node = await openNode(
  { ...config, port: 0, natsUrl: natsUrl.href, databaseUrl: postgres.url },
  silentLogger(),
);
t.teardown(() => node.close());
symbiaRoutes(t, await openSymbiaWorld(node));
