import t from 'tap';
import type { ReplicaState, StreamState } from '../../../../src/adapters/jetstream/streams/stream-states.ts';
import { clusterFindings } from '../../../../src/cli/upkeep/doctor/cluster-finding.ts';

const servers = ['nats-1', 'nats-2', 'nats-3'];

/** A stream with all its replicas, but for what `odd` says of a server. */
function stream(
  name: string,
  leader: string | null,
  odd: Readonly<Record<string, Partial<ReplicaState>>> = {},
): StreamState {
  const followers = servers
    .filter((server) => server !== leader)
    .map((server) => ({ server, isCurrent: true, isOffline: false, lag: 0, ...odd[server] }));
  return { name, isLog: name.startsWith('CONV_'), replicas: 3, leader, followers };
}

t.test('leaders that are spread are told, and nothing is advised', async (t) => {
  const streams = [
    stream('CONV_0', 'nats-1'),
    stream('CONV_1', 'nats-3'),
    stream('CONV_2', 'nats-1'),
    stream('DRAFTS', 'nats-2'),
  ];
  t.strictSame(clusterFindings(streams), [
    { check: 'nats cluster', status: 'ok', found: 'leaders of the log: nats-1 2, nats-3 1' },
  ]);
});

t.test('a stream without a leader is broken', async (t) => {
  const [finding] = clusterFindings([stream('CONV_0', 'nats-1'), stream('CONV_1', null)]);
  t.match(finding, { status: 'fail', found: /no leader: CONV_1;/, remedy: /more than half/ });
});

t.test('a replica that is away, behind or was never made is named', async (t) => {
  const found = (one: StreamState): unknown => clusterFindings([one, stream('CONV_9', 'nats-2')])[0];
  const away = stream('CONV_0', 'nats-1', { 'nats-3': { isCurrent: false, isOffline: true } });
  t.match(found(away), { status: 'warn', found: /CONV_0: nats-3 is offline$/, remedy: /start the server/ });
  const behind = stream('CONV_0', 'nats-1', { 'nats-2': { isCurrent: false, lag: 120 } });
  t.match(found(behind), { status: 'warn', found: /CONV_0: nats-2 is behind by 120$/ });
  const whole = stream('CONV_0', 'nats-1');
  t.match(found({ ...whole, followers: whole.followers.slice(1) }), {
    found: /CONV_0 lacks 1 of 3 replicas/,
  });
});

t.test('one server for everything, and one replica for each, are advised against', async (t) => {
  const together = [stream('CONV_0', 'nats-1'), stream('CONV_1', 'nats-1')];
  t.match(clusterFindings(together)[0], {
    status: 'warn',
    found: /one server does the work/,
    remedy: /step-down/,
  });
  const single = { ...stream('CONV_0', 'nats-1'), replicas: 1, followers: [] };
  t.match(clusterFindings([single])[0], { status: 'warn', remedy: /PARLEY_REPLICAS=3/ });
});

t.test('of a server alone there is nothing to tell', async (t) => {
  t.strictSame(clusterFindings(null), []);
});
