/** Who asks an agent and waits, on another node than the one on which it speaks. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { openClock } from '../../../../src/adapters/system/clock.ts';
import { openIdSource } from '../../../../src/adapters/system/id-source.ts';
import { openAnswers } from '../../../../src/core/agents/answers/open-answers.ts';
import { turnNames } from '../../../../src/core/agents/turns/turn-names.ts';
import { tellEndedTurn } from '../../../../src/core/agents/turns/turn-news.ts';
import type { PostCommand } from '../../../../src/domain/command.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import type {
  AnswerPiece,
  AnswerRequest,
  ExpectedAnswer,
} from '../../../../src/ports/agents/agent-answers.ts';
import { must } from '../../../kit/clients/reader.ts';
import { NodeLinks } from '../../../kit/links/node-links.ts';
import { until } from '../../../kit/log-entries.ts';
import { control, post } from '../../../kit/memory/memory-commands.ts';
import { startTwoNodes } from '../../../kit/servers/two-nodes.ts';

t.setTimeout(120_000);

const { here, there, owner, one, conversation, send } = await startTwoNodes(t);
const [iris, otto, asleep] = [one('iris', 'agent'), one('otto', 'agent'), one('asleep', 'agent')];
const ids = openIdSource();
const links = new NodeLinks();
const far = links.open('far');
const known = (id: string) => ({
  ...{ id, kind: 'agent' as const, displayName: id, status: 'active' as const, avatarUrl: null },
  ...{ jobTitle: null, bio: null, isDefaultAgent: false, runs: id === 'iris' },
});
const directory = {
  principalsOf: async (_: string, asked: readonly string[]) =>
    new Map(
      asked.flatMap((id) => (['iris', 'otto', 'asleep'].includes(id) ? [[id, known(id)] as const] : [])),
    ),
};
const { bus, live } = there.core;
const answers = openAnswers({ bus, live, directory, ids, link: links.open('near'), clock: openClock() });

/** A conversation of the owner with both agents, and a message that is about to be posted there. */
async function stage(agent = iris, more: Partial<AnswerRequest> = {}) {
  const id = await conversation(iris, otto, asleep);
  const message = randomUUID();
  const names = turnNames(ids, { tenant: owner.tenant, conversation: id, message, agent: agent.id });
  const pieces: AnswerPiece[] = [];
  const onPiece = (piece: AnswerPiece): void => void pieces.push(piece);
  const request = { conversation: id, message, agent: agent.id, onPiece, ...more };
  const expect = async (): Promise<ExpectedAnswer> => must(await answers.expect(owner, request));
  const say = (content: string, fields: Partial<PostCommand> = {}, by = agent) =>
    send(here, by, id, post(content, fields)).then(must);
  const ask = () => say('what is it?', { messageId: message }, owner);
  const turn = { run: names.run, clientId: names.run, messageId: names.answer, endRun: true };
  const stream = async (text: string, index: number, messageId = names.answer, run = names.run) =>
    t.equal(
      await here.core.live.delta(
        { principal: agent },
        { conversation: id, messageId, run, index, text },
        () => undefined,
      ),
      null,
    );
  return { id, message, names, pieces, request, expect, say, ask, turn, stream };
}

t.test('the answer of an agent that runs comes in pieces and then whole', async (t) => {
  const { expect, ask, stream, say, pieces, turn, names } = await stage();
  const expected = await expect();
  await ask();
  await stream('once ', 0);
  await stream('upon', 1);
  await until(() => pieces.map(({ text }) => text).join('') === 'once upon');
  t.match(pieces[0], { message: names.answer, index: 0, startsOver: false });
  await say('another thing', { run: 'x', clientId: 'x' });
  await say('once upon a time', turn);
  t.match(await expected.answer, {
    message: names.answer,
    run: names.run,
    event: { data: { content: 'once upon a time' }, actor: { id: 'iris' } },
  });
});

t.test('the answer to another message is not the answer', async (t) => {
  const { id, expect, ask, say, turn } = await stage();
  const expected = await expect();
  await ask();
  const other = turnNames(ids, { tenant: owner.tenant, conversation: id, message: 'other', agent: 'iris' });
  await say('for others', { run: other.run, clientId: other.run, messageId: other.answer });
  await say('this one', turn);
  t.match(await expected.answer, { event: { data: { content: 'this one' } } });
});

t.test('of an agent outside the next message counts, or the one that replies', async (t) => {
  const { expect, ask, say, stream, pieces } = await stage(otto);
  const expected = await expect();
  const before = must(await say('good morning'));
  await ask();
  await say('not this', {}, iris);
  await say('Executing action: LOOK');
  const first = before.events[0]?.type === 'message.posted' ? before.events[0].data.message_id : '';
  await say('that was something else', { replyTo: first });
  const draft = randomUUID();
  await stream('it ', 0, draft, 'own run');
  await until(() => pieces.length === 1);
  await say('it is this', { messageId: draft, run: 'own run', endRun: true });
  t.match(await expected.answer, { run: 'own run', event: { data: { content: 'it is this' } } });
});

