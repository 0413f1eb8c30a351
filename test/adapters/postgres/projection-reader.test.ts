import t, { type Test } from 'tap';
import type { ConversationState } from '../../../src/domain/state.ts';
import { formatMicros, parseMicros } from '../../../src/domain/time.ts';
import { entryId, isAmong, type TimelineEntry } from '../../../src/domain/timeline.ts';
import type { EntryRange } from '../../../src/ports/projection/projection-reader.ts';
import { eventStream } from '../../kit/clients/event-stream.ts';
import type { MemoryConversation } from '../../kit/memory/memory-conversation.ts';
import { answered, startProjection } from '../../kit/projection.ts';

async function projectedStream(t: Test, seed: number) {
  const projection = await startProjection(t);
  const stream = eventStream({ seed, conversations: 4, commands: 900 });
  await projection.applyInBatches(stream.appended, 97);
  const open = stream.conversations.filter(({ state }) => state.status === 'open');
  t.ok(open.length > 1, 'there is something to read');
  return { ...projection, ...stream, open };
}

/** The window is compared by what it answers; a deleted conversation has no seq any more. */
function comparable({ window: _, seq, ...state }: ConversationState) {
  return { ...state, seq: state.status === 'deleted' ? 0 : seq, participants: [...state.participants] };
}

t.test('a snapshot is the fold of the events', async (t) => {
  for (const seed of [20, 21, 22]) {
    const { reader, conversations } = await projectedStream(t, seed);
    for (const { ref, state, timeline } of conversations) {
      const snapshot = answered(await reader.snapshot(ref.tenant, ref.conversation, 1_000));
      t.same(snapshot?.ref, ref);
      t.strictSame(comparable(snapshot!.state), comparable(state));
      t.strictSame(snapshot!.recent, state.status === 'deleted' ? [] : timeline);
      t.equal(snapshot!.state.window.isWhole, true);
    }
  }
});

t.test('the window of a snapshot knows its posts, and whether there are older ones', async (t) => {
  const { reader, open } = await projectedStream(t, 23);
  for (const { ref, state, timeline } of open) {
    const snapshot = answered(await reader.snapshot(ref.tenant, ref.conversation, 10));
    t.strictSame(snapshot!.recent, timeline.slice(-10));
    const { window } = snapshot!.state;
    t.equal(window.isWhole, timeline.length <= 10);
    for (const { event, deletedAt } of timeline.slice(-10)) {
      if (event.type === 'control') continue;
      const known = state.window.byMessageId(event.data.message_id, state.position);
      // The fold saw the content before it was deleted; rows do not keep its hash.
      const expected = deletedAt === null ? known : { ...known, hash: null, interrupted: false };
      t.strictSame(window.byMessageId(event.data.message_id, state.position), expected);
      if (known?.clientId == null) continue;
      t.ok(window.byClientId(known.sender, known.clientId, state.position), 'found by client_id, too');
    }
  }
});

t.test('what the projection does not have is null, in its own tenant or another', async (t) => {
  const { reader, open } = await projectedStream(t, 24);
  const { ref, timeline } = open[0]!;
  const foreign = { ...ref, tenant: 'another' };
  t.equal(await reader.snapshot('another', ref.conversation, 10), null);
  t.equal(await reader.snapshot(ref.tenant, 'unknown', 10), null);
  const nowhere = { position: 0, logSeq: 0 };
  const id = entryId(timeline[0]!);
  t.same(await reader.entries(foreign, { limit: 10, keep: 'newest' }), {
    entries: [],
    hasMore: false,
    at: nowhere,
  });
  t.same(await reader.entry(foreign, id), { entry: null, at: nowhere });
  t.same(await reader.earlierPost(foreign, { messageId: id }), { post: null, at: nowhere });
  t.same(await reader.versions(foreign, [id]), { events: [], at: nowhere });
  t.equal(await reader.conversationOf('another', 'ada', id), null);
  t.equal(await reader.conversationOf(ref.tenant, 'nobody', id), null);
  t.equal(await reader.logSeqAt(foreign, 100), 0);
  t.same(await reader.refsOf('another', 'ada', 10), []);
});

/** What entries() promises, in memory. */
function expectedPage(timeline: readonly TimelineEntry[], range: EntryRange) {
  const { afterSeq = 0, beforeSeq = Infinity, afterAt = 0, beforeAt = Infinity } = range;
  const inside = timeline
    .filter(({ event }) => {
      const at = parseMicros(event.at)!;
      return event.seq! > afterSeq && event.seq! < beforeSeq && at > afterAt && at < beforeAt;
    })
    .filter((entry) => range.seen === undefined || isAmong(entry, range.seen));
  const entries = range.keep === 'newest' ? inside.slice(-range.limit) : inside.slice(0, range.limit);
  return { entries, hasMore: inside.length > range.limit };
}

