import { randomUUID } from 'node:crypto';
import t from 'tap';
import { LoadedConversation } from '../../../src/core/conversations/loaded-conversation.ts';
import type { ErasedEvent, LogEntry } from '../../../src/domain/event.ts';
import { limits } from '../../../src/domain/limits.ts';
import { formatMicros } from '../../../src/domain/time.ts';
import { applyToTimeline, type TimelineEntry } from '../../../src/domain/timeline.ts';
import { freshRef, messageEntry } from '../../kit/log-entries.ts';

const ref = freshRef();

/** A log of messages, in which some are deleted: every entry as it was committed. */
class Written {
  readonly entries: LogEntry[] = [];
  #seq = 0;

  post(content?: string): LogEntry {
    const position = this.entries.length + 1;
    this.#seq += 1;
    const entry = messageEntry(ref, position, content);
    const event = { ...entry.event, seq: this.#seq } as LogEntry['event'];
    return this.#add({ ...entry, event });
  }

  /** `erased` as the deletion tells it. */
  delete({ event, logSeq }: LogEntry): LogEntry {
    if (event.type !== 'message.posted') throw new Error('only a message is deleted');
    const { position, seq, id, type, at, actor } = event;
    const erased: ErasedEvent[] = [
      { position, seq, id, type, at, actor, messageId: event.data.message_id, logSeq },
    ];
    const own = this.entries.length + 1;
    return this.#add({
      event: {
        ...{ v: 1, id: randomUUID(), conversation: ref.conversation, position: own, seq: null },
        at: formatMicros(1_700_000_000_000_000 + own),
        actor,
        type: 'message.deleted',
        data: { message_id: event.data.message_id, by: 'sender' },
      },
      ...{ logSeq: 0, node: 'test', dataClass: 'none', policyRef: null, erased },
    });
  }

  #add(entry: LogEntry): LogEntry {
    const placed = { ...entry, logSeq: entry.event.position * 10 };
    this.entries.push(placed);
    return placed;
  }

  /** What a log still holds once everything that was deleted is erased. */
  left(): LogEntry[] {
    const erased = new Set(this.entries.flatMap((entry) => entry.erased.map((one) => one.position)));
    return this.entries.filter((entry) => !erased.has(entry.event.position));
  }

  timeline(): TimelineEntry[] {
    const timeline: TimelineEntry[] = [];
    for (const entry of this.entries) applyToTimeline(timeline, entry);
    return timeline;
  }
}

function load(entries: readonly LogEntry[]): LoadedConversation {
  const conversation = new LoadedConversation(ref);
  for (const entry of entries) conversation.apply(entry);
  return conversation;
}

const positions = (conversation: LoadedConversation): number[] =>
  conversation.tail.map((entry) => entry.event.position);
const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

t.test('an entry that comes twice, or late, changes nothing', async (t) => {
  const written = new Written();
  for (let n = 0; n < 5; n += 1) written.post();
  const conversation = load([...written.entries, ...written.entries]);
  t.same(positions(conversation), upTo(5));
  t.equal(conversation.recent.length, 5);
});

t.test('tail and recent are bounded, contiguous and end at the state', async (t) => {
  const written = new Written();
  for (let n = 0; n < 1_000; n += 1) {
    written.post();
    const conversation = n % 97 === 0 ? load(written.entries) : null;
    if (conversation === null) continue;
    const { tail, recent, state } = conversation;
    t.ok(tail.length <= limits.tailEventsMax && recent.length <= limits.recentEntriesMax);
    t.ok(tail.length >= Math.min(limits.tailEventsMin, n + 1));
    t.ok(recent.length >= Math.min(limits.recentEntriesMin, n + 1));
    t.same(positions(conversation), upTo(state.position, state.position - tail.length + 1));
    const first = tail[0]!.event.position;
    t.ok(conversation.tailCovers(first - 1) && conversation.tailCovers(state.position));
    if (first > 1) t.notOk(conversation.tailCovers(first - 2));
  }
});

t.test('large messages shorten the tail, but the newest entry always stays', async (t) => {
  const written = new Written();
  for (let n = 0; n < 20; n += 1) written.post('x'.repeat(262_144));
  const conversation = load(written.entries);
  t.ok(conversation.tail.length < 5);
  t.equal(positions(conversation).at(-1), 20);
  t.ok(conversation.bytes < 80_000_000 && conversation.bytes > 262_144);
});

t.test('what was erased before it could be read leaves a stub and a tombstone', async (t) => {
  const written = new Written();
  const posts = upTo(12).map(() => written.post('secret'));
  for (const index of [1, 2, 7, 0, 11]) written.delete(posts[index]!);
  written.post();
  const [seen, read] = [load(written.entries), load(written.left())];
  t.same(positions(seen), upTo(18));
  t.same(seen.recent, written.timeline());
  // 1 and 2 were told of before 3 was: what lies before a hole is the log's.
  t.same(positions(read), upTo(18, 3));
  t.same(
    read.tail.map((entry) => entry.event),
    seen.tail.slice(2).map((entry) => entry.event),
  );
  t.same(read.recent, seen.recent.slice(2));
  const contents = seen.tail.map(({ event }) => (event.type === 'message.posted' ? event.data.content : '-'));
  t.same(contents.slice(0, 3), ['', '', ''], 'no content stays in memory');
});

t.test('what lies before both lists stays out of them', async (t) => {
  const written = new Written();
  const posts = upTo(400).map(() => written.post());
  const late = load(written.left());
  for (const index of [3, 350]) {
    const deletion = written.delete(posts[index]!);
    late.apply(deletion);
  }
  const fresh = load(written.left());
  for (const conversation of [late, fresh]) {
    const { tail, recent, state } = conversation;
    t.same(positions(conversation), upTo(state.position, state.position - tail.length + 1));
    t.same(recent, written.timeline().slice(-recent.length));
  }
});

t.test('a waiting command finds its event, whenever and however often it is looked for', async (t) => {
  const written = new Written();
  const wanted = written.post();
  for (let n = 0; n < 600; n += 1) written.post();
  const conversation = new LoadedConversation(ref);
  const { sought } = conversation;
  for (let n = 0; n < 2; n += 1) sought.begin(wanted.event.id);
  sought.begin('never');
  for (const entry of written.entries) conversation.apply(entry);
  t.ok(sought.hasFound);
  t.equal(sought.found(wanted.event.id), wanted);
  t.equal(sought.found('never'), null);
  sought.end(wanted.event.id);
  t.equal(sought.found(wanted.event.id), wanted);
  sought.end(wanted.event.id);
  sought.end('never');
  t.notOk(sought.hasFound);
  t.equal(sought.found(wanted.event.id), null);
});

t.test('an event is found in the tail among those after a position only', async (t) => {
  const written = new Written();
  for (let n = 0; n < 5; n += 1) written.post();
  const conversation = load(written.entries);
  const [, second, , , fifth] = written.entries;
  const idOf = (entry: LogEntry | undefined): string => entry?.event.id ?? '';
  t.equal(conversation.inTailAfter(1, idOf(second)), second);
  t.equal(conversation.inTailAfter(2, idOf(second)), null);
  t.equal(conversation.inTailAfter(0, idOf(fifth)), fifth);
  t.equal(conversation.inTailAfter(0, 'never'), null);
});
