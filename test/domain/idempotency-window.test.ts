import fc from 'fast-check';
import t from 'tap';
import { hashContent, IdempotencyWindow, type PostedEntry } from '../../src/domain/idempotency-window.ts';
import { limits } from '../../src/domain/limits.ts';

function entry(position: number, fields: Partial<PostedEntry> = {}): PostedEntry {
  return {
    position,
    seq: position,
    at: position,
    eventId: `e${position}`,
    messageId: `m${position}`,
    sender: 'ada',
    clientId: `c${position}`,
    hash: 1,
    interrupted: false,
    ...fields,
  };
}

t.test('an entry is found by sender and client id, and by message id', async (t) => {
  const window = new IdempotencyWindow(true);
  window.add(entry(1));
  t.equal(window.byClientId('ada', 'c1', 1)?.position, 1);
  t.equal(window.byMessageId('m1', 1)?.position, 1);
  t.equal(window.byClientId('ben', 'c1', 1), null);
  t.equal(window.byClientId('ada', 'c2', 1), null);
});

t.test('a state does not see what lies after it', async (t) => {
  const window = new IdempotencyWindow(true);
  window.add(entry(4));
  t.equal(window.byClientId('ada', 'c4', 3), null);
  t.equal(window.byMessageId('m4', 3), null);
});

t.test('what a failed attempt left is dropped when something else takes its place', async (t) => {
  const window = new IdempotencyWindow(true);
  window.add(entry(1));
  window.add(entry(2));
  window.add(entry(3));
  window.add(entry(2, { messageId: 'other', clientId: 'other' }));
  t.equal(window.size, 2);
  t.equal(window.byMessageId('m2', 9), null);
  t.equal(window.byMessageId('m3', 9), null);
  window.forgetAfter(1);
  t.equal(window.byMessageId('other', 9), null);
  t.equal(window.byMessageId('m1', 9)?.position, 1);
});

t.test('the newest 4,096 are kept, and then it is not whole any more', async (t) => {
  const window = new IdempotencyWindow(true);
  const max = limits.idempotencyWindowMax;
  for (let position = 1; position <= max; position += 1) window.add(entry(position));
  t.equal(window.isWhole, true);
  for (let position = max + 1; position <= 3 * max; position += 1) window.add(entry(position));
  t.equal(window.isWhole, false);
  t.equal(window.size, max);
  t.equal(window.oldest?.position, 2 * max + 1);
  t.equal(window.byMessageId(`m${2 * max}`, 9e9), null);
  t.equal(window.byMessageId(`m${2 * max + 1}`, 9e9)?.position, 2 * max + 1);
});

t.test('older entries go in front, as many as fit, and do not hide newer ones', async (t) => {
  const window = new IdempotencyWindow(false);
  window.add(entry(5));
  window.prepend([entry(2), entry(3), entry(5, { eventId: 'stale' })], true);
  t.equal(window.size, 3);
  t.equal(window.oldest?.position, 2);
  t.equal(window.byMessageId('m5', 9)?.eventId, 'e5');
  t.equal(window.isWhole, true);
  window.prepend(
    Array.from({ length: limits.idempotencyWindowMax }, (_, i) => entry(i - 9_000)),
    true,
  );
  t.equal(window.size, limits.idempotencyWindowMax);
  t.equal(window.isWhole, false);
  t.equal(window.byMessageId('m5', 9)?.position, 5);
  window.add(entry(6));
  t.equal(window.size, limits.idempotencyWindowMax);
});

t.test('an erased message is put where it was, once, unless it lies before the window', async (t) => {
  const window = new IdempotencyWindow(false);
  window.add(entry(3));
  window.add(entry(7));
  window.addErased(entry(5, { hash: null }));
  window.addErased(entry(5, { hash: null, eventId: 'again' }));
  window.addErased(entry(1, { hash: null }));
  t.equal(window.size, 3);
  t.equal(window.byMessageId('m5', 7)?.eventId, 'e5');
  t.equal(window.byMessageId('m1', 7), null);
  window.forgetAfter(4);
  t.equal(window.byMessageId('m5', 7), null);
  t.equal(window.byMessageId('m3', 7)?.position, 3);
});

t.test('a window behaves like a list of everything that was added and not dropped', async () => {
  const steps = fc.array(
    fc.record({ back: fc.integer({ min: 0, max: 3 }), client: fc.integer({ min: 0, max: 4 }) }),
  );
  fc.assert(
    fc.property(steps, (list) => {
      const window = new IdempotencyWindow(true);
      let model: PostedEntry[] = [];
      let head = 0;
      for (const { back, client } of list) {
        head = Math.max(0, head - back) + 1;
        model = model.filter((one) => one.position < head);
        const isFree = !model.some((one) => one.clientId === `c${client}`);
        const added = entry(head, {
          clientId: isFree ? `c${client}` : null,
          messageId: `m${head}-${client}`,
        });
        model.push(added);
        window.add(added);
      }
      return model.every(
        (one) =>
          window.byMessageId(one.messageId, head)?.position === one.position &&
          (one.clientId === null || window.byClientId('ada', one.clientId, head)?.position === one.position),
      );
    }),
  );
});

t.test('the hash tells contents apart, also where their parts run together', async (t) => {
  t.not(hashContent(['ab', 'c']), hashContent(['a', 'bc']));
  t.not(hashContent(['', 'a']), hashContent(['a', '']));
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => a === b || hashContent([a]) !== hashContent([b])),
    { numRuns: 2_000 },
  );
});

t.test('a fork sees everything of its base, and nothing that it takes reaches the base', async (t) => {
  const base = new IdempotencyWindow(true);
  base.add(entry(1));
  const fork = base.fork();
  fork.add(entry(2));
  base.add(entry(2, { messageId: 'stored', clientId: 'stored' }));
  t.equal(fork.byMessageId('m1', 2)?.position, 1);
  t.equal(fork.byClientId('ada', 'c2', 2)?.position, 2);
  t.equal(fork.oldest?.position, 1);
  t.equal(base.byMessageId('m2', 9), null);
  fork.forgetAfter(1);
  t.equal(fork.byMessageId('m2', 9), null);
  t.equal(base.byMessageId('stored', 9)?.position, 2);
});
