/** What `parley doctor` asks of NATS: read only, nothing is created. */

import { clockAheadMs } from '../../../domain/time.ts';
import { natsVersionMin } from '../streams/streams.ts';
import { draftStream } from '../subjects.ts';
import type { Nats } from './connection.ts';

export interface NatsFacts {
  readonly version: string;
  readonly versionMin: string;
  readonly isNewEnough: boolean;
  /** False when JetStream is off, or this user may not use it. */
  readonly hasJetStream: boolean;
  /** Names of Parley's streams; empty before the first start. */
  readonly streams: readonly string[];
  /** Of each stream of the log, as they were made; null before the first start. */
  readonly replicas: number | null;
  /** How far the server's clock is ahead of ours, milliseconds; null when no stream tells the time. */
  readonly clockAheadMs: number | null;
  /** The largest message it takes, bytes. */
  readonly payloadBytesMax: number;
}

const answerMsMax = 5_000;

/** Reads the facts over an open connection. What cannot be told is null, empty or false. */
export async function readNatsFacts(nats: Nats): Promise<NatsFacts> {
  const { info } = nats.connection;
  const version = info?.version ?? 'unknown';
  const names = await askJetStream<{ streams?: string[] }>(nats, 'STREAM.NAMES');
  const streams = (names?.streams ?? []).filter((name) => name === draftStream || /^CONV_\d+$/.test(name));
  return {
    version,
    versionMin: natsVersionMin.join('.'),
    isNewEnough: isAtLeast(version, natsVersionMin),
    hasJetStream: (await askJetStream<{ limits?: object }>(nats, 'INFO'))?.limits !== undefined,
    streams: streams.sort(),
    replicas: await replicasOf(nats, streams),
    clockAheadMs: streams[0] === undefined ? null : await clockAhead(nats, streams[0]),
    payloadBytesMax: info?.max_payload ?? 0,
  };
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [haveMajor = 0, haveMinor = 0] = version.split('.').map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

/** The answer carries the server's time. */
async function clockAhead(nats: Nats, stream: string): Promise<number | null> {
  const askedMs = Date.now();
  const answer = await askJetStream<{ ts?: string }>(nats, `STREAM.INFO.${stream}`);
  return answer?.ts === undefined ? null : clockAheadMs(Date.parse(answer.ts), askedMs, Date.now());
}

/** The fewest of all streams of the log: they should have the same, but what is weakest counts. */
async function replicasOf(nats: Nats, streams: readonly string[]): Promise<number | null> {
  let fewest: number | null = null;
  for (const name of streams.filter((stream) => stream !== draftStream)) {
    const answer = await askJetStream<{ config?: { num_replicas: number } }>(nats, `STREAM.INFO.${name}`);
    const replicas = answer?.config?.num_replicas;
    if (replicas !== undefined) fewest = Math.min(fewest ?? replicas, replicas);
  }
  return fewest;
}

/** Asks the API of JetStream something that needs no body; null when it does not answer in time. */
export async function askJetStream<T>(nats: Nats, verb: string): Promise<T | null> {
  const answer = await nats.requester.request(`$JS.API.${verb}`, new Uint8Array(), null, answerMsMax);
  return answer.kind === 'message' ? answer.message.json<T>() : null;
}
