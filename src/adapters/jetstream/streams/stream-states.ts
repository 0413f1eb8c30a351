/** Where Parley's streams lie in a cluster of nats-servers: read only, for `parley doctor`. */
import type { Nats } from '../connections/connection.ts';
import { askJetStream } from '../connections/server-facts.ts';
import { agentStream, draftStream } from '../subjects.ts';

export interface StreamState {
  readonly name: string;
  /** False for the streams that hold no log: they live a short time. */
  readonly isLog: boolean;
  /** How many it should have. */
  readonly replicas: number;
  /** Name of the server that takes its events; null while there is none. */
  readonly leader: string | null;
  readonly followers: readonly ReplicaState[];
}

export interface ReplicaState {
  readonly server: string;
  /** Has, or is about to have, what the leader has. */
  readonly isCurrent: boolean;
  readonly isOffline: boolean;
  /** Events that it lacks, as far as the leader knows. */
  readonly lag: number;
}

interface Info {
  readonly config?: { readonly num_replicas: number };
  readonly cluster?: {
    readonly leader?: string;
    readonly replicas?: readonly {
      readonly name: string;
      readonly current: boolean;
      readonly offline?: boolean;
      readonly lag?: number;
    }[];
  };
}

/** Null when the server is none of a cluster. A stream that nobody answers for has no leader. */
export async function readStreamStates(nats: Nats): Promise<readonly StreamState[] | null> {
  if ((nats.connection.info?.cluster ?? '') === '') return null;
  const { streams = [] } = (await askJetStream<{ streams?: string[] }>(nats, 'STREAM.NAMES')) ?? {};
  const isLog = (name: string): boolean => /^CONV_\d+$/.test(name);
  const ours = streams.filter((name) => isLog(name) || name === draftStream || name === agentStream).sort();
  return Promise.all(
    ours.map(async (name) => {
      const { config, cluster } = (await askJetStream<Info>(nats, `STREAM.INFO.${name}`)) ?? {};
      const followers = (cluster?.replicas ?? []).map((replica) => ({
        server: replica.name,
        isCurrent: replica.current,
        isOffline: replica.offline === true,
        lag: replica.lag ?? 0,
      }));
      const leader = cluster?.leader || null;
      return { name, isLog: isLog(name), replicas: config?.num_replicas ?? 1, leader, followers };
    }),
  );
}
