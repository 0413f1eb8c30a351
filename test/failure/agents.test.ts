/** nats-server dies while an agent speaks, and loses its work queue: the agent answers all the same, once. */
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import t from 'tap';
import { agentStream } from '../../src/adapters/jetstream/subjects.ts';
import { team } from '../journeys/agents/stage.ts';
import { until } from '../kit/log-entries.ts';
import { SteppedModel } from '../kit/memory/stepped-model.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);

const nats = await startNats(t);
const model = new SteppedModel();
const node = await startNode({ nats, database: await startPostgres(t), agentModel: model }, t);
const { ann, agent } = await team(t, node);

t.test('nats-server is killed in the middle of an answer and comes back', async (t) => {
  const conversation = await ann.begin([agent]);
  await ann.say(conversation, 'tell me everything');
  const asking = await model.askedAbout('tell me everything');
  asking.say('once ');
  await ann.sees(conversation, 'once ');
  await nats.restart();
  asking.say('upon a time');
  asking.end();
  const [answer] = await ann.hears(conversation, agent.id);
  t.equal(answer?.data.content, 'once upon a time');
  await ann.say(conversation, 'and then?');
  const next = await model.askedAbout('and then?');
  next.say('the end');
  next.end();
  await ann.hears(conversation, agent.id, 2);
  t.equal(model.about('tell me everything').length, 1);
  t.same(
    ann.said(conversation, agent.id).map(({ data }) => data.content),
    ['once upon a time', 'the end'],
  );
});

t.test('the work queue is lost: it is made again, and what is said then is answered', async (t) => {
  const conversation = await ann.begin([agent]);
  const { host } = new URL(nats.url);
  const connection = await connect({ servers: host, user: nats.user, pass: nats.pass });
  await (await jetstreamManager(connection)).streams.delete(agentStream);
  await connection.close();
  await ann.say(conversation, 'is anybody there?');
  const asking = await model.askedAbout('is anybody there?');
  asking.say('yes');
  asking.end();
  await until(() => ann.said(conversation, agent.id).length === 1, 30_000);
  t.equal(ann.said(conversation, agent.id)[0]?.data.content, 'yes');
});
