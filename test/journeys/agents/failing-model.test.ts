/** What people notice of a language model that fails, and that it is not asked for ever. */
import t from 'tap';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { Model } from '../../../src/ports/agents/model.ts';
import { elizaClient } from '../../kit/clients/eliza-client.ts';
import { call } from '../../kit/clients/http-client.ts';
import { until } from '../../kit/log-entries.ts';
import { startNats } from '../../kit/servers/nats.ts';
import { startNode } from '../../kit/servers/node.ts';
import { openOwner } from '../../kit/servers/owner.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';
import { team } from './stage.ts';

t.setTimeout(120_000);

/** How it answers what it is asked: turns of one test may still wait when the next one begins. */
let isWell = (_text: string): boolean => false;
let isMute = (_text: string): boolean => false;
const asked: string[] = [];
const model: Model = {
  name: 'moody',
  async *answer({ messages }) {
    const text = messages.at(-1)?.text ?? '';
    asked.push(text);
    if (!isMute(text)) yield 'here ';
    yield isWell(text) ? 'I am' : new Problem('unavailable');
  },
};
const database = await startPostgres(t);
const nats = await startNats(t);
const node = await startNode({ nats, database, agentModel: model }, t);
const { ann, agent } = await team(t, node);
const sql = openOwner(t, database.url);

t.test(
  'an answer that fails is told of as abandoned, nobody types any more, and it is on record',
  async (t) => {
    const conversation = await ann.begin([agent]);
    await ann.say(conversation, 'one');
    const pulses = (kind: string) =>
      ann.socket.frames.filter(({ pulse }) => pulse?.conversation === conversation && pulse.kind === kind);
    await until(() => pulses('draft.abandoned').length === 1);
    t.equal(pulses('typing').at(-1)?.['pulse'].state, 'stop');
    t.same(ann.said(conversation, agent.id), []);
    const runs = () => sql<{ status: string; errors: number }[]>`select status, errors from agent_runs`;
    // One that takes long is seen before it ends.
    await until(async () => (await runs())[0]?.status === 'error');
    t.same(await runs(), [{ status: 'error', errors: 3 }]);
    const levels = await sql<{ level: string }[]>`select level from agent_logs order by at_us`;
    t.same(
      levels.map(({ level }) => level),
      ['warn', 'warn', 'warn', 'error'],
    );
  },
);

t.test('after some failures turns wait, and are answered when the model is back', async (t) => {
  const conversations = await Promise.all([1, 2, 3].map(() => ann.begin([agent])));
  await Promise.all(conversations.map((id, index) => ann.say(id, `question ${index}`)));
  const held = () => sql<{ agent: string }[]>`
    select agent_id as agent from agent_logs where type = 'model_state'`;
  await until(async () => (await held()).length > 0, 60_000);
  const metrics = async () => String((await call(node, 'GET', '/metrics')).body);
  t.match(await metrics(), /parley_model_circuit_open\{[^}]*\} 1/);
  t.ok(asked.length < 3 + 9, 'not every question used up its attempts');
  isWell = () => true;
  const answered = () => conversations.filter((id) => ann.said(id, agent.id).length === 1).length;
  await until(() => answered() > 0, 60_000);
  const last = await ann.begin([agent]);
  await ann.say(last, 'and now?');
  await ann.hears(last, agent.id);
  t.match(await metrics(), /parley_model_circuit_open\{[^}]*\} 0/);
});

t.test('an answer that fails before its first word is told of, too, whatever API one speaks', async (t) => {
  const conversation = await ann.begin([agent]);
  const page = await elizaClient(t, node, { apiKey: ann.account.token });
  page.emit('join', { roomId: conversation });
  await until(() => page.heard('room_joined').length === 1);
  isMute = (text) => text === 'anybody?';
  isWell = (text) => !isMute(text);
  await ann.say(conversation, 'anybody?');
  const error = 'The agent gives no answer';
  await until(() => page.heard('messageStreamError').length === 1);
  t.match(page.heard('messageStreamError'), [{ channelId: conversation, agentId: agent.id, error }]);
  const told = () =>
    ann.socket.frames.flatMap(({ pulse }) => (pulse?.kind === 'draft.abandoned' ? [pulse] : []));
  await until(() => told().some((pulse) => pulse.conversation === conversation));
  const [abandoned] = told().filter((pulse) => pulse.conversation === conversation);
  t.match(abandoned, { conversation, from: agent.id, unseen: true });
  t.same(ann.said(conversation, agent.id), []);
});

t.test('a node whose turns only wait closes at once, and the next one answers them', async (t) => {
  isWell = (text) => text !== 'later';
  const waiting = await ann.begin([agent]);
  await ann.say(waiting, 'later');
  await until(() => asked.includes('later'));
  const startedMs = performance.now();
  await node.close();
  t.ok(performance.now() - startedMs < limits.agentDrainMs, 'what takes longer is a drain');
  isWell = () => true;
  const next = await startNode({ nats, database, agentModel: model }, t);
  const log = () => call(next, 'GET', `/api/conversations/${waiting}/messages`, { token: ann.account.token });
  await until(async () => JSON.stringify((await log()).body).includes('here I am'), 60_000);
});
