/** Of a cluster of nats-servers: who leads what, and which replica is missing or behind. */
import type { StreamState } from '../../../adapters/jetstream/streams/stream-states.ts';
import type { Finding } from './finding.ts';

const check = 'nats cluster';
/** What is named in one line; the same server is usually the reason of all. */
const namedMax = 4;

/** `streams`: null when the server is none of a cluster, which is nothing to be told. */
export function clusterFindings(streams: readonly StreamState[] | null): readonly Finding[] {
  if (streams === null || streams.length === 0) return [];
  const leaderless = streams.filter(({ leader }) => leader === null).map(({ name }) => name);
  if (leaderless.length > 0) {
    const found = `no leader: ${some(leaderless)}; nothing can be written there`;
    const remedy = 'start the servers that are missing: more than half of the replicas must run';
    return [{ check, status: 'fail', found, remedy }];
  }
  const spread: Finding = { check, status: 'ok', found: `leaders of the log: ${leadersOf(streams)}` };
  const gone = lacking(streams);
  if (gone.length > 0) {
    const remedy =
      'start the server, or wait until it has caught up: until then one more that fails may stop writes';
    return [{ ...spread, status: 'warn', found: `${spread.found}; ${some(gone)}`, remedy }];
  }
  return [advised(spread, streams)];
}

/** What is well today, and will not be when a server fails or the load grows. */
function advised(spread: Finding, streams: readonly StreamState[]): Finding {
  const log = streams.filter(({ isLog }) => isLog);
  if (log.some(({ replicas }) => replicas < 3)) {
    const remedy =
      'PARLEY_REPLICAS=3 before the first boot, or `nats stream edit STREAM --replicas 3` for each';
    return {
      ...spread,
      status: 'warn',
      found: `${spread.found}; one replica: a server takes its part along`,
      remedy,
    };
  }
  const leaders = new Set(log.map(({ leader }) => leader));
  if (log.length > 1 && leaders.size === 1) {
    const remedy =
      '`nats stream cluster step-down STREAM` gives one to another server; appends wait a moment';
    return { ...spread, status: 'warn', found: `${spread.found}: one server does the work of all`, remedy };
  }
  return spread;
}

function lacking(streams: readonly StreamState[]): string[] {
  return streams.flatMap(({ name, replicas, followers }) => {
    const missing = replicas - 1 - followers.length;
    return [
      ...(missing > 0 ? [`${name} lacks ${missing} of ${replicas} replicas`] : []),
      ...followers.filter((one) => one.isOffline).map(({ server }) => `${name}: ${server} is offline`),
      ...followers
        .filter((one) => !one.isOffline && !one.isCurrent)
        .map(({ server, lag }) => `${name}: ${server} is behind${lag > 0 ? ` by ${lag}` : ''}`),
    ];
  });
}

/** `nats-1 2, nats-3 2`. */
function leadersOf(streams: readonly StreamState[]): string {
  const counts = new Map<string, number>();
  for (const { leader, isLog } of streams)
    if (isLog && leader !== null) counts.set(leader, (counts.get(leader) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([server, count]) => `${server} ${count}`)
    .join(', ');
}

function some(all: readonly string[]): string {
  const rest = all.length - namedMax;
  return rest > 0 ? `${all.slice(0, namedMax).join(', ')} and ${rest} more` : all.join(', ');
}
