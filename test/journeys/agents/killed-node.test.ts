/** kill -9 of the node on which an agent is in the middle of a sentence: another one answers, once. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { limits } from '../../../src/domain/limits.ts';
import { until } from '../../kit/log-entries.ts';
import { SteppedModel } from '../../kit/memory/stepped-model.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode, startNodeProcess } from '../../kit/servers/node.ts';
import { openOwner } from '../../kit/servers/owner.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';
import { person, team } from './stage.ts';

t.setTimeout(240_000);

const piece = (content: string): string =>
  `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;

/** An endpoint as language models have it, that begins to speak and then only says what the test has it say. */
async function startHaltingEndpoint() {
  const open: ServerResponse[] = [];
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(piece('half a '));
    open.push(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const response of open) response.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, open };
}

t.test('the other node answers, once, in the place of what was begun', async (t) => {
  const servers = { nats: await startNats(t), database: await startPostgres(t) };
  const endpoint = await startHaltingEndpoint();
  const env = { PARLEY_MODEL_URL: endpoint.url, PARLEY_MODEL: 'halting' };
  const doomed = await startNodeProcess({ ...servers, env }, t);
  const { ann: first, agent } = await team(t, doomed);
  const conversation = await first.begin([agent]);
  await first.say(conversation, 'tell me everything');
  const message = await first.sees(conversation, 'half a ');
  // A model that is silent for too long is asked again, and the other node may take longer than that to start.
  let begun = 'half a ';
  const speaking = setInterval(() => {
    begun += 'very ';
    endpoint.open[0]?.write(piece('very '));
  }, limits.modelPieceMsMax / 6);
  t.teardown(() => clearInterval(speaking));
  // Only now: turns are for whichever node is there, and on a busy machine that might be this one from the beginning.
  const model = new SteppedModel();
  const other = await startNode({ ...servers, agentModel: model }, t);
  const ann = await person(t, other, first.account);
  clearInterval(speaking);
  await first.sees(conversation, begun);
  await ann.open(conversation);
  endpoint.open[0]?.write(piece('long '));
  t.equal(await ann.sees(conversation, 'long '), message);
  await ann.say(conversation, 'and more');
  await doomed.kill();

  const asking = await model.askedAbout('tell me everything');
  asking.say('a whole ');
  asking.say('sentence');
  asking.end();
  const more = await model.askedAbout('and more');
  more.say('more');
  more.end();
  const said = await ann.hears(conversation, agent.id, 2);
  t.same(
    said.map(({ data }) => data.content),
    ['a whole sentence', 'more'],
    'in the order of the questions',
  );
  t.equal(said[0]?.data.message_id, message);
  t.equal(ann.drafts(conversation).get(message), 'long ', 'nothing was streamed into the draft of another');
  t.equal(endpoint.open.length, 1);
  await ann.say(conversation, 'bye');
  const last = await model.askedAbout('bye');
  last.say('bye');
  last.end();
  t.equal((await ann.hears(conversation, agent.id, 3)).length, 3, 'nothing was answered twice');

  const sql = openOwner(t, servers.database.url);
  const runs = () => sql<{ status: string; message: string }[]>`
    select status, message_id as message from agent_runs where conversation_id = ${conversation} order by started_us`;
  await until(async () => (await runs()).filter(({ status }) => status === 'completed').length === 3, 60_000);
  t.same(
    (await runs()).map(({ message }) => message),
    ann.said(conversation, ann.account.id).map(({ data }) => data.message_id),
    'one run for each message, also for the one that two nodes had',
  );
  const memories = await sql<{ text: string; entity: string }[]>`
    select content ->> 'text' as text, entity_id as entity from agent_memories
    where conversation_id = ${conversation} order by created_us`;
  t.same(
    memories.map(({ text, entity }) => [text, entity === agent.id]),
    [
      ['tell me everything', false],
      ['and more', false],
      ['a whole sentence', true],
      ['more', true],
      ['bye', false],
      ['bye', true],
    ],
  );
});
