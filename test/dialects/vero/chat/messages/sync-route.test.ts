import t from 'tap';
import { syncRoute } from '../../../../../src/dialects/vero/chat/messages/sync-route.ts';
import type { SyncBatch } from '../../../../../src/dialects/vero/chat/wire.ts';
import { limits } from '../../../../../src/domain/limits.ts';
import { Problem } from '../../../../../src/domain/problem.ts';
import { startMemoryChat } from './memory-chat.ts';

t.test('one answer holds at most 2,000 messages; what is cut off says so, and comes later', async (t) => {
  const { deps, conversation, ask } = startMemoryChat();
  const route = syncRoute(deps);
  const ids: string[] = [];
  for (let n = 0; n < 9; n += 1) ids.push(await conversation(200));
  ids.push(await conversation(0), await conversation(150), await conversation(120), await conversation(40));
  const lastSeqs = new Map(ids.map((id) => [id, 0]));
  const sync = async (): Promise<readonly SyncBatch[]> => {
    const conversations = ids.map((id) => ({ conversation_id: id, last_seq: lastSeqs.get(id) ?? 0 }));
    const reply = await ask(route, { conversations });
    if (reply instanceof Problem) throw new Error(reply.message);
    return (reply.body as { batches: readonly SyncBatch[] }).batches;
  };

  const first = await sync();
  t.same(
    first.map(({ conversation_id }) => conversation_id),
    ids,
  );
  t.same(
    first.map(({ messages, has_more }) => [messages.length, has_more]),
    [...Array(9).fill([200, false]), [0, false], [150, false], [50, true], [0, true]],
  );
  t.equal(
    first.reduce((sum, { messages }) => sum + messages.length, 0),
    limits.syncedMessagesMax,
  );
  t.same(
    first.slice(-2).map(({ current_seq }) => current_seq),
    [120, 40],
    'how much there is, is told all the same',
  );

  const seen = new Map<string, number[]>(ids.map((id) => [id, []]));
  for (let batches = first, rounds = 0; ; batches = await sync(), rounds += 1) {
    for (const { conversation_id: id, messages } of batches) {
      seen.get(id)?.push(...messages.map(({ seq_num }) => seq_num));
      lastSeqs.set(id, seen.get(id)?.at(-1) ?? 0);
    }
    if (!batches.some(({ has_more }) => has_more)) break;
    t.ok(rounds < 3, 'each answer brings the client further');
  }
  for (const [index, id] of ids.entries()) {
    const count = first[index]?.current_seq ?? 0;
    const all = Array.from({ length: count }, (_, at) => at + 1);
    t.same(seen.get(id), all);
  }
});
