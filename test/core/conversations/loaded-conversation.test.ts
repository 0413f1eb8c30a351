/** What a conversation keeps in memory: bounded, and without what was erased. */
import t from 'tap';
import { LoadedConversation } from '../../../src/core/conversations/loaded-conversation.ts';
import type { Event, LogEntry } from '../../../src/domain/event.ts';
import { limits } from '../../../src/domain/limits.ts';
import { create, post } from '../../kit/memory/memory-commands.ts';
import { MemoryConversation } from '../../kit/memory/memory-conversation.ts';
import { ada } from '../../kit/memory/memory-harbour.ts';

function load(appended: readonly LogEntry[]): LoadedConversation {
  const loaded = new LoadedConversation({ tenant: 'acme', service: null, conversation: 'c' });
  for (const entry of appended) {
    loaded.apply(entry);
    loaded.delivered = loaded.state.position;
  }
  return loaded;
}

function messageOf([event]: readonly Event[]): string {
  return event?.type === 'message.posted' ? event.data.message_id : '';
}

t.test('a deleted conversation keeps nothing of what was said in it', async (t) => {
  const c = new MemoryConversation();
  c.accept(ada, create());
  for (let n = 0; n < 10; n += 1) c.accept(ada, post(`secret ${n}`));
  const loaded = load(c.appended);
  const page = { entries: [...loaded.recent], hasMore: false };
  loaded.keepPage('key', page);
  loaded.keepPage('key', page);
  t.equal(loaded.pages.size, 1);
  c.accept(ada, { op: 'conversation.delete' });
  const [deletion] = c.appended.slice(-1);
  if (deletion === undefined) throw new Error('no deletion');
  loaded.apply(deletion);
  t.notMatch(JSON.stringify([loaded.recent, loaded.tail, [...loaded.pages.values()]]), 'secret');
  t.same(
    loaded.tail.map(({ event }) => event.type),
    ['conversation.deleted'],
  );
});

t.test('a page is kept once it is read again, and those that are read once do not push it out', async (t) => {
  const loaded = load([]);
  const page = { entries: [], hasMore: true };
  for (let n = 0; n < limits.pagesKeptMax * 3; n += 1) loaded.keepPage(`scrolled past ${n}`, page);
  t.same([...loaded.pages.keys()], []);
  loaded.keepPage('asked for often', page);
  loaded.keepPage('asked for often', page);
  for (let n = 0; n < limits.rangesReadMax * 3; n += 1) loaded.keepPage(`scrolled on ${n}`, page);
  t.same([...loaded.pages.keys()], ['asked for often']);
  loaded.keepPage('scrolled on 0', page);
  t.same([...loaded.pages.keys()], ['asked for often'], 'a range that was read long ago is forgotten');
});

t.test('an audience that waits for the last words of a deleted conversation still gets them', async (t) => {
  const c = new MemoryConversation();
  c.accept(ada, create());
  c.accept(ada, post('heard'));
  const loaded = load(c.appended);
  c.accept(ada, post('not delivered yet'));
  c.accept(ada, { op: 'conversation.delete' });
  for (const entry of c.appended) loaded.apply(entry);
  t.same(
    loaded.tail.map(({ event }) => event.position),
    [3, 4],
  );
});

t.test('long messages and long edits are few in memory, and all of them are counted', async (t) => {
  const c = new MemoryConversation();
  c.accept(ada, create());
  const long = 'x'.repeat(200_000);
  for (let n = 0; n < 60; n += 1) {
    const { events } = c.accept(ada, post('short'));
    c.accept(ada, { op: 'edit', message: messageOf(events), content: long, metadata: null });
  }
  const loaded = load(c.appended);
  const chars = loaded.recent.reduce(
    (sum, { event }) => sum + (event.type === 'control' ? 0 : event.data.content.length),
    0,
  );
  t.ok(chars * 2 <= limits.recentBytesMax, `${chars} chars`);
  t.ok(loaded.bytes >= chars * 2, `${loaded.bytes} bytes`);
  t.equal(loaded.recent.at(-1)?.event.seq, 60);
});

t.test('metadata counts where there is some', (t) => {
  const weigh = (metadata: Record<string, string>): number => {
    const c = new MemoryConversation();
    c.accept(ada, create());
    for (let n = 0; n < 10; n += 1) c.accept(ada, post('short', { metadata }));
    return load(c.appended).bytes;
  };
  t.ok(weigh({ trace: 'x'.repeat(10_000) }) > weigh({}) + 10 * 2 * 2 * 10_000);
  t.end();
});
