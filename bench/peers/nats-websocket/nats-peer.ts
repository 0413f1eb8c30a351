/** A nats-server with its own WebSocket listener and a stream as one of Parley's partitions; close() leaves nothing of it. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiscardPolicy, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { type NatsConnection, wsconnect } from '@nats-io/transport-node';
import { WebSocket } from 'ws';
import { startChild } from '../../../src/adapters/embedded/child-server.ts';
import { natsBinary } from '../../../src/adapters/embedded/nats-binary.ts';
import type { Closers } from '../../kit/closers.ts';
import { repository } from '../../kit/stack.ts';
import { until } from '../../kit/wait.ts';

export type NatsPeer = {
  readonly pid: number;
  /** A connection of the official client over a WebSocket. */
  connect(): Promise<NatsConnection>;
};

const startMs = 20_000;
const endSignals = [
  ['SIGTERM', 10_000],
  ['SIGKILL', 5_000],
] as const;

/** Where agents publish, and where the stream republishes what it has stored. */
export const publishSubject = (conversation: string): string => `conv.0.peer._.${conversation}.message`;
export const storedSubject = (conversation: string): string => `live.peer._.${conversation}.message`;

/** What is opened is given to `closers`. */
export async function openNatsPeer(closers: Closers): Promise<NatsPeer> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-bench-nats-'));
  closers.add(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  const [config, ports] = [join(dir, 'nats.conf'), join(dir, 'ports')];
  await mkdir(ports);
  await writeFile(config, configuration(dir));
  const binary = await natsBinary(process.env['NATS_SERVER'], join(repository, 'deploy/nats-server.sh'));
  const logPath = join(dir, 'nats.log');
  const child = await startChild(binary, ['--config', config, '--ports_file_dir', ports], logPath, {
    env: { PATH: process.env['PATH'] },
  });
  closers.add(() => child.end(endSignals));
  let url: string | undefined;
  await until(
    'nats-server listens for WebSockets',
    async () => {
      if (!child.isRunning()) throw new Error(`nats-server ended:\n${await readFile(logPath, 'utf8')}`);
      url = await webSocketUrl(ports);
      return url !== undefined;
    },
    startMs,
    20,
  );
  const connect = (): Promise<NatsConnection> =>
    wsconnect({
      servers: url!,
      reconnect: false,
      // Node 20 has no WebSocket of its own.
      wsFactory: async (to: string) => ({ socket: new WebSocket(to), encrypted: false }),
    } as Parameters<typeof wsconnect>[0]);
  const connection = await connect();
  await makeStream(connection);
  await connection.close();
  return { pid: child.pid, connect };
}

/** As nats-server.conf where it matters for speed and durability; without accounts, which costs nothing later. */
function configuration(dir: string): string {
  return `listen: "127.0.0.1:-1"
websocket { listen: "127.0.0.1:-1", no_tls: true }
jetstream { store_dir: ${JSON.stringify(dir)}, sync_interval: "2m" }
max_pending: 256MB
write_deadline: "10s"
`;
}

async function webSocketUrl(dir: string): Promise<string | undefined> {
  const [name] = await readdir(dir);
  if (name === undefined) return undefined;
  try {
    const { websocket } = JSON.parse(await readFile(join(dir, name), 'utf8')) as { websocket: string[] };
    return websocket[0];
  } catch {
    return undefined; // half-written
  }
}

/** As a partition of Parley's log. */
async function makeStream(connection: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({
    name: 'CONV_0',
    subjects: ['conv.0.*.*.*.*'],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    num_replicas: 1,
    allow_direct: true,
    allow_atomic: true,
    duplicate_window: 1_000_000_000,
    republish: {
      src: 'conv.0.*.*.*.*',
      dest: 'live.{{wildcard(1)}}.{{wildcard(2)}}.{{wildcard(3)}}.{{wildcard(4)}}',
    },
  });
}