t.test('looking back finds what was said before anybody waited', async (t) => {
  const { id, expect, ask, say, turn, request, stream, pieces } = await stage();
  await ask();
  await stream('half of ', 0);
  const early = await expect();
  await early.lookBack();
  await until(() => pieces.length > 0);
  await say('half of it', turn);
  t.match(await early.answer, { event: { data: { content: 'half of it' } } });
  const late = await expect();
  await late.lookBack();
  t.match(await late.answer, { event: { data: { content: 'half of it' } } });
  const retried = must(await answers.expect(owner, { ...request, message: randomUUID() }));
  await retried.lookBack(request.message);
  t.match(await retried.answer, { event: { data: { content: 'half of it' } } });
  const nothing = must(await answers.expect(owner, { ...request, conversation: id, message: randomUUID() }));
  await nothing.lookBack();
  nothing.cancel();
  t.match(await nothing.answer, { code: 'unavailable', reason: 'cancelled' });
});

t.test('what stops the run, or takes one of them away, ends the wait', async (t) => {
  const ends: [string, string, (at: { id: string; message: string }) => Promise<unknown>][] = [
    [
      'preempted',
      'run_preempted',
      ({ id }) => send(here, owner, id, control('stream.preempt', { target: 'iris' })),
    ],
    [
      'agent removed',
      'not_found',
      ({ id }) => send(here, owner, id, { op: 'participant.remove', participant: 'iris' }),
    ],
    ['deleted', 'not_found', ({ id }) => send(here, owner, id, { op: 'conversation.delete' })],
    ['stopped', 'run_preempted', async (at) => tellEndedTurn(far, turnAt(at), 'stopped')],
    ['failed', 'unavailable', async (at) => tellEndedTurn(far, turnAt(at), 'failed')],
  ];
  const turnAt = ({ id, message }: { id: string; message: string }) => ({
    ...{ tenant: owner.tenant, conversation: id, message, agent: 'iris' },
  });
  for (const [name, code, end] of ends) {
    const at = await stage();
    const expected = await at.expect();
    await at.ask();
    tellEndedTurn(far, { ...turnAt(at), message: 'another' }, 'failed');
    await end(at);
    t.match(await expected.answer, { code }, name);
  }
});

t.test('a preempt before the message is not about it', async (t) => {
  const { id, expect, ask, say, turn } = await stage();
  const expected = await expect();
  must(await send(here, owner, id, control('stream.preempt', { target: 'iris' })));
  await ask();
  await say('yes', turn);
  t.match(await expected.answer, { event: { data: { content: 'yes' } } });
});

t.test('it ends by time, and by the signal of who waits', async (t) => {
  const timed = await stage(iris, { timeoutMs: 20 });
  t.match(await (await timed.expect()).answer, { code: 'unavailable', reason: 'timed_out' });
  const aborting = new AbortController();
  const signalled = await stage(iris, { signal: aborting.signal });
  const expected = await signalled.expect();
  aborting.abort();
  t.match(await expected.answer, { reason: 'cancelled' });
  t.match(await (await signalled.expect()).answer, { reason: 'cancelled' });
});

t.test('who cannot answer is not waited for', async (t) => {
  const { request } = await stage();
  const refusal = async (change: Partial<AnswerRequest>, by = owner) => {
    const refused = await answers.expect(by, { ...request, ...change });
    return refused instanceof Problem ? (refused.reason ?? refused.code) : 'waits';
  };
  t.equal(await refusal({ agent: 'nobody' }), 'not_found');
  t.equal(await refusal({ agent: 'asleep', mustRun: true }), 'not_running');
  t.equal(await refusal({ conversation: randomUUID() }), 'not_found');
  t.equal(await refusal({}, one('stranger')), 'not_found');
  const without = await conversation();
  t.equal(await refusal({ conversation: without }), 'not_found');
});

t.test('so many wait on a node, and no more; those that end make room', async (t) => {
  const { request } = await stage();
  const waiting = await Promise.all(
    Array.from({ length: limits.answersExpectedMax + 1 }, () => answers.expect(owner, request)),
  );
  const refused = waiting.filter((one) => one instanceof Problem);
  t.same(
    refused.map(({ code }) => code),
    ['overloaded'],
  );
  for (const one of waiting) if (!(one instanceof Problem)) one.cancel();
  await Promise.all(waiting.map((one) => (one instanceof Problem ? null : one.answer)));
  const again = must(await answers.expect(owner, request));
  again.cancel();
});