function boundsOf({ timeline }: MemoryConversation): Partial<EntryRange>[] {
  const middle = timeline[Math.floor(timeline.length / 2)]!.event;
  const early = timeline[2]!.event;
  const [middleAt, earlyAt] = [parseMicros(middle.at)!, parseMicros(early.at)!];
  return [
    {},
    { afterSeq: middle.seq! },
    { beforeSeq: middle.seq! },
    { afterSeq: early.seq!, beforeSeq: middle.seq! },
    { afterAt: middleAt },
    { afterAt: middleAt - 1 },
    { beforeAt: middleAt },
    { beforeAt: middleAt + 1 },
    { afterAt: earlyAt, beforeAt: middleAt },
    { afterAt: middleAt, beforeAt: earlyAt },
    { afterAt: earlyAt, beforeSeq: middle.seq! },
    { afterSeq: timeline.length },
    { beforeSeq: 1 },
    { beforeAt: 1 },
    { afterAt: Number.MAX_SAFE_INTEGER },
    { seen: { blocked: new Set(), seesInternal: true } },
    { seen: { blocked: new Set(['ada', 'cy "quoted"']), seesInternal: true } },
    { seen: { blocked: new Set(['ada']), seesInternal: false }, afterSeq: early.seq! },
    { seen: { blocked: new Set(['ada', 'bob', 'cy "quoted"']), seesInternal: false } },
  ];
}

t.test('entries are paged by exclusive bounds of seq and of time, from either end', async (t) => {
  const { reader, open } = await projectedStream(t, 25);
  for (const conversation of open) {
    const { ref, timeline, state } = conversation;
    for (const bounds of boundsOf(conversation)) {
      for (const keep of ['oldest', 'newest'] as const) {
        for (const limit of [1, 5, timeline.length, 200]) {
          const range = { ...bounds, keep, limit };
          const { at, ...page } = answered(await reader.entries(ref, range));
          t.strictSame(page, expectedPage(timeline, range), JSON.stringify(range));
          t.same(at, { position: state.position, logSeq: state.logSeq });
        }
      }
    }
  }
});

t.test(
  'tens of thousands of messages in a row that a reader does not see are passed over at once',
  async (t) => {
    const { reader, sql } = await startProjection(t);
    const count = 60_000;
    await sql`
    insert into conversations (
      tenant_id, conversation_id, type, env, created_by, created_us, updated_us, position, seq, log_seq, status,
      metadata
    ) values ('acme', 'c', 'group', 'default', 'ada', 1, 1, ${count}, ${count}, ${count}, 'open', '{}')`;
    await sql`
    insert into messages (
      tenant_id, conversation_id, seq, position, log_seq, event_id, message_id, kind, sender_id, sender_kind, at_us,
      content, content_type, data, searchable
    )
    select 'acme', 'c', n, n, n, 'e' || n, 'm' || n, 'message',
      case when n in (1, ${count}) then 'ada' else 'ben' end, 'user', n, 'x', 'text',
      case when n % 2 = 0 and n < ${count} then '{"metadata":{"is_internal":true}}' else '{"metadata":{}}' end::json,
      false
    from generate_series(1, ${count}) as n`;
    const ref = { tenant: 'acme', service: null, conversation: 'c' };
    const seqs = async (range: EntryRange) => {
      const { entries, hasMore } = answered(await reader.entries(ref, range));
      return [entries.map(({ event }) => event.seq), hasMore];
    };
    const seen = { blocked: new Set(['ben', 'nobody']), seesInternal: true };
    t.same(await seqs({ keep: 'oldest', limit: 5, afterSeq: 1, seen }), [[count], false]);
    t.same(await seqs({ keep: 'newest', limit: 1, seen }), [[count], true]);
    t.same(await seqs({ keep: 'newest', limit: 5, seen }), [[1, count], false]);
    const people = { blocked: new Set<string>(), seesInternal: false };
    t.same(await seqs({ keep: 'oldest', limit: 2, seen: people }), [[1, 3], true]);
  },
);

t.test('one entry is found by the id that edits name', async (t) => {
  const { reader, open } = await projectedStream(t, 26);
  for (const { ref, timeline } of open) {
    for (const entry of timeline.slice(0, 30)) {
      const found = answered(await reader.entry(ref, entryId(entry)));
      t.strictSame(found.entry, entry);
    }
    t.equal(answered(await reader.entry(ref, 'nobody')).entry, null);
  }
});

