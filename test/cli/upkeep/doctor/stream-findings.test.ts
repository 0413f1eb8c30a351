import t from 'tap';
import type { StreamCheck } from '../../../../src/adapters/jetstream/streams/stream-checks.ts';
import {
  fullnessFinding,
  projectionFinding,
  streamFindings,
} from '../../../../src/cli/upkeep/doctor/stream-findings.ts';

const stream = (name: string, odd: Partial<StreamCheck> = {}): StreamCheck => ({
  ...{ name, isThere: true, replicas: 3, differences: [], bytes: 0, messages: 0, bytesMax: null },
  messagesMax: null,
  ...odd,
});
const both = [stream('CONV_0'), stream('CONV_1'), stream('DRAFTS')];
const wanted = { partitions: 2, replicas: 3 };

t.test('streams as they should be are told, and nothing is advised', async (t) => {
  t.match(streamFindings(both, wanted), [
    { check: 'streams', status: 'ok', found: '3: CONV_0 CONV_1 DRAFTS' },
    { check: 'stream configuration', status: 'ok' },
    { check: 'partitions', status: 'ok', found: '2, R3' },
  ]);
  t.match(streamFindings([], wanted), [{ status: 'warn', found: 'none' }]);
});

t.test('a stream that is gone fails; what differs fails where events would be lost', async (t) => {
  t.match(streamFindings([stream('CONV_0', { isThere: false }), stream('CONV_1')], wanted), [
    { check: 'streams', status: 'fail', found: 'not there: CONV_0' },
  ]);
  const odd = (isGrave: boolean) =>
    streamFindings(
      [
        stream('CONV_0', { differences: [{ field: 'x', words: 'x is 1, not 0', isGrave }] }),
        stream('CONV_1'),
      ],
      wanted,
    )[1];
  t.match(odd(true), { status: 'fail', found: 'CONV_0: x is 1, not 0' });
  t.match(odd(false), { status: 'warn' });
});

t.test('other numbers than the environment of a node says are warned of', async (t) => {
  t.match(streamFindings(both, null)[2], { status: 'ok', found: '2, R3' });
  t.match(streamFindings(both, { partitions: 4, replicas: 1 })[2], {
    status: 'warn',
    found: '2, R3; the environment says 4, R1',
  });
  t.match(streamFindings([...both, stream('AGENTS', { replicas: 1 })], wanted)[2], {
    status: 'warn',
    found: /streams differ/,
  });
});

t.test('of all bounds the one that is nearest counts', async (t) => {
  const account = {
    ...{ storageBytes: 10e9, storageBytesMax: 100e9, memoryBytes: 0, memoryBytesMax: null },
  };
  const of = (used: number) =>
    fullnessFinding([stream('CONV_0', { bytes: 5e9 })], account, [
      { server: 'nats-1', storageBytes: used, storageBytesMax: 10e9 },
    ])[0];
  t.match(of(1e9), { status: 'ok', found: /^5\.0 GB in all streams; fullest: .*10 %/ });
  t.match(of(8.5e9), { status: 'warn', found: /disk of nats-1, 85 % \(8\.5 GB of 10\.0 GB\)/ });
  t.match(of(9.9e9), { status: 'fail', remedy: /refuses posts/ });
  const queue = stream('AGENTS', { messages: 90, messagesMax: 100 });
  t.match(fullnessFinding([queue], null, [])[0], { status: 'warn', found: /90 of 100 messages/ });
});

t.test('a projection that is behind, that nobody works on, or that is not told of', async (t) => {
  const of = (behind: number | null, isWorkedOn: boolean) =>
    projectionFinding([{ partition: 0, behind, isWorkedOn }])[0];
  t.match(of(12, true), { status: 'ok', found: '12 events behind the logs' });
  t.match(of(1_001, true), { status: 'warn', remedy: /does it fall/ });
  t.match(of(1, false), { status: 'warn', found: /nobody works on partition 0/ });
  t.match(of(0, false), { status: 'ok' }, 'before the first node starts there is nothing to do');
  t.match(of(null, false), { status: 'warn', found: 'nothing is told of partition 0' });
  t.strictSame(projectionFinding([]), []);
});
