import t from 'tap';
import { type Asked, isToAnswer } from '../../../src/core/agents/is-to-answer.ts';
import { addresses } from '../../../src/domain/addressed.ts';
import { limits } from '../../../src/domain/limits.ts';
import type { PrincipalKind } from '../../../src/domain/principal.ts';
import { type ConversationState, emptyState, type Participant } from '../../../src/domain/state.ts';
import { type TimelineEntry, toTimelineEntry } from '../../../src/domain/timeline.ts';
import { freshRef, messageEntry } from '../../kit/log-entries.ts';

const ref = freshRef();

function said(
  content: string,
  by: readonly [string, PrincipalKind] = ['ann', 'user'],
  more: object = {},
): TimelineEntry {
  const logged = messageEntry(ref, 1, content);
  const event = { ...logged.event, actor: { id: by[0], kind: by[1] } };
  const entry = toTimelineEntry({
    ...logged,
    event: { ...event, data: { ...event.data, ...more } } as typeof event,
  });
  if (entry === null) throw new Error('not an entry');
  return entry;
}

function state(
  type: 'private' | 'group',
  participants: Record<string, PrincipalKind>,
  floor: string | null = null,
): ConversationState {
  const members = Object.entries(participants).map(([id, kind]): [string, Participant] => [
    id,
    { id, kind, role: 'member', joinedAt: 0, joinedSeq: 0 },
  ]);
  return { ...emptyState(), status: 'open', type, participants: new Map(members), floor };
}

const ofTwo = state('private', { ann: 'user', bot: 'agent' });
const group = state('group', { ann: 'user', bob: 'user', bot: 'agent', otto: 'agent' });
const agent = { id: 'bot', displayName: 'Assistant' };
const asks = (asked: Partial<Asked>): boolean =>
  isToAnswer({ agent, state: group, entry: said('hello'), before: [], repliesTo: null, ...asked });

t.test('in a private conversation of two it answers everything the other says', async (t) => {
  t.equal(asks({ state: ofTwo }), true);
  t.equal(asks({ state: ofTwo, entry: said('hello', ['ann', 'service']) }), true);
  t.equal(
    asks({ state: state('private', { ann: 'user', bob: 'user', bot: 'agent' }) }),
    false,
    'not of three',
  );
});

t.test('what names whom it is for is for them, and for whom its words speak to', async (t) => {
  const forIt = said('hello', undefined, { to: ['otto', 'bot'] });
  const forOthers = said('hello', undefined, { to: ['otto'] });
  t.equal(asks({ entry: forIt }), true);
  t.equal(asks({ entry: forOthers, repliesTo: 'bot' }), false);
  t.equal(asks({ entry: said('hello @bot', undefined, { to: ['otto'] }) }), true);
  t.equal(asks({ state: ofTwo, entry: forOthers }), false);
  const floorOf = (id: string) => ({ ...group, floor: id });
  t.equal(asks({ state: floorOf('bot'), entry: forOthers }), false);
  t.equal(asks({ state: floorOf('otto'), entry: forIt }), false, 'the floor is of another');
  const byAgent = said('hello', ['otto', 'agent'], { to: ['bot'] });
  t.equal(asks({ entry: byAgent }), true);
  const talk = Array.from({ length: limits.agentTalkMax }, () => said('hm', ['otto', 'agent']));
  t.equal(asks({ entry: byAgent, before: talk }), false);
});

t.test('files without words are something to answer, where it answers everything', async (t) => {
  t.equal(asks({ state: ofTwo, entry: said('') }), true);
  t.equal(asks({ state: ofTwo, entry: said('   ') }), true);
  t.equal(asks({ entry: said('') }), false);
  t.equal(asks({ entry: said(''), repliesTo: 'bot' }), true);
});

t.test('in a group it answers when it is addressed, replied to, or holds the floor', async (t) => {
  t.equal(asks({}), false);
  t.equal(asks({ entry: said('what do you say, @assistant?') }), true);
  t.equal(asks({ entry: said('@bot hello') }), true, 'by its id');
  t.equal(asks({ repliesTo: 'bot' }), true);
  t.equal(asks({ repliesTo: 'otto' }), false);
  t.equal(asks({ state: { ...group, floor: 'bot' } }), true);
});

t.test('while another agent has the floor it says nothing', async (t) => {
  t.equal(asks({ state: { ...group, floor: 'otto' }, entry: said('@Assistant') }), false);
  t.equal(asks({ state: { ...ofTwo, floor: 'otto' } }), false);
});

t.test('its own messages, deleted, interrupted ones and those of programs it leaves alone', async (t) => {
  t.equal(asks({ state: ofTwo, entry: said('hello', ['bot', 'agent']) }), false);
  t.equal(asks({ state: ofTwo, entry: { ...said('hello'), deletedAt: 'then' } }), false);
  t.equal(asks({ state: ofTwo, entry: said('hel', ['ann', 'user'], { interrupted: true }) }), false);
  t.equal(asks({ state: ofTwo, entry: said('joined', ['ann', 'user'], { content_type: 'system' }) }), false);
});

t.test('another agent it answers only when addressed, and not without end', async (t) => {
  const otto = ['otto', 'agent'] as const;
  t.equal(
    asks({ state: state('private', { otto: 'agent', bot: 'agent' }), entry: said('hello', otto) }),
    false,
  );
  t.equal(
    asks({ state: { ...group, floor: 'bot' }, entry: said('hello', otto) }),
    false,
    'nor with the floor',
  );
  t.equal(asks({ entry: said('@assistant, and you?', otto) }), true);
  const talk = Array.from({ length: limits.agentTalkMax }, () => said('on and on', otto));
  t.equal(asks({ entry: said('@assistant, and you?', otto), before: talk }), false);
  t.equal(
    asks({ entry: said('@assistant, and you?', otto), before: [...talk.slice(1), said('a person')] }),
    true,
  );
  t.equal(asks({ entry: said('@assistant, and you?'), before: talk }), true, 'a person is answered always');
});

t.test('a name counts as a word of its own, in any case', async (t) => {
  const names = ['Ann Lee', 'bot-1'];
  for (const text of ['@Ann Lee', 'so, @ann lee!', 'x\n@ANN LEE, y', '(@bot-1)', '\u{1f600}@bot-1'])
    t.equal(addresses(text, names), true, text);
  for (const text of ['Ann Lee', '@ann', '@ann leech', 'a@ann lee', 'é@bot-1', '@bot-12', '@', ''])
    t.equal(addresses(text, names), false, text);
  t.equal(addresses('@ someone', ['']), false, 'no name is nobody');
  t.equal(addresses('@Ａssistant', ['Assistant']), true, 'however it is written');
});