t.test('an earlier post is found by sender and client_id, and by message id', async (t) => {
  const { reader, open } = await projectedStream(t, 27);
  for (const { ref, state, timeline } of open) {
    for (const { event, deletedAt } of timeline) {
      if (event.type === 'control') {
        t.equal(answered(await reader.earlierPost(ref, { messageId: event.id as string })).post, null);
        continue;
      }
      const known = state.window.byMessageId(event.data.message_id, state.position)!;
      const expected = deletedAt === null ? known : { ...known, hash: null, interrupted: false };
      const byMessage = answered(await reader.earlierPost(ref, { messageId: known.messageId }));
      t.strictSame(byMessage.post, expected);
      if (known.clientId === null) continue;
      const { sender, clientId } = known;
      t.strictSame(answered(await reader.earlierPost(ref, { sender, clientId })).post, expected);
      t.equal(answered(await reader.earlierPost(ref, { sender: 'nobody', clientId })).post, null);
    }
  }
});

t.test('a message is found without its conversation by who is in it, and by nobody else', async (t) => {
  const { reader, open } = await projectedStream(t, 36);
  let hidden = 0;
  for (const { ref, timeline, state } of open) {
    for (const entry of timeline.slice(-20)) {
      for (const who of ['ada', 'bob', 'assistant:x', 'nobody']) {
        const isIn = state.participants.has(who);
        if (!isIn) hidden += 1;
        const expected = isIn ? ref.conversation : null;
        t.equal(await reader.conversationOf(ref.tenant, who, entryId(entry)), expected, who);
      }
    }
  }
  t.ok(hidden > 5);
});

t.test('every stored version is answered as an event with its own content', async (t) => {
  const { reader, open } = await projectedStream(t, 28);
  let edited = 0;
  for (const { ref, timeline, appended } of open) {
    const living = timeline.filter(
      ({ event, deletedAt }) => event.type === 'message.posted' && deletedAt === null,
    );
    const ids = new Set(living.map(entryId));
    const { events } = answered(await reader.versions(ref, timeline.map(entryId)));
    const expected = appended
      .map(({ event }) => event)
      .filter((event) => event.type === 'message.posted' || event.type === 'message.edited')
      .filter((event) => ids.has(event.data.message_id));
    t.strictSame(events, expected);
    edited += events.filter(({ type }) => type === 'message.edited').length;
    t.same(answered(await reader.versions(ref, [])).events, []);
  }
  t.ok(edited > 5);
});

t.test('logSeqAt finds the last timeline entry at or before a position', async (t) => {
  const { reader, open } = await projectedStream(t, 29);
  for (const { ref, timeline, state } of open) {
    for (let position = 0; position <= state.position + 1; position += 1) {
      const last = timeline.findLast(({ event }) => event.position <= position);
      t.equal(await reader.logSeqAt(ref, position), last?.logSeq ?? 0);
    }
  }
});

t.test('a list is paged by activity and never shows a conversation twice', async (t) => {
  const { reader, open } = await projectedStream(t, 35);
  for (const tenant of ['tenant-0', 'tenant-1']) {
    for (const principal of ['ada', 'bob', 'assistant:x']) {
      const own = open
        .filter(({ ref, state }) => ref.tenant === tenant && state.participants.has(principal))
        .sort((a, b) => b.state.at - a.state.at);
      const query = { limit: 1, unreadOnly: false, env: null, service: null };
      const listed: string[] = [];
      let cursor: string | null = null;
      do {
        const page: { conversations: readonly { ref: { conversation: string } }[]; next: string | null } =
          answered(await reader.list(tenant, principal, { ...query, cursor }));
        listed.push(...page.conversations.map(({ ref }) => ref.conversation));
        cursor = page.next;
      } while (cursor !== null);
      t.same(
        listed,
        own.map(({ ref }) => ref.conversation),
        `${tenant} ${principal}`,
      );
      t.same(
        answered(await reader.refsOf(tenant, principal, 10)),
        own.map(({ ref }) => ref),
      );
      t.equal(answered(await reader.refsOf(tenant, principal, 1)).length, Math.min(1, own.length));
    }
  }
});

t.test('a listed conversation says what its state says', async (t) => {
  const { reader, open } = await projectedStream(t, 31);
  for (const { ref, state } of open) {
    const [id, participant] = [...state.participants][0]!;
    const query = { limit: 200, cursor: null, unreadOnly: false, env: null, service: null };
    const { conversations } = answered(await reader.list(ref.tenant, id, query));
    const { unread: _, ...listed } = conversations.find((one) => one.ref.conversation === ref.conversation)!;
    t.strictSame(listed, {
      ref,
      type: state.type,
      name: state.name,
      description: state.description,
      metadata: state.metadata,
      stage: state.stage,
      entity: state.entity,
      env: state.env,
      createdBy: state.createdBy,
      createdAt: state.createdAt,
      changedAt: state.changedAt,
      updatedAt: state.at,
      position: state.position,
      seq: state.seq,
      role: participant.role,
      lastReadSeq: 0,
      clearedSeq: 0,
    });
  }
});

