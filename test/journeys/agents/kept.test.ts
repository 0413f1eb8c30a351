/** What agents that run here say is kept like what they were told; and what makes nobody answer. */
import t from 'tap';
import { call } from '../../kit/clients/http-client.ts';
import { until } from '../../kit/log-entries.ts';
import { SteppedModel } from '../../kit/memory/stepped-model.ts';
import { runParley } from '../../kit/processes/parley-process.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { openOwner } from '../../kit/servers/owner.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';
import { team } from './stage.ts';

t.setTimeout(120_000);

const [nats, database] = [await startNats(t), await startPostgres(t)];
const model = new SteppedModel();
const env = { PARLEY_MASTER_KEY: '0123456789abcdef'.repeat(4) };
const node = await startNode({ nats, database, env, agentModel: model }, t);
const { ann, agent } = await team(t, node);
const sql = openOwner(t, database.url);

t.test('the answer to something secret is as secret, its draft included', async (t) => {
  const conversation = await ann.begin([agent]);
  await ann.say(conversation, 'my secret is the canary', { data_class: 'secret' });
  const asking = await model.askedAbout('my secret is the canary');
  asking.say('you keep ', 'the canary');
  const message = await ann.sees(conversation, 'you keep the canary');
  asking.end();
  const [answer] = await ann.hears(conversation, agent.id);
  t.match(answer, { data: { message_id: message, content: 'you keep the canary' } });
  const rows = () => sql`
    select content, searchable from messages where conversation_id = ${conversation} order by seq`;
  await until(async () => (await rows()).length === 2);
  for (const row of await rows()) t.match(row, { searchable: false });
  t.notMatch(JSON.stringify(await rows()), 'canary');
});

t.test('it is told that the agent types', async (t) => {
  const conversation = await ann.begin([agent]);
  await ann.say(conversation, 'are you typing?');
  const asking = await model.askedAbout('are you typing?');
  const typing = (state: string) =>
    ann.socket.find(({ pulse }) => {
      return (
        pulse?.kind === 'typing' &&
        pulse.conversation === conversation &&
        pulse.from === agent.id &&
        pulse.state === state
      );
    });
  await typing('start');
  t.same(ann.said(conversation, agent.id), [], 'before it has said anything');
  asking.say('no');
  asking.end();
  await typing('stop');
  await ann.hears(conversation, agent.id);
});

t.test('a rebuilt projection makes nobody answer again', async (t) => {
  const conversation = await ann.begin([agent]);
  await ann.say(conversation, 'before the rebuild');
  const asking = await model.askedAbout('before the rebuild');
  asking.say('yes');
  asking.end();
  await ann.hears(conversation, agent.id);
  const before = model.asked.length;
  const rebuilt = await runParley(['rebuild-projection', '--json'], {
    NATS_URL: `nats://${nats.user}:${nats.pass}@${new URL(nats.url).host}`,
    DATABASE_URL: database.url,
  });
  t.equal(rebuilt.code, 0, rebuilt.stderr);
  await ann.say(conversation, 'after the rebuild');
  const after = await model.askedAbout('after the rebuild');
  after.say('yes');
  after.end();
  await ann.hears(conversation, agent.id, 2);
  t.equal(model.asked.length, before + 1);
});

t.test('a message that is deleted before its turn comes is not answered', async (t) => {
  const conversation = await ann.begin([agent]);
  await ann.say(conversation, 'the first');
  const { message_id } = await ann.say(conversation, 'a mistake');
  const first = await model.askedAbout('the first');
  const path = `/api/conversations/${conversation}/messages/${message_id}`;
  const deleted = await call(node, 'DELETE', path, { token: ann.account.token });
  t.ok(deleted.status < 300);
  first.say('yes');
  first.end();
  await ann.say(conversation, 'the last');
  const last = await model.askedAbout('the last');
  t.notMatch(JSON.stringify(last.request.messages), 'a mistake');
  last.say('yes');
  last.end();
  await ann.hears(conversation, agent.id, 2);
  t.equal(model.about('a mistake').length, 0);
});

t.test('an agent that is suspended, or gone, answers nobody', async (t) => {
  const conversation = await ann.begin([agent]);
  const spare = await call(node, 'POST', '/auth/agents', {
    token: ann.account.token,
    body: { display_name: 'spare' },
  });
  t.equal(spare.status, 201);
  t.equal((await call(node, 'DELETE', `/auth/agents/${agent.id}`, { token: ann.account.token })).status, 204);
  await ann.say(conversation, 'is anybody there?');
  const projected = () => sql`select 1 from messages where conversation_id = ${conversation}`;
  await until(async () => (await projected()).length === 1);
  await ann.say(conversation, 'nobody?');
  await until(async () => (await projected()).length === 2);
  t.equal(model.about('is anybody there?').length, 0);
});
