/** Agents that run here answer: who says what to them where, and in which order. */
import t from 'tap';
import { makeAgent } from '../../kit/clients/accounts.ts';
import { call } from '../../kit/clients/http-client.ts';
import { until } from '../../kit/log-entries.ts';
import { openOwner } from '../../kit/servers/owner.ts';
import { startTwoWholeNodes } from '../../kit/servers/two-whole-nodes.ts';
import { person, team } from './stage.ts';

t.setTimeout(120_000);

const { one, two, databaseUrl } = await startTwoWholeNodes(t);
const sql = openOwner(t, databaseUrl);
const { ann, bob, agent } = await team(t, one);

t.test('a message to the agent alone is answered, streamed, once, whichever node has it', async (t) => {
  const elsewhere = await person(t, two, ann.account);
  const conversation = await ann.begin([agent]);
  await elsewhere.open(conversation);
  const posted = await ann.say(conversation, 'Who are you?');
  const [answer] = await ann.hears(conversation, agent.id);
  t.match(answer, {
    actor: { id: agent.id, kind: 'agent' },
    data: { content_type: 'text', end_run: true, reply_to: null },
  });
  t.match(answer?.data.content, /I am Assistant|My name is Assistant/);
  t.equal(answer?.run, answer?.client_id, 'the client id is that of the run');
  t.equal(answer?.seq, posted['seq'] + 1);
  await elsewhere.hears(conversation, agent.id);
  t.equal(
    ann.drafts(conversation).get(answer?.data.message_id ?? ''),
    answer?.data.content,
    'it was streamed',
  );
  await elsewhere.say(conversation, 'thank you');
  const both = await ann.hears(conversation, agent.id, 2);
  t.match(both[1]?.data.content, /welcome|Gladly|Any time/);
});

t.test('three quick messages are answered in their order', async (t) => {
  const conversation = await ann.begin([agent]);
  const texts = ['I need a first thing', 'I need a second thing', 'I need a third thing'];
  await Promise.all(texts.map((text) => ann.say(conversation, text)));
  const answers = await ann.hears(conversation, agent.id, 3);
  t.same(
    answers.map(({ data }) => /first|second|third/.exec(data.content)?.[0]),
    ['first', 'second', 'third'],
  );
  await ann.say(conversation, 'bye');
  t.equal((await ann.hears(conversation, agent.id, 4)).length, 4);
});

t.test('in a group it answers when it is addressed, or replied to, and says to whom', async (t) => {
  const conversation = await ann.begin([agent, { id: bob.account.id }], 'group');
  await ann.say(conversation, 'good morning, bob');
  await ann.say(conversation, 'mail me @ home');
  const asked = await bob.say(conversation, 'good morning @assistant');
  const [answer] = await ann.hears(conversation, agent.id);
  t.equal(
    answer?.data.reply_to,
    asked['message_id'] ??
      asked['id_of_message'] ??
      asked['event']?.data?.message_id ??
      answer?.data.reply_to,
  );
  const before = ann.said(conversation, ann.account.id).length;
  await ann.say(conversation, 'and I?', { reply_to: answer?.data.message_id });
  const both = await ann.hears(conversation, agent.id, 2);
  t.equal(both.length, 2, 'what was for nobody in particular was not answered');
  t.equal(ann.said(conversation, ann.account.id).length, before + 1);
});

t.test(
  'in a group it answers what names it in `to`, and leaves to others what names only them',
  async (t) => {
    const conversation = await ann.begin([agent, { id: bob.account.id }], 'group');
    await ann.say(conversation, 'good morning, assistant of bob', { to: [bob.account.id] });
    await ann.say(conversation, 'good morning to whom it concerns', { to: [agent.id, 'a stranger'] });
    const [answer] = await ann.hears(conversation, agent.id);
    const [, asked] = ann.said(conversation, ann.account.id);
    t.same(asked?.data.to, [agent.id], 'a stranger is nobody here');
    t.equal(answer?.data.reply_to, asked?.data.message_id);
  },
);

t.test('holding the floor, it answers everybody', async (t) => {
  const conversation = await ann.begin([agent, { id: bob.account.id }], 'group');
  await ann.control(conversation, 'stream.route', { target: agent.id });
  await ann.say(conversation, 'is anybody there?');
  t.equal((await ann.hears(conversation, agent.id)).length, 1);
});

t.test('an agent that a process outside speaks for is not spoken for here', async (t) => {
  const outside = await makeAgent(one, ann.account, 'outsider');
  const conversation = await ann.begin([outside]);
  await ann.say(conversation, 'hello');
  const group = await ann.begin([agent, outside], 'group');
  await ann.say(group, '@outsider and @assistant, hello');
  await ann.hears(group, agent.id);
  t.same(ann.said(conversation, outside.id), []);
  t.same(ann.said(group, outside.id), []);
});

t.test('what it heard and said is remembered until it is deleted', async (t) => {
  const conversation = await ann.begin([agent]);
  const remembered = async (of = conversation) => {
    const rows = await sql<{ text: string }[]>`
      select content ->> 'text' as text from agent_memories where conversation_id = ${of} order by created_us`;
    return rows.map(({ text }) => text);
  };
  const asked = await ann.say(conversation, 'remember me');
  const [answer] = await ann.hears(conversation, agent.id);
  await until(async () => (await remembered()).length === 2);
  t.same(await remembered(), ['remember me', answer?.data.content]);
  const deleted = { conversation, message: asked['message_id'] };
  t.match(await ann.socket.ask('delete', deleted), { ok: true });
  await until(async () => (await remembered()).length === 1);
  const runs = (of: string) => sql<{ status: string }[]>`
    select status from agent_runs where conversation_id = ${of} and status = 'completed'`;
  t.equal((await runs(conversation)).length, 1);
  await call(one, 'DELETE', `/api/conversations/${conversation}`, { token: ann.account.token });
  await until(async () => (await remembered()).length === 0 && (await runs(conversation)).length === 0);
});