t.test('a list filters by environment, by service and by unread messages', async (t) => {
  const { reader, open, cursors } = await projectedStream(t, 32);
  const base = { limit: 200, cursor: null, unreadOnly: false, env: null, service: null };
  for (const tenant of ['tenant-0', 'tenant-1']) {
    const all = answered(await reader.list(tenant, 'ada', base)).conversations;
    t.same(answered(await reader.list(tenant, 'ada', { ...base, env: 'prod' })).conversations, []);
    t.same(answered(await reader.list(tenant, 'ada', { ...base, env: 'dev' })).conversations, all);
    const other = answered(await reader.list(tenant, 'ada', { ...base, service: 'svc.2' })).conversations;
    t.same(
      other,
      all.filter(({ ref }) => ref.service === null),
    );
    const unread = answered(await reader.list(tenant, 'ada', { ...base, unreadOnly: true })).conversations;
    t.same(
      unread,
      all.filter((one) => one.unread > 0),
    );
    for (const { ref, seq } of all) await cursors.advance(ref, 'ada', seq);
    t.same(answered(await reader.list(tenant, 'ada', { ...base, unreadOnly: true })).conversations, []);
  }
  t.ok(open.length > 0);
});

t.test('unread messages are those of others after the cursor and after joining', async (t) => {
  const { reader, open, cursors } = await projectedStream(t, 33);
  for (const { ref, state, timeline } of open) {
    for (const [id, { joinedSeq, kind }] of state.participants) {
      const unreadAfter = (after: number): number =>
        timeline.filter((entry) => {
          const { event, deletedAt } = entry;
          const seen = isAmong(entry, { blocked: new Set(), seesInternal: kind !== 'user' });
          const isOfOther = seen && event.actor.id !== id;
          return isOfOther && deletedAt === null && event.seq! > after;
        }).length;
      const query = { limit: 200, cursor: null, unreadOnly: false, env: null, service: null };
      const listed = async () =>
        answered(await reader.list(ref.tenant, id, query)).conversations.find(
          (one) => one.ref.conversation === ref.conversation,
        );
      t.equal((await listed())?.unread, unreadAfter(joinedSeq));
      const middle = Math.ceil(state.seq / 2);
      t.same(await cursors.advance(ref, id, middle), { lastReadSeq: middle, advanced: true });
      t.match(await listed(), { unread: unreadAfter(Math.max(joinedSeq, middle)), lastReadSeq: middle });
    }
  }
});

t.test('a cursor that is not ours is an invalid request', async (t) => {
  const { reader } = await startProjection(t);
  const query = { limit: 5, unreadOnly: false, env: null, service: null };
  const text = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const cursor of [
    '',
    'x',
    '💥',
    text({}),
    text([1]),
    text(['1', 'a']),
    text([1.5, 'a']),
    text([1, 'a\u0000']),
  ]) {
    t.match(await reader.list('acme', 'ada', { ...query, cursor }), { code: 'invalid_request' }, cursor);
  }
  t.same(await reader.list('acme', 'ada', { ...query, cursor: text([1, 'a']) }), {
    conversations: [],
    next: null,
    blocked: new Set(),
  });
  t.equal(formatMicros(1), '1970-01-01T00:00:00.000001Z');
});

t.test('changes are the changed entries in the order of their last change', async (t) => {
  const { reader, open } = await projectedStream(t, 29);
  let seen = 0;
  for (const { ref, state, timeline } of open) {
    const changed = timeline
      .filter((entry) => entry.changedPosition > entry.event.position)
      .sort((one, other) => one.changedPosition - other.changedPosition);
    const whole = { afterPosition: 0, upToSeq: state.seq, limit: 1_000 };
    const all = answered(await reader.changes(ref, whole));
    t.strictSame(all.entries, changed);
    t.equal(all.hasMore, false);
    t.equal(all.at.position, state.position);
    const middle = changed[Math.floor(changed.length / 2)]!;
    const { changedPosition: afterPosition } = middle;
    const later = answered(await reader.changes(ref, { ...whole, afterPosition }));
    t.strictSame(later.entries, changed.slice(changed.indexOf(middle) + 1), 'after a position');
    const first = answered(await reader.changes(ref, { ...whole, limit: 2 }));
    t.strictSame(first.entries, changed.slice(0, 2), 'the oldest changes are kept');
    t.equal(first.hasMore, changed.length > 2);
    const upToSeq = middle.event.seq ?? 0;
    const early = answered(await reader.changes(ref, { ...whole, upToSeq }));
    t.strictSame(
      early.entries,
      changed.filter(({ event }) => (event.seq ?? 0) <= upToSeq),
      'up to a seq',
    );
    seen += changed.length;
  }
  t.ok(seen > 10, 'there were changes');
});
