/** What stops an agent that runs here, in the middle of a sentence, whichever node it runs on. */
import t from 'tap';
import { call } from '../../kit/clients/http-client.ts';
import { must } from '../../kit/clients/reader.ts';
import { until } from '../../kit/log-entries.ts';
import { SteppedModel } from '../../kit/memory/stepped-model.ts';
import { openOwner } from '../../kit/servers/owner.ts';
import { startTwoWholeNodes } from '../../kit/servers/two-whole-nodes.ts';
import { type Person, person, team } from './stage.ts';

t.setTimeout(180_000);

const model = new SteppedModel();
const { one, two, databaseUrl } = await startTwoWholeNodes(t, { agentModel: model });
const sql = openOwner(t, databaseUrl);
const { ann, bob, agent } = await team(t, one);
/** One of the two nodes is not the one that the agent runs on. */
const elsewhere = await person(t, two, ann.account);

/** A conversation in which the agent is in the middle of its answer to `text`. */
async function begun(text: string, by: Person = ann) {
  const conversation = await by.begin([agent]);
  await by.say(conversation, text);
  const asking = await model.askedAbout(text);
  asking.say('once ', 'upon ');
  const message = await by.sees(conversation, 'once upon ');
  return { conversation, asking, message };
}

/** Waits until the agent has dealt with everything so far: what it is asked next is answered. */
async function goesOn(conversation: string, text: string, by: Person = ann) {
  await by.say(conversation, text);
  const asking = await model.askedAbout(text);
  asking.say('the end');
  asking.end();
  await until(() => by.posts(conversation).at(-1)?.data.content === 'the end');
}

for (const [event, by] of [
  ['stream.preempt', ann],
  ['stream.cancel', elsewhere],
] as const) {
  t.test(`${event} leaves what was said as an interrupted message, and no answer follows`, async (t) => {
    const { conversation, asking, message } = await begun(`tell me about ${event}`);
    await by.open(conversation);
    await by.control(conversation, event, { target: agent.id });
    // The model is silent: it is not its next word that makes it stop.
    await until(() => asking.signal.aborted);
    const [interrupted] = await ann.hears(conversation, agent.id);
    t.match(interrupted, { data: { message_id: message, content: 'once upon ', interrupted: true } });
    asking.say('a time');
    asking.end();
    await goesOn(conversation, `and now something else than ${event}`);
    t.same(
      ann.said(conversation, agent.id).map(({ data }) => data.content),
      ['once upon ', 'the end'],
    );
    t.equal(model.about(`tell me about ${event}`).length, 1);
  });
}

t.test('a run is stopped by its name, too, and no other', async (t) => {
  const { conversation, asking } = await begun('tell me of a run');
  const { delta } = await ann.socket.find((frame) => frame['delta']?.conversation === conversation);
  await ann.control(conversation, 'stream.preempt', { run: 'another' });
  asking.say('a ');
  await ann.sees(conversation, 'once upon a ');
  await ann.control(conversation, 'stream.preempt', { run: delta.run });
  await until(() => asking.signal.aborted);
  t.match(await ann.hears(conversation, agent.id), [
    { data: { content: 'once upon a ', interrupted: true } },
  ]);
});

t.test(
  'an agent that has not said a word yet is stopped as well, with all that it was asked before',
  async (t) => {
    const conversation = await ann.begin([agent]);
    await ann.say(conversation, 'the first question');
    await ann.say(conversation, 'the second question');
    const asking = await model.askedAbout('the first question');
    await ann.control(conversation, 'stream.preempt', { target: agent.id });
    await until(() => asking.signal.aborted);
    await goesOn(conversation, 'the third question');
    t.equal(ann.said(conversation, agent.id).length, 1);
    t.equal(model.about('the second question').length, 0);
  },
);

t.test('a pause stops it, and after the resume it answers', async (t) => {
  const { conversation, asking, message } = await begun('tell me of pauses');
  await elsewhere.open(conversation);
  await elsewhere.control(conversation, 'stream.pause', { reason: 'lunch' });
  await until(() => asking.signal.aborted);
  asking.say('a time');
  asking.end();
  await ann.say(conversation, 'are you there?');
  t.equal(model.about('are you there?').length, 0, 'what is said meanwhile waits');
  await elsewhere.control(conversation, 'stream.resume');
  const again = await model.askedAbout('tell me of pauses', 2);
  again.say('it was ', 'a pause');
  again.end();
  const next = await model.askedAbout('are you there?');
  next.say('yes');
  next.end();
  const said = await ann.hears(conversation, agent.id, 2);
  t.same(
    said.map(({ data }) => data.content),
    ['it was a pause', 'yes'],
  );
  t.equal(said[0]?.data.message_id, message, 'it takes the place of what was begun');
});

