/** A chat of the Vercel AI SDK over a conversation: streamed, stopped, resumed. Driven by the real package. */
import { AbstractChat, type ChatState, type ChatStatus, type UIMessage } from 'ai';
import t from 'tap';
import { ParleyChatTransport } from '../../src/client/ai-sdk/index.ts';
import { type Conversation, connect, type MessageStream, type ParleyClient } from '../../src/client/node.ts';
import { makeAgent, signUp } from '../kit/clients/accounts.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);

const node = await startNode({ nats: await startNats(t), database: await startPostgres(t) }, t);
const ada = await signUp(node, 'ada');
const robot = await makeAgent(node, ada);
const [client, agent] = [await opened(ada.token), await opened(robot.token)];

async function opened(token: string): Promise<ParleyClient> {
  const made = await connect({ url: node.url, token });
  t.teardown(() => made.close());
  return made;
}

/** What React's hook keeps, without React. */
class PlainState implements ChatState<UIMessage> {
  status: ChatStatus = 'ready';
  error: Error | undefined;
  messages: UIMessage[];

  constructor(messages: UIMessage[] = []) {
    this.messages = messages;
  }
  pushMessage = (message: UIMessage): void => void this.messages.push(message);
  popMessage = (): void => void this.messages.pop();
  replaceMessage = (index: number, message: UIMessage): void => void this.messages.splice(index, 1, message);
  snapshot = <T>(thing: T): T => structuredClone(thing);
}

class Chat extends AbstractChat<UIMessage> {
  constructor(id: string, transport: ParleyChatTransport, messages: UIMessage[] = []) {
    super({ id, transport, state: new PlainState(messages) });
  }
  /** Texts of the messages, in order. */
  get texts(): string[] {
    return this.messages.map(({ parts }) =>
      parts.flatMap((part) => (part.type === 'text' ? part.text : [])).join(''),
    );
  }
}

const transport = new ParleyChatTransport({ client, agent: robot.id });

async function harbour(): Promise<Conversation> {
  return await client.conversations.create({
    type: 'group',
    participants: [{ id: robot.id, kind: 'agent' }],
  });
}

/** The agent's side: what it begins to write when somebody has said something. */
async function begins(conversation: Conversation, text: string): Promise<MessageStream> {
  const feed = agent.conversation(conversation.id).events({ after: 0 });
  for await (const item of feed) if (item.type === 'message.posted' && item.actor.kind === 'user') break;
  const stream = agent.conversation(conversation.id).stream();
  await stream.write(text);
  return stream;
}

t.test('an answer is streamed into the chat, and ends with the message', async (t) => {
  const conversation = await harbour();
  const chat = new Chat(conversation.id, transport);
  const sent = chat.sendMessage({ text: 'Where is the ship?' });
  const stream = await begins(conversation, 'It is ');
  await until(() => chat.texts[1] === 'It is ');
  t.equal(chat.status, 'streaming');
  await stream.write('in the ');
  await stream.end('It is in the harbour.');
  await sent;
  t.same(chat.texts, ['Where is the ship?', 'It is in the harbour.']);
  t.equal(chat.status, 'ready');
  t.match(chat.messages[1], {
    id: stream.messageId,
    role: 'assistant',
    metadata: { run: stream.run, seq: 2 },
  });
  const [question] = (await conversation.page()).events;
  t.match(question, { data: { content: 'Where is the ship?', to: [robot.id] } });
  t.same(
    (await transport.messages(conversation.id)).map(({ role }) => role),
    ['user', 'assistant'],
  );
});

t.test('stop stops the agent, and what it had said stays', async (t) => {
  const conversation = await harbour();
  const chat = new Chat(conversation.id, transport);
  const sent = chat.sendMessage({ text: 'Count.' });
  const stream = await begins(conversation, 'one, two, ');
  await until(() => chat.texts[1] === 'one, two, ');
  await chat.stop();
  await sent;
  t.equal(chat.status, 'ready');
  await until(() => stream.signal.aborted);
  t.match(stream.problem, { code: 'run_preempted', message: 'stopped by the reader' });
  const kept = (await conversation.page()).events.find(({ actor }) => actor.id === robot.id);
  t.match(kept, { data: { content: 'one, two, ', interrupted: true } });
});

t.test('a reader who comes back gets the answer under way from its beginning', async (t) => {
  const conversation = await harbour();
  const first = new Chat(conversation.id, transport);
  void first.sendMessage({ text: 'Tell me all.' });
  const stream = await begins(conversation, 'Once upon ');
  await until(() => first.texts[1] === 'Once upon ');

  const other = new ParleyChatTransport({ client: opened(ada.token) });
  const second = new Chat(conversation.id, other, await other.messages(conversation.id));
  t.same(second.texts, ['Tell me all.']);
  const resumed = second.resumeStream();
  await until(() => second.texts[1] === 'Once upon ');
  await stream.write('a time');
  await stream.end();
  await resumed;
  t.same(second.texts, ['Tell me all.', 'Once upon a time']);
  t.equal(second.messages.length, 2);
  await until(() => first.texts[1] === 'Once upon a time');

  const third = new Chat(conversation.id, other, await other.messages(conversation.id));
  await third.resumeStream();
  t.equal(third.status, 'ready', 'there is nothing to resume');
  t.same(third.texts, second.texts);
});

t.test('a post that is refused is an error of the chat', async (t) => {
  const chat = new Chat('01890000-0000-7000-8000-0000000000ff', transport);
  await chat.sendMessage({ text: 'Is anybody there?' });
  t.equal(chat.status, 'error');
  t.match(chat.error, { code: 'not_found' });
});
