import fc from 'fast-check';
import t from 'tap';
import { inboxesOf, isReplyIn } from '../../../../src/adapters/jetstream/door/inboxes.ts';

const tenants = ['01a1f91d-dcb9-77fb-bf7b-b78017662d06', '01a1f91d-dcb9-77fb-bf7b-b78017662d07', 'acme'];

t.test('an id with a colon may be written as it is, or encoded', (t) => {
  const inboxes = inboxesOf('acme', 'assistant:x', true);
  t.ok(isReplyIn(inboxes, '_INBOX_assistant:x.1'));
  t.ok(isReplyIn(inboxes, '_INBOX_YXNzaXN0YW50Ong.1'));
  t.notOk(isReplyIn(inboxes, '_INBOX_assistant:xy.1'));
  t.notOk(isReplyIn(inboxesOf('acme', 'assistant:x', false), '_INBOX_assistant:x.1'));
  t.end();
});

t.test('an id that is no single token of a subject is only encoded', (t) => {
  for (const id of ['a.b', 'a*', '>', 'a b', 'ü', 'a\u0000']) {
    const inboxes = inboxesOf('acme', id, true);
    t.notOk(isReplyIn(inboxes, `_INBOX_${id}.1`), JSON.stringify(id));
    t.ok(inboxes.every((inbox) => /^_INBOX_[\w-]+$/.test(inbox)));
  }
  t.end();
});

t.test('no two principals that own their ids share an inbox', (t) => {
  const who = fc.tuple(
    fc.constantFrom(...tenants),
    fc.oneof(
      fc.string({ minLength: 1, maxLength: 12 }),
      fc.constantFrom(
        'x',
        'assistant:x',
        'YXNzaXN0YW50Ong',
        `${tenants[0]}_x`,
        `${tenants[0]}_a:b`,
        't-61_x',
      ),
    ),
  );
  fc.assert(
    fc.property(who, who, ([tenant, id], [other, otherId]) => {
      // An id that two tenants have is owned by one of them.
      fc.pre(tenant !== other || id !== otherId);
      const mine = inboxesOf(tenant, id, true);
      const theirs = inboxesOf(other, otherId, id !== otherId);
      return mine.every((inbox) => !theirs.includes(inbox));
    }),
    { numRuns: 2_000 },
  );
  t.pass('none of 2,000 pairs');
  t.end();
});
