import t from 'tap';
import { turnFinderOver } from '../../../../src/core/agents/turns/find-turns.ts';
import type { ConversationRef, EventOf } from '../../../../src/domain/event.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { parseMicros } from '../../../../src/domain/time.ts';
import type { AgentTurn, TakingPart } from '../../../../src/ports/agents/agent-turns.ts';
import type { PlacedEntry } from '../../../../src/ports/projection.ts';
import { freshRef, messageEntry } from '../../../kit/log-entries.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';

const ref = freshRef();
const other = freshRef();

function said(
  position: number,
  data: Partial<EventOf<'message.posted'>['data']> = {},
  by = 'ann',
  where = ref,
): PlacedEntry {
  const logged = messageEntry(where, position, 'hello');
  const { event } = logged;
  if (event.type !== 'message.posted') throw new Error('no message');
  const entry = {
    ...logged,
    event: { ...event, actor: { id: by, kind: 'user' as const }, data: { ...event.data, ...data } },
  };
  return { ref: where, entry };
}

const nowUs = (parseMicros(messageEntry(ref, 1).event.at) ?? 0) + 1_000_000;

/** What was asked, and added. */
function stage(present: readonly TakingPart[] | Problem, refused: Problem | null = null, now = nowUs) {
  const asked: ConversationRef[][] = [];
  const added: AgentTurn[] = [];
  const logger = silentLogger();
  const find = turnFinderOver({
    agents: {
      async takingPart(refs) {
        asked.push([...refs]);
        return present;
      },
    },
    queue: {
      async add(turns) {
        added.push(...turns);
        return refused;
      },
    },
    clock: { nowMicros: () => now },
    logger,
  });
  return { asked, added, find, logger };
}

const takesPart = (type: 'private' | 'group', floor: string | null = null, agent = 'bot'): TakingPart => ({
  ...{ ref, agent, type, floor },
});

t.test('a turn for each message and agent, in the order of the log', async (t) => {
  const { asked, added, find } = stage([takesPart('private'), takesPart('private', null, 'otto')]);
  const messages = [said(1), said(2, {}, 'bot'), said(3, {}, 'ann', other)];
  await find(messages);
  t.same(asked, [[ref, other]], 'each conversation is asked about once');
  t.same(
    added.map(({ seq, agent }) => [seq, agent]),
    [
      [1, 'bot'],
      [1, 'otto'],
      [2, 'otto'],
    ],
    'nobody answers itself',
  );
  const { event } = (messages[0] as PlacedEntry).entry as { event: EventOf<'message.posted'> };
  t.same(added[0], { ref, agent: 'bot', message: event.data.message_id, seq: 1, at: parseMicros(event.at) });
  t.notMatch(JSON.stringify(added), 'hello');
});

t.test('in a group only where the message may be for the agent', async (t) => {
  const messages = [
    said(1),
    said(2, { content: '@bot' }),
    said(3, { reply_to: 'x' }),
    said(4, { content: '', sealed: 'x' }),
  ];
  const group = stage([takesPart('group')]);
  await group.find(messages);
  t.same(
    group.added.map(({ seq }) => seq),
    [2, 3, 4],
  );
  const floor = stage([takesPart('group', 'bot')]);
  await floor.find(messages);
  t.same(
    floor.added.map(({ seq }) => seq),
    [1, 2, 3, 4],
  );
});

t.test('what names whom it is for makes turns of theirs, and where its words may name others', async (t) => {
  const messages = [
    said(1, { to: ['otto'] }),
    said(2, { to: ['bot'] }),
    said(3, { to: ['otto'], content: '@bot' }),
    said(4, { to: ['otto'], content: '', sealed: 'x' }),
    said(5, { to: ['otto'], reply_to: 'x' }),
  ];
  for (const present of [takesPart('group'), takesPart('private'), takesPart('group', 'bot')]) {
    const { find, added } = stage([present]);
    await find(messages);
    t.same(
      added.map(({ seq }) => seq),
      [2, 3, 4],
    );
  }
});

t.test('what is no message, old, deleted or interrupted is not even asked about', async (t) => {
  const edit = said(1);
  const edited = {
    ...edit,
    entry: { ...edit.entry, event: { ...edit.entry.event, type: 'message.edited' } },
  } as PlacedEntry;
  const fresh = stage([takesPart('private')]);
  await fresh.find([edited, said(2, { deleted: true }), said(3, { interrupted: true })]);
  await fresh.find([]);
  t.same(fresh.asked, []);
  const late = stage([takesPart('private')], null, nowUs + limits.agentTurnAgeMs * 1000);
  await late.find([said(1)]);
  t.same(late.asked, []);
});

t.test('a server that is away brings the batch again; a statement that is refused does not', async (t) => {
  await t.rejects(stage(new Problem('unavailable')).find([said(1)]), { code: 'unavailable' });
  await t.rejects(stage([takesPart('private')], new Problem('unavailable')).find([said(1)]), {
    code: 'unavailable',
  });
  await stage(new Problem('internal')).find([said(1)]);
});
