import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { natsBinary } from '../../../src/adapters/embedded/nats-binary.ts';
import { type NatsServer, openNatsServer } from '../../../src/adapters/embedded/nats-server.ts';
import { holds, isAlive } from '../../../src/adapters/embedded/process-identity.ts';
import {
  type NatsCredentials,
  serverVariables,
} from '../../../src/adapters/jetstream/door/nats-credentials.ts';
import { quietPort, repository, type Teardown, temporaryDir } from '../temporary.ts';
import { makeTestCredentials } from './nats-credentials.ts';

/** A real nats-server of one test, on a port and a store of its own. */
export type TestNats = {
  /** `nats://127.0.0.1:port`; connect with `user` and `pass`, which are those of Parley's `core`. The same after a restart. */
  readonly url: string;
  readonly user: string;
  readonly pass: string;
  /** Of all of Parley's users, and the file that NATS_CREDS names when a node is to answer callouts. */
  readonly credentials: NatsCredentials;
  readonly credsFile: string;
  readonly port: number;
  /** Where its store lies. */
  readonly dataDir: string;
  /** Monitoring pages; another address after a restart. */
  monitorUrl(): string;
  pid(): number;
  /** kill -9; the store stays. */
  kill(): Promise<void>;
  /** Starts it again on the same store and port; a running one is shut down cleanly first. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
  /** Ends it and deletes the store. */
  stop(): Promise<void>;
};

/** Starts nats-server with the repository's configuration. With a tap test, it is stopped at its end. */
export async function startNats(t?: Teardown): Promise<TestNats> {
  const dir = await temporaryDir('nats');
  const [binary, port] = [await testNatsBinary(), await quietPort()];
  const credsFile = join(dir.path, 'credentials.json');
  const { text, credentials } = makeTestCredentials();
  await writeFile(credsFile, text, { mode: 0o600 });
  const variables = serverVariables(credentials);
  const configPath = join(repository, 'nats-server.conf');
  const open = (at: number): Promise<NatsServer> =>
    openNatsServer({ binary, configPath, dataDir: dir.path, variables, port: at });
  let server = await open(port);
  const home = server.port;
  const nats: TestNats = {
    url: server.url,
    user: 'core',
    pass: credentials.passwords.core,
    credentials,
    credsFile,
    port: home,
    dataDir: dir.path,
    monitorUrl: () => server.monitorUrl,
    pid: () => server.pid,
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await gone(server.pid);
      await server.close();
    },
    async restart() {
      await server.close();
      server = await open(home);
      if (server.port !== home) throw new Error(`port ${home} was taken while nats-server was away`);
    },
    pause: () => void process.kill(server.pid, 'SIGSTOP'),
    resume: () => void process.kill(server.pid, 'SIGCONT'),
    async stop() {
      await resumed(server.pid);
      await server.close();
      await dir.remove();
    },
  };
  t?.teardown(() => nats.stop());
  return nats;
}

/** The path of a nats-server that is new enough: of the test runner, or of the script that provides one. */
export function testNatsBinary(): Promise<string> {
  return natsBinary(process.env['NATS_SERVER'], join(repository, 'deploy/nats-server.sh'));
}

/** Waits until a process is gone. */
export async function gone(pid: number): Promise<void> {
  if (!(await holds(async () => !(await isAlive(pid)), 10_000)))
    throw new Error(`process ${pid} does not end`);
}

/** A stopped process takes no signal but SIGKILL: let it run before it is asked to end. */
export async function resumed(pid: number): Promise<void> {
  if (await isAlive(pid)) process.kill(pid, 'SIGCONT');
}
