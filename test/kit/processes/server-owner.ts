/**
 * A process that owns an embedded server, to be killed by a test:
 * `node server-owner.js nats|postgres <data directory>`. Prints one line of JSON when the server is ready.
 */
import { join } from 'node:path';
import { openNatsServer } from '../../../src/adapters/embedded/nats-server.ts';
import { openPostgres } from '../../../src/adapters/embedded/postgres-server.ts';
import { serverVariables } from '../../../src/adapters/jetstream/door/nats-credentials.ts';
import { testNatsBinary } from '../servers/nats.ts';
import { makeTestCredentials } from '../servers/nats-credentials.ts';
import { fastSettings } from '../servers/postgres.ts';
import { repository } from '../temporary.ts';

const [kind = '', dataDir = ''] = process.argv.slice(2);

const { pid, url } =
  kind === 'postgres'
    ? await openPostgres({ dataDir, settings: fastSettings })
    : await openNatsServer({
        binary: await testNatsBinary(),
        configPath: join(repository, 'nats-server.conf'),
        dataDir,
        port: 0,
        variables: serverVariables(makeTestCredentials().credentials),
      });

process.stdout.write(`${JSON.stringify({ pid, url })}\n`);
setInterval(() => undefined, 60_000); // waits to be killed
