/** What every implementation of the Log port must do. Takes a factory; adapters run it over real servers. */
import type { Test } from 'tap';
import { Problem } from '../../src/domain/problem.ts';
import type { Log } from '../../src/ports/log.ts';
import { freshRef, messageEntry } from '../kit/log-entries.ts';

function unwrap<T>(value: T | Problem): T {
  if (value instanceof Problem) throw new Error(value.message);
  return value;
}

export function logContract(t: Test, open: () => Log): void {
  t.test(
    'an append on the right expectation is stored, and its sequence is the next expectation',
    async (t) => {
      const [log, ref] = [open(), freshRef()];
      const first = await log.append(ref, 0, [messageEntry(ref, 1)]);
      if (first.kind !== 'stored') throw new Error(first.kind);
      const second = await log.append(ref, first.firstLogSeq, [messageEntry(ref, 2)]);
      t.equal(second.kind, 'stored');
    },
  );

  t.test('an append on an old expectation is a conflict and stores nothing', async (t) => {
    const [log, ref] = [open(), freshRef()];
    await log.append(ref, 0, [messageEntry(ref, 1)]);
    t.same(await log.append(ref, 0, [messageEntry(ref, 1, 'late')]), { kind: 'conflict' });
    const page = unwrap(await log.readAfter(ref, 0, 10));
    t.equal(page.entries.length, 1);
  });

  t.test('the expectation covers every kind of event of the conversation', async (t) => {
    const [log, ref] = [open(), freshRef()];
    const entry = messageEntry(ref, 1);
    const control = {
      ...entry,
      event: { ...entry.event, type: 'control' as const },
    } as unknown as typeof entry;
    await log.append(ref, 0, [control]);
    t.same(await log.append(ref, 0, [messageEntry(ref, 1)]), { kind: 'conflict' });
  });

  t.test('of many appends that race on one expectation exactly one is stored', async (t) => {
    const [log, ref] = [open(), freshRef()];
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => log.append(ref, 0, [messageEntry(ref, 1, `racer ${index}`)])),
    );
    t.equal(results.filter((one) => one.kind === 'stored').length, 1);
    t.equal(results.filter((one) => one.kind === 'conflict').length, 19);
  });

  t.test('several entries are stored together, in order and without a gap', async (t) => {
    const [log, ref] = [open(), freshRef()];
    const entries = Array.from({ length: 100 }, (_, index) => messageEntry(ref, index + 1));
    const result = await log.append(ref, 0, entries);
    if (result.kind !== 'stored') throw new Error(result.kind);
    const page = unwrap(await log.readAfter(ref, 0, 500));
    t.same(
      page.entries.map((entry) => [entry.logSeq, entry.event.position]),
      entries.map((entry, index) => [result.firstLogSeq + index, entry.event.position]),
    );
  });

  t.test('a batch on an old expectation stores none of its entries', async (t) => {
    const [log, ref] = [open(), freshRef()];
    await log.append(ref, 0, [messageEntry(ref, 1)]);
    const result = await log.append(ref, 0, [
      messageEntry(ref, 1),
      messageEntry(ref, 2),
      messageEntry(ref, 3),
    ]);
    t.same(result, { kind: 'conflict' });
    t.equal(unwrap(await log.readAfter(ref, 0, 10)).entries.length, 1);
  });

  t.test('an entry comes back with everything that was recorded beside its event', async (t) => {
    const log = open();
    const ref = freshRef('billing/eu west');
    const entry = {
      ...messageEntry(ref, 1, 'Grüße, 世界 🌍'),
      dataClass: 'phi' as const,
      policyRef: 'policy: 7\r\nNats-Rollup: all',
      erased: [
        {
          position: 3,
          seq: 2,
          id: 'a',
          type: 'message.edited' as const,
          at: '2026-01-01T00:00:00.000001Z',
          actor: { id: 'assistant:x', kind: 'agent' as const },
          messageId: 'm',
          logSeq: 12,
        },
      ],
    };
    const result = await log.append(ref, 0, [entry]);
    if (result.kind !== 'stored') throw new Error(result.kind);
    const page = unwrap(await log.readAfter(ref, 0, 10));
    t.same(page.entries, [{ ...entry, node: entry.node, logSeq: result.firstLogSeq }]);
  });

  t.test('the head is the last sequence of this conversation alone, and 0 when it has none', async (t) => {
    const [log, ref, other] = [open(), freshRef(), freshRef()];
    t.equal(await log.head(ref), 0);
    const result = await log.append(ref, 0, [messageEntry(ref, 1)]);
    await log.append(other, 0, [messageEntry(other, 1)]);
    t.equal(await log.head(ref), result.kind === 'stored' ? result.firstLogSeq : -1);
  });

  t.test('heads of many conversations come in the order asked for', async (t) => {
    const log = open();
    const refs = Array.from({ length: 150 }, () => freshRef());
    const expected: number[] = [];
    for (const [index, ref] of refs.entries()) {
      if (index % 3 === 0) {
        expected.push(0);
        continue;
      }
      const result = await log.append(
        ref,
        0,
        [messageEntry(ref, 1), messageEntry(ref, 2)].slice(0, index % 3),
      );
      expected.push(result.kind === 'stored' ? result.firstLogSeq + (index % 3) - 1 : -1);
    }
    t.same(await log.heads(refs), expected);
  });

  t.test('a page ends at its limit and says that there is more', async (t) => {
    const [log, ref] = [open(), freshRef()];
    await log.append(
      ref,
      0,
      Array.from({ length: 7 }, (_, index) => messageEntry(ref, index + 1)),
    );
    const first = unwrap(await log.readAfter(ref, 0, 3));
    t.same([first.entries.length, first.isLast], [3, false]);
    const rest = unwrap(await log.readAfter(ref, first.entries.at(-1)?.logSeq ?? 0, 10));
    t.same([rest.entries.length, rest.isLast], [4, true]);
    const none = unwrap(await log.readAfter(ref, rest.entries.at(-1)?.logSeq ?? 0, 10));
    t.same([none.entries.length, none.isLast], [0, true]);
  });

  t.test('a conversation is found by its id alone, with its service as it was given', async (t) => {
    const log = open();
    for (const service of [null, 'billing', 'billing/eu west', 'YS9i']) {
      const ref = freshRef(service);
      t.equal(await log.find(ref.tenant, ref.conversation), null);
      await log.append(ref, 0, [messageEntry(ref, 1)]);
      t.same(await log.find(ref.tenant, ref.conversation), ref);
    }
  });

  t.test('erased entries are gone, once or twice, and leave the others', async (t) => {
    const [log, ref] = [open(), freshRef()];
    const result = await log.append(
      ref,
      0,
      [1, 2, 3].map((position) => messageEntry(ref, position)),
    );
    const first = result.kind === 'stored' ? result.firstLogSeq : 0;
    t.equal(await log.erase(ref, [first + 1]), null);
    t.equal(await log.erase(ref, [first + 1]), null);
    const page = unwrap(await log.readAfter(ref, 0, 10));
    t.same(
      page.entries.map((entry) => entry.event.position),
      [1, 3],
    );
  });

  t.test('a purge removes what lies before a sequence, of this conversation alone', async (t) => {
    const [log, ref, other] = [open(), freshRef(), freshRef()];
    await log.append(other, 0, [messageEntry(other, 1)]);
    const result = await log.append(
      ref,
      0,
      [1, 2, 3].map((position) => messageEntry(ref, position)),
    );
    const first = result.kind === 'stored' ? result.firstLogSeq : 0;
    t.equal(await log.purgeBefore(ref, first + 2), null);
    const page = unwrap(await log.readAfter(ref, 0, 10));
    t.same(
      page.entries.map((entry) => entry.event.position),
      [3],
    );
    t.equal(unwrap(await log.readAfter(other, 0, 10)).entries.length, 1);
    t.equal((await log.append(ref, first + 2, [messageEntry(ref, 4)])).kind, 'stored');
  });
}