t.test('a pause before its first word costs nothing: it is streamed after the resume', async (t) => {
  const conversation = await ann.begin([agent]);
  await ann.say(conversation, 'tell me slowly');
  const asking = await model.askedAbout('tell me slowly');
  await ann.control(conversation, 'stream.pause');
  await until(() => asking.signal.aborted);
  await ann.control(conversation, 'stream.resume');
  const again = await model.askedAbout('tell me slowly', 2);
  again.say('word by word');
  const message = await ann.sees(conversation, 'word by word');
  again.end();
  const [answer] = await ann.hears(conversation, agent.id);
  t.equal(answer?.data.message_id, message);
});

t.test('the floor for another agent ends it', async (t) => {
  const conversation = await ann.begin([agent, { id: bob.account.id }, { id: 'another' }], 'group');
  await ann.say(conversation, '@Assistant, tell me of floors');
  const asking = await model.askedAbout('@Assistant, tell me of floors');
  asking.say('once ');
  await ann.sees(conversation, 'once ');
  await ann.control(conversation, 'stream.route', { target: 'another' });
  await until(() => asking.signal.aborted);
  asking.end();
  await ann.socket.find(
    ({ pulse }) => pulse?.kind === 'draft.abandoned' && pulse.conversation === conversation,
  );
  await ann.control(conversation, 'stream.route', { target: null });
  await ann.say(conversation, '@Assistant, and now?');
  const now = await model.askedAbout('@Assistant, and now?');
  now.say('yes');
  now.end();
  const said = await ann.hears(conversation, agent.id);
  t.same(
    said.map(({ data }) => data.content),
    ['yes'],
  );
});

t.test('removed, or its conversation deleted, it stops', async (t) => {
  const gone = await begun('tell me of deletions');
  await call(one, 'DELETE', `/api/conversations/${gone.conversation}`, { token: ann.account.token });
  await until(() => gone.asking.signal.aborted);
  const removed = await begun('tell me of removals', bob);
  const path = `/api/conversations/${removed.conversation}/participants/${agent.id}`;
  await call(one, 'DELETE', path, { token: bob.account.token });
  await until(() => removed.asking.signal.aborted);
  t.same(bob.said(removed.conversation, agent.id), []);
});

t.test('a model that fails is asked again, and then its answer is the whole of it', async (t) => {
  const { conversation, asking, message } = await begun('tell me of failures');
  asking.fail();
  const again = await model.askedAbout('tell me of failures', 2);
  again.say('here it is');
  again.end();
  const [answer] = await ann.hears(conversation, agent.id);
  t.match(answer, { data: { message_id: message, content: 'here it is' } });
});

t.test('one that always fails ends the turn, and the next message is answered', async (t) => {
  const conversation = await ann.begin([agent]);
  await ann.say(conversation, 'a hopeless question');
  for (const time of [1, 2, 3]) (await model.askedAbout('a hopeless question', time)).fail();
  await goesOn(conversation, 'another question');
  t.equal(model.about('a hopeless question').length, 3);
  t.equal(ann.said(conversation, agent.id).length, 1);
});

t.test('stopped or started by whoever manages it, on whichever node', async (t) => {
  const { identity } = two.node;
  const by = must(await identity.authenticator.authenticate({ bearer: ann.account.token }));
  const { conversation, asking } = await begun('tell me of managers');
  t.match(await identity.agents.setRunning(by, agent.id, false), { isRunning: false });
  await until(() => asking.signal.aborted);
  t.match(await identity.agents.setRunning(by, agent.id, true), { isRunning: true });
  // The other node hears of it a little later, and of the change below as well.
  for (const { node } of [one, two]) {
    await until(async () => {
      const known = must(await node.identity.directory.principalsOf(by.tenant, [agent.id]));
      return known.get(agent.id)?.runs === true;
    });
  }
  await goesOn(conversation, 'and now?');
  t.same(model.about('tell me of managers').length, 1);
  const character = { system: 'Be brief.', bio: ['A brief one.'] };
  must(await identity.agents.change(by, agent.id, character));
  for (const { node } of [one, two]) {
    await until(async () => {
      const known = must(await node.identity.agents.characterOf(by.tenant, agent.id));
      return known?.['system'] === 'Be brief.';
    });
  }
  await ann.say(conversation, 'who are you now?');
  const last = await model.askedAbout('who are you now?');
  t.match(last.request.agent, { bio: 'A brief one.', character: { system: 'Be brief.' } });
  last.say('it');
  last.end();
});

t.test('how each run ended is on record', async (t) => {
  const outcomes = async () => {
    const rows = await sql<{ outcome: string; status: string; count: number }[]>`
      select outcome, status, count(*)::int as count from agent_runs group by outcome, status order by outcome`;
    return Object.fromEntries(rows.map(({ outcome, status, count }) => [`${outcome}: ${status}`, count]));
  };
  const least = { 'answered: completed': 8, 'stopped: error': 6, 'failed: error': 1 };
  await until(async () => {
    const ended = await outcomes();
    return Object.entries(least).every(([outcome, count]) => (ended[outcome] ?? 0) >= count);
  });
  t.equal((await outcomes())['failed: error'], 1);
  const [failed] = await sql<{ errors: number; model_calls: number }[]>`
    select errors, model_calls from agent_runs where outcome = 'failed'`;
  t.match(failed, { errors: 3, model_calls: 3 });
});
