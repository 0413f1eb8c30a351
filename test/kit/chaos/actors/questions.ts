/**
 * People who ask an agent that runs on the nodes, each in a conversation of its own: the next question when the last one
 * is answered. The agent speaks with a model of ours that takes its time, so that turns are under way whenever a node ends.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from '../../clients/accounts.ts';
import { call } from '../../clients/http-client.ts';
import type { ServerFrame } from '../../clients/native-client.ts';
import { until } from '../../log-entries.ts';
import type { Teardown } from '../../temporary.ts';
import type { Seen } from '../proofs/events.ts';
import { openAsking } from './asking-socket.ts';
import { follow } from './follow.ts';

/** Words of an answer, and the pause between two of them, ms: a turn is longer than a node takes to be replaced. */
const [words, wordMs] = [20, 100];

const questionOf = (asker: number, number: number): string => `question ${asker}-${number}`;

/** What the model says to a question, and to nothing else. */
const answerTo = (question: string): string =>
  Array.from({ length: words }, (_, word) => `${question.replace('question ', 'answer-')}.${word}`).join(' ');

/** An endpoint as language models have it; ended with the test. Answers its URL for PARLEY_MODEL_URL. */
export async function startSlowModel(t: Teardown): Promise<string> {
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const asked = JSON.parse(Buffer.concat(pieces).toString()) as { messages: { content: unknown }[] };
    const [question = 'nothing'] = /question \d+-\d+/.exec(JSON.stringify(asked.messages.at(-1))) ?? [];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const pieceOf = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
    for (const [index, word] of answerTo(question).split(' ').entries()) {
      if (response.destroyed) return;
      response.write(pieceOf(index === 0 ? word : ` ${word}`));
      await delay(wordMs);
    }
    response.end('data: [DONE]\n\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

export type Questions = {
  readonly conversations: readonly string[];
  /** Questions that were answered so far. */
  readonly answered: () => number;
  /** No question is asked any more; resolves when all that were are answered. */
  end(): Promise<void>;
};

/** `askers` conversations of the owner with the agent that its tenant was born with. Ended with the test. */
export async function askQuestions(
  t: Teardown,
  urls: readonly string[],
  { token, id: owner }: Pick<Account, 'token' | 'id'>,
  askers: number,
): Promise<Questions> {
  const [first = ''] = urls;
  const { body } = await call({ url: first }, 'GET', '/auth/agents', { token });
  const agent = body.agents.find((one: ServerFrame) => one['is_default_agent']);
  const socket = await openAsking(first, token);
  const conversations: string[] = [];
  for (let index = 0; index < askers; index += 1) {
    const made = await socket.ask('create', { type: 'private', participants: [{ id: agent.id }] });
    conversations.push(made['conversation'].id);
  }
  socket.end();
  let answered = 0;
  const over = new AbortController();
  const asking = conversations.map(async (conversation, asker) => {
    let [number, epoch, position, hasAnswer] = [0, '', 0, true];
    const following = follow({
      token,
      urls: [...urls.slice(asker % urls.length), ...urls.slice(0, asker % urls.length)],
      async begin(present) {
        // Events come before the reply that names their epoch.
        const after = epoch === '' ? position : `${epoch}:${position}`;
        const reply = await present.ask('open', { conversation, after });
        const opened = reply['conversations']?.[0];
        if (opened === undefined) throw new Error('not opened');
        epoch = opened.epoch;
      },
      hear({ ev }) {
        if (ev === undefined) return;
        position = ev.position;
        if (ev.type !== 'message.posted' || ev.actor.id === owner) return;
        hasAnswer = true;
        answered += 1;
      },
    });
    t.teardown(following.end);
    for (; !over.signal.aborted; number += 1) {
      const content = questionOf(asker, number);
      const clientId = `asked ${content}`;
      hasAnswer = false;
      for (let isPosted = false; !isPosted; ) {
        const reply = await following
          .current()
          ?.ask('post', { conversation, content, client_id: clientId })
          .catch(() => undefined);
        isPosted = reply?.['ok'] === true;
        if (!isPosted) await delay(50);
      }
      await until(() => hasAnswer, 60_000);
    }
    await following.end();
  });
  const all = Promise.all(asking);
  all.catch(() => undefined); // whoever ends it hears of it
  t.teardown(() => over.abort());
  return {
    conversations,
    answered: () => answered,
    async end() {
      over.abort();
      await all;
    },
  };
}

/** What is wrong with a log of questions: each is followed by its answer, whole, and by nothing else. */
export function brokenAnswers(conversation: string, events: readonly Seen[], owner: string): string[] {
  const broken: string[] = [];
  const posts = events.filter(({ type }) => type === 'message.posted');
  for (let at = 0; at < posts.length; at += 2) {
    const [question, answer] = [posts[at], posts[at + 1]];
    if (question?.actor !== owner || answer === undefined || answer.actor === owner)
      return [...broken, `${conversation}: ${at}. is ${question?.content}, then ${answer?.content}`];
    if (answer.content !== answerTo(question.content ?? ''))
      broken.push(`${conversation}: ${question.content} was answered ${answer.content}`);
  }
  return broken;
}
