import t from 'tap';
import { clusterWelcome } from '../../../../src/cli/run/cluster/welcome.ts';

const facts = {
  calling: { parley: 'parley', isRepository: false },
  ...{ nodes: [], workers: 2, natsServers: [], dataDir: '/data' },
  administrator: { email: 'ann@example.org', password: 'a long password', path: '/data/admin', isNew: false },
};

t.test('PostgreSQL is told of with its address and pid, and that of DATABASE_URL is not', async (t) => {
  const own = clusterWelcome({ ...facts, postgres: { pid: 4711, port: 5433 } });
  t.match(own, /^ {2}postgres +postgres:\/\/127\.0\.0\.1:5433 +\(pid 4711\)$/m);
  t.notMatch(clusterWelcome({ ...facts, postgres: null }), /^ {2}postgres/m);
});
