/**
 * `node dist/bench/micro/sync-cost.js [SECONDS]`: what an append costs with sync_interval `2m` and `always`, on one
 * server and on three of this machine (which share its disk: three machines do better), by 1, 16 and 128 conversations
 * with one append in flight each.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsBinary } from '../../src/adapters/embedded/nats-binary.ts';
import { openNatsCluster } from '../../src/adapters/embedded/nats-cluster.ts';
import { openNatsServer } from '../../src/adapters/embedded/nats-server.ts';
import { openNats } from '../../src/adapters/jetstream/connections/connection.ts';
import {
  newNatsCredentials,
  parseNatsCredentials,
  serverVariables,
} from '../../src/adapters/jetstream/door/nats-credentials.ts';
import { openLog } from '../../src/adapters/jetstream/log/jetstream-log.ts';
import { openStreams } from '../../src/adapters/jetstream/streams/streams.ts';
import type { Log } from '../../src/ports/log.ts';
import { Closers } from '../kit/closers.ts';
import { eventJson } from '../kit/figures/event-sample.ts';
import { percentile } from '../kit/figures/samples.ts';
import { repository } from '../kit/stack.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';
import { silentLogger } from './rebuild/silent-logger.ts';

const seconds = Number(process.argv[2] ?? 3);

for (const replicas of [1, 3]) {
  for (const sync of ['2m', 'always']) {
    const closers = new Closers();
    try {
      const log = await openServers(closers, replicas, sync);
      for (const conversations of [1, 16, 128]) {
        await append(log, conversations, 0.5); // warms up
        const { perSec, p50, p99 } = await append(log, conversations, seconds);
        const figures = `${perSec.toFixed(0).padStart(7)} appends/s  p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms`;
        console.log(
          `R${replicas}  ${sync.padEnd(6)}  ${String(conversations).padStart(3)} conversations ${figures}`,
        );
      }
    } finally {
      await closers.closeAll();
    }
  }
}

async function openServers(closers: Closers, replicas: number, sync: string): Promise<Log> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-sync-'));
  closers.add(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const credentials = parseNatsCredentials(newNatsCredentials());
  if (credentials === null) throw new Error('these credentials cannot be read back');
  const binary = await natsBinary(process.env['NATS_SERVER'], join(repository, 'deploy/nats-server.sh'));
  const variables = { ...serverVariables(credentials), PARLEY_NATS_SYNC: sync };
  const common = { binary, dataDir, variables };
  const servers =
    replicas === 1
      ? await openNatsServer({ ...common, configPath: join(repository, 'nats-server.conf'), port: 0 })
      : await openNatsCluster({ ...common, configPath: join(repository, 'deploy/nats-cluster.conf') });
  closers.add(() => servers.close());
  const url = servers.url
    .split(',')
    .map((one) => one.replace('://', `://core:${credentials.passwords.core}@`))
    .join(',');
  const nats = await openNats({ url, name: 'sync cost', log: silentLogger });
  closers.add(() => nats.close());
  const streams = await openStreams(nats.connection, { partitions: 4, replicas }, silentLogger);
  return openLog(nats.requester, streams, 'bench');
}

async function append(log: Log, conversations: number, forSec: number) {
  const began = performance.now();
  const tookMs: number[] = [];
  async function converse(): Promise<void> {
    const ref = { tenant: 'bench', service: null, conversation: uuidV7() };
    let last = 0;
    for (let position = 1; performance.now() - began < forSec * 1_000; position += 1) {
      const beganMs = performance.now();
      const event = JSON.parse(eventJson(position));
      const entry = {
        event,
        logSeq: 0,
        node: 'bench',
        dataClass: 'none',
        policyRef: null,
        erased: [],
      } as const;
      const result = await log.append(ref, last, [entry]);
      if (result.kind !== 'stored') throw new Error(`an append was not stored: ${result.kind}`);
      last = result.firstLogSeq;
      tookMs.push(performance.now() - beganMs);
    }
  }
  await Promise.all(Array.from({ length: conversations }, converse));
  const perSec = (tookMs.length * 1_000) / (performance.now() - began);
  return { perSec, p50: percentile(tookMs, 0.5), p99: percentile(tookMs, 0.99) };
}
