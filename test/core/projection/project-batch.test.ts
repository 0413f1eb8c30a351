import t, { type Test } from 'tap';
import { openClock } from '../../../src/adapters/system/clock.ts';
import { projectBatch } from '../../../src/core/projection/project-batch.ts';
import type { ConversationRef } from '../../../src/domain/event.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { PlacedEntry } from '../../../src/ports/projection.ts';
import { eventStream } from '../../kit/clients/event-stream.ts';
import { quietMetrics } from '../../kit/memory/quiet-metrics.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { startProjection } from '../../kit/projection.ts';

/** A log that only remembers what it was told to forget. */
function forgetfulLog(problem: Problem | null = null) {
  const erased: [string, readonly number[]][] = [];
  const purged: [string, number][] = [];
  return {
    erased,
    purged,
    async erase(ref: ConversationRef, logSeqs: readonly number[]) {
      erased.push([ref.conversation, logSeqs]);
      return problem;
    },
    async purgeBefore(ref: ConversationRef, logSeq: number) {
      purged.push([ref.conversation, logSeq]);
      return problem;
    },
  };
}

async function parts(t: Test) {
  const projection = await startProjection(t);
  const logger = silentLogger();
  const metrics = quietMetrics();
  return {
    ...projection,
    writer: projection.writer,
    logger,
    metrics,
    clock: openClock(),
    log: forgetfulLog(),
  };
}

/** The message with this id gets a text that PostgreSQL cannot store. */
function poisoned(placed: PlacedEntry): PlacedEntry {
  const { event } = placed.entry;
  if (event.type !== 'message.posted') return placed;
  const data = { ...event.data, content: 'never \u0000 stored' };
  return { ...placed, entry: { ...placed.entry, event: { ...event, data } } };
}

t.test('an entry that Postgres refuses is passed over alone, and named in the log', async (t) => {
  const given = await parts(t);
  const { appended } = eventStream({ seed: 3, conversations: 3, commands: 200 });
  const posts = appended.filter(({ entry }) => entry.event.type === 'message.posted');
  const bad = new Set([posts[4], posts[11]]);
  await projectBatch(
    given,
    3,
    appended.map((placed) => (bad.has(placed) ? poisoned(placed) : placed)),
  );
  t.equal(given.metrics.projectionSkipped.total, 2);
  t.equal(given.metrics.projected.totals.get('3'), appended.length - 2);
  const named = given.logger.lines.filter(({ message }) => message.includes('passed over'));
  t.match(
    named,
    [...bad].map((placed) => ({ level: 'error', fields: { event: placed!.entry.event.id } })),
  );
  t.notMatch(JSON.stringify(given.logger.lines), /stored|\\u0000/);

  const withBad = await given.dump();
  await given.writer.reset();
  await given.applyInBatches(
    appended.filter((placed) => !bad.has(placed)),
    1_000,
  );
  t.strictSame(withBad, await given.dump(), 'as if they had never been');
});

t.test('what was deleted is erased from the log, after it is projected', async (t) => {
  const given = await parts(t);
  const { appended } = eventStream({ seed: 12, conversations: 6, commands: 1_500 });
  await projectBatch(given, 3, appended);
  const deletions = appended.filter(({ entry }) => entry.event.type === 'message.deleted');
  t.ok(deletions.length > 5);
  t.same(
    given.log.erased,
    deletions.map(({ ref, entry }) => [ref.conversation, entry.erased.map(({ logSeq }) => logSeq)]),
  );
  const ends = appended.filter(({ entry }) => entry.event.type === 'conversation.deleted');
  t.ok(ends.length > 0);
  t.same(
    given.log.purged,
    ends.map(({ ref, entry }) => [ref.conversation, entry.logSeq]),
  );
});

t.test('a log that is away brings the batch again, and nothing is projected twice', async (t) => {
  const given = await parts(t);
  const { appended } = eventStream({ seed: 12, conversations: 6, commands: 1_500 });
  const away = forgetfulLog(new Problem('unavailable'));
  await t.rejects(projectBatch({ ...given, log: away }, 3, appended), { code: 'unavailable' });
  const once = await given.dump();
  await projectBatch(given, 3, appended);
  t.strictSame(await given.dump(), once);
  t.ok(given.log.erased.length > 0);
});

t.test('a database that is away is not taken for a poisoned entry', async (t) => {
  const given = await parts(t);
  const writer = { apply: () => Promise.reject(new Problem('unavailable')) };
  const { appended } = eventStream({ seed: 3, conversations: 2, commands: 50 });
  await t.rejects(projectBatch({ ...given, writer }, 3, appended), { code: 'unavailable' });
  t.equal(given.metrics.projectionSkipped.total, 0);
  t.same(given.log.erased, []);
});
