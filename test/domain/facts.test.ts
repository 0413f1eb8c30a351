import t from 'tap';
import { factsNeeded } from '../../src/domain/facts.ts';
import { IdempotencyWindow } from '../../src/domain/idempotency-window.ts';
import { limits } from '../../src/domain/limits.ts';
import { control, post } from '../kit/memory/memory-commands.ts';
import { startMicros } from '../kit/memory/memory-conversation.ts';
import { harbour } from '../kit/memory/memory-harbour.ts';

const hourMs = 3_600_000;
const noNames = { message: null, earlierByClient: null, earlierByMessage: null, draftOf: null };
const nothing = { ...noNames, drafts: false, spareIds: 0 };

/** A UUIDv7 made `ms` after the start. */
function uuidAt(ms: number): string {
  const hex = (startMicros / 1000 + ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000001`;
}

/** A state whose window reaches back to the start and no further. */
function turnedOver() {
  const window = new IdempotencyWindow(false);
  const { state } = harbour();
  const oldest = { seq: 1, eventId: 'e', messageId: 'm', sender: 'cleo', clientId: 'known', hash: 1 };
  window.add({ ...oldest, position: 1, at: startMicros, interrupted: false });
  return { ...state, window };
}

t.test('an ordinary post needs no facts', async (t) => {
  t.same(factsNeeded(turnedOver(), post('hi'), 'cleo', startMicros), nothing);
});

t.test('a window that is whole answers for every id', async (t) => {
  const { state } = harbour();
  const messageId = uuidAt(-hourMs);
  t.same(factsNeeded(state, post('hi', { clientId: 'x' }), 'cleo', startMicros), nothing);
  const needed = factsNeeded(state, post('hi', { messageId }), 'cleo', startMicros);
  t.same(needed, { ...nothing, draftOf: messageId }, 'only a draft may have it');
});

t.test('an id that the window knows is not looked up', async (t) => {
  t.same(factsNeeded(turnedOver(), post('hi', { clientId: 'known' }), 'cleo', startMicros), nothing);
  t.same(factsNeeded(turnedOver(), post('hi', { messageId: 'm' }), 'cleo', startMicros), nothing);
});

t.test('a UUIDv7 is looked up only when it is older than the window', async (t) => {
  const now = startMicros + hourMs * 1000;
  const needed = (madeMs: number) =>
    factsNeeded(turnedOver(), post('hi', { clientId: uuidAt(madeMs) }), 'cleo', now);
  t.same(needed(30 * 60_000), nothing);
  t.equal(needed(-1).earlierByClient, uuidAt(-1));
  t.equal(needed(30_000).earlierByClient, uuidAt(30_000), 'within a minute clocks may disagree');
});

t.test('a UUIDv7 that claims to be of the future proves nothing', async (t) => {
  const id = uuidAt(5 * hourMs);
  t.equal(factsNeeded(turnedOver(), post('hi', { clientId: id }), 'cleo', startMicros).earlierByClient, id);
  t.equal(factsNeeded(turnedOver(), post('hi', { messageId: id }), 'cleo', startMicros).earlierByMessage, id);
});

t.test(
  'an opaque client id is looked up while the window is younger than a day, and a day more for clocks that are set',
  async (t) => {
    const needed = (now: number) => factsNeeded(turnedOver(), post('hi', { clientId: 'x' }), 'cleo', now);
    t.equal(needed(startMicros + hourMs * 1000).earlierByClient, 'x');
    t.match(needed(startMicros + limits.idempotencyKeptMs * 1000), { earlierByClient: String });
    t.same(needed(startMicros + 2 * limits.idempotencyKeptMs * 1000), nothing);
  },
);

t.test('an opaque message id is looked up however old the window is', async (t) => {
  const command = post('hi', { messageId: '5b0e6a2e-0000-4000-8000-000000000001' });
  const later = startMicros + 30 * 24 * hourMs * 1000;
  t.equal(factsNeeded(turnedOver(), command, 'cleo', later).earlierByMessage, command.messageId);
});

t.test('an empty window that is not whole knows nothing', async (t) => {
  const state = { ...turnedOver(), window: new IdempotencyWindow(false) };
  const command = post('hi', { clientId: uuidAt(0), messageId: uuidAt(0) });
  t.match(factsNeeded(state, command, 'cleo', startMicros), {
    earlierByClient: uuidAt(0),
    earlierByMessage: uuidAt(0),
  });
});

t.test('each command asks for what its rule looks at', async (t) => {
  const { state } = harbour();
  const of = (command: Parameters<typeof factsNeeded>[1]) => factsNeeded(state, command, 'nova', startMicros);
  t.same(of(post('hi', { replyTo: 'm9' })), { ...nothing, message: 'm9' });
  t.same(of(post('hi', { mayJoin: true })), { ...nothing, spareIds: 1 });
  t.same(of(post('hi', { mayJoin: 'anyone' })), { ...nothing, spareIds: 1 });
  t.same(of({ op: 'delete', message: 'm9' }), { ...nothing, message: 'm9' });
  t.same(of({ op: 'edit', message: 'm9', content: '', metadata: null }), { ...nothing, message: 'm9' });
  t.same(of({ op: 'react', message: 'm9', emoji: 'x' }), { ...nothing, message: 'm9' });
  t.same(of(control('stream.preempt')), { ...nothing, drafts: true });
  t.same(of(control('stream.cancel')), { ...nothing, drafts: true });
  t.same(of(control('stream.pause')), nothing);
  t.same(of({ op: 'join' }), nothing);
});
