/** The checker of the chaos programs finds what it is there to find. */
import t from 'tap';
import type { Ack, Seen } from '../kit/chaos/proofs/events.ts';
import {
  brokenAcks,
  brokenNumbers,
  brokenProjection,
  brokenSenderOrder,
  brokenView,
  type Log,
} from '../kit/chaos/proofs/proof.ts';

const post = (position: number, number: number, sender = 'sender 0'): Seen => ({
  id: `event ${sender} ${number}`,
  position,
  seq: position,
  type: 'message.posted',
  actor: sender,
  clientId: `client ${sender} ${number}`,
  content: `${sender} ${number}`,
});
const ackOf = ({ position, seq, clientId }: Seen, number: number): Ack => ({
  ...{ sender: 'sender 0', number, position, conversation: 'c', clientId: clientId ?? '', seq: seq ?? 0 },
});
const logOf = (...events: readonly Seen[]): Log => new Map([['c', events]]);
const events = [post(1, 0), post(2, 1), post(3, 2)] as const;
const [first, second, third] = events;
const acks = events.map(ackOf);

t.test('a whole log breaks nothing', async (t) => {
  const log = logOf(...events);
  t.same(brokenNumbers(log), []);
  t.same(brokenAcks(log, acks), []);
  t.same(brokenSenderOrder(log), []);
  t.same(brokenView(log, 'reader', log, true), []);
});

t.test('a gap, a repetition and a seq that is left out are found', async (t) => {
  t.match(brokenNumbers(logOf(first, third)), ['c: position 3 is the 2. event', 'c: seq 3 after 1']);
  t.match(brokenNumbers(logOf(first, { ...first, position: 2, seq: 2 })), [/is there twice/]);
});

t.test('a lost, a doubled, a moved and an altered post are found', async (t) => {
  t.same(brokenAcks(logOf(first, second), acks), ['sender 0 2 was acknowledged and is lost']);
  t.match(brokenAcks(logOf(...events, { ...third, position: 4 }), acks), [
    /is there twice/,
    /acknowledged at 3/,
  ]);
  t.match(brokenAcks(logOf(first, second, { ...third, content: 'other' }), acks), [/acknowledged at 3/]);
  t.same(brokenAcks(logOf(...events, post(4, 3)), acks), ['sender 0 3 is there, and nobody was told']);
});

t.test('a sender whose second post stands before its first is found', async (t) => {
  t.match(brokenSenderOrder(logOf(post(1, 1), post(2, 0))), [/sender 0 0 after sender 0 1/]);
  t.same(brokenSenderOrder(logOf(post(1, 1), post(2, 0, 'sender 1'))), []);
});

t.test('a reader that saw another order, or not all, is found', async (t) => {
  const log = logOf(...events);
  t.match(brokenView(log, 'reader', logOf({ ...second, position: 1 }), false), [/another event there/]);
  t.match(brokenView(log, 'reader', logOf(first), true), [/1 of 3/]);
  t.same(brokenView(log, 'reader', logOf(first), false), []);
});

t.test('a projection that lacks, alters or invents a row is found', async (t) => {
  const log = logOf(...events);
  const heads = [{ conversation: 'c', position: 3, seq: 3 }];
  const rows = events.map(({ id, position, seq, clientId, content }) => ({
    ...{ conversation: 'c', eventId: id, position, seq: seq ?? 0, clientId, content: content ?? '' },
  }));
  t.same(brokenProjection(log, heads, rows), []);
  t.match(brokenProjection(log, heads, rows.slice(1)), [/projected is undefined/]);
  t.match(brokenProjection(logOf(first, second), [{ conversation: 'c', position: 2, seq: 2 }], rows), [
    /not in the log/,
  ]);
  t.match(brokenProjection(log, [{ conversation: 'c', position: 2, seq: 2 }], rows), [/ends at/]);
  t.match(brokenProjection(log, heads, [...rows.slice(0, 2), { ...rows[2]!, content: 'other' }]), [/other/]);
});
