import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { natsBinary } from '../../../src/adapters/embedded/nats-binary.ts';
import { type NatsServer, openNatsServer } from '../../../src/adapters/embedded/nats-server.ts';
import {
  type NatsCredentials,
  serverVariables,
} from '../../../src/adapters/jetstream/door/nats-credentials.ts';
import { quietPort, repository, type Teardown, type TemporaryDir, temporaryDir } from '../temporary.ts';
import { type KillableServer, openKillable } from './killable-server.ts';
import { makeTestCredentials } from './nats-credentials.ts';

/** A real nats-server of one test, on a port and a store of its own. */
export type TestNats = KillableServer & {
  /** `nats://127.0.0.1:port`; connect with `user` and `pass`, which are those of Parley's `core`. The same after a restart. */
  readonly url: string;
  readonly user: string;
  readonly pass: string;
  /** Of all of Parley's users, and the file that NATS_CREDS names when a node is to answer callouts. */
  readonly credentials: NatsCredentials;
  readonly credsFile: string;
  readonly port: number;
  /** Monitoring pages; another address after a restart. */
  monitorUrl(): string;
};

/**
 * Starts nats-server with the repository's configuration, and with that sync_interval and that directory. With a
 * tap test, it is stopped at its end.
 */
export async function startNats(t?: Teardown, sync?: string, on?: TemporaryDir): Promise<TestNats> {
  const dir = on ?? (await temporaryDir('nats'));
  const [binary, port] = [await testNatsBinary(), await quietPort()];
  const credsFile = join(dir.path, 'credentials.json');
  const { text, credentials } = makeTestCredentials();
  await writeFile(credsFile, text, { mode: 0o600 });
  const variables = serverVariables(credentials);
  const configPath = join(repository, 'nats-server.conf');
  const open = (at: number): Promise<NatsServer> =>
    openNatsServer({
      binary,
      configPath,
      dataDir: dir.path,
      variables,
      port: at,
      ...(sync === undefined ? {} : { sync }),
    });
  const server = await openKillable(dir, port, open, t);
  return {
    ...server,
    url: server.present().url,
    user: 'core',
    pass: credentials.passwords.core,
    credentials,
    credsFile,
    port: server.present().port,
    monitorUrl: () => server.present().monitorUrl,
  };
}

/** The path of a nats-server that is new enough: of the test runner, or of the script that provides one. */
export function testNatsBinary(): Promise<string> {
  return natsBinary(process.env['NATS_SERVER'], join(repository, 'deploy/nats-server.sh'));
}
