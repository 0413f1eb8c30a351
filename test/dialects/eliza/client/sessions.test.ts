/** The official client, every method of its `sessions`. */
import t from 'tap';
import { until } from '../../../kit/log-entries.ts';
import { eliza, openOfficialClient, person } from './official-client.ts';

t.setTimeout(120_000);

const { client, uncalled } = await openOfficialClient(t);
const { sessions } = client;

type Session = { readonly sessionId: string; readonly channelId: string };
type Page = {
  readonly messages: readonly {
    readonly content: string;
    readonly isAgent: boolean;
    readonly createdAt: string;
  }[];
  readonly hasMore: boolean;
};

t.test('a session is made, told of, and deleted', async (t) => {
  const made = await sessions.createSession<Session>({
    ...{ agentId: eliza, userId: person(1) },
    metadata: { platform: 'test' },
  });
  t.match(made, {
    ...{ sessionId: String, channelId: String, agentId: eliza, userId: person(1) },
    metadata: { platform: 'test' },
    timeoutConfig: {
      timeoutMinutes: 30,
      autoRenew: true,
      maxDurationMinutes: 720,
      warningThresholdMinutes: 5,
    },
    expiresAt: /^\d{4}-/,
  });
  const { sessionId } = made;
  t.match(await sessions.getSession(sessionId), {
    ...{ sessionId, agentId: eliza, renewalCount: 0, timeRemaining: Number, isNearExpiration: false },
  });
  const listed = await sessions.listSessions<{ sessions: readonly Session[]; total: number }>();
  t.ok(listed.sessions.some((one) => one.sessionId === sessionId));
  t.equal(listed.total, listed.sessions.length);
  t.match(await sessions.checkHealth(), { status: 'healthy', activeSessions: 1, timestamp: String });
  t.match(await sessions.deleteSession(sessionId), { message: /deleted/ });
  await t.rejects(sessions.getSession(sessionId), { code: 'SESSION_NOT_FOUND', status: 404 });
});

t.test('messages of a session are answered by its agent', async (t) => {
  const { sessionId } = await sessions.createSession<Session>({ agentId: eliza, userId: person(2) });
  t.match(await sessions.sendMessage(sessionId, { content: 'hello there', metadata: { tag: 'x' } }), {
    userMessage: { content: 'hello there' },
    sessionStatus: { renewalCount: 1, wasRenewed: true, isNearExpiration: false },
  });
  t.match(await sessions.sendMessageSync(sessionId, { content: 'what is a bus?' }), {
    userMessage: { content: 'what is a bus?' },
    agentResponse: { text: /./ },
  });
  const page = () => sessions.getMessages<Page>(sessionId);
  await until(async () => (await page()).messages.length === 4);
  const { messages } = await page();
  t.equal(messages.filter(({ isAgent }) => isAgent).length, 2);
  t.ok(messages.some(({ content, isAgent }) => !isAgent && content === 'hello there'));
  const newest = await sessions.getMessages<Page>(sessionId, { limit: 1 });
  t.match(newest, { messages: [{ content: messages[0]!.content }], hasMore: true });
  const before = new Date(messages[0]!.createdAt);
  const older = await sessions.getMessages<Page>(sessionId, { before });
  t.notOk(older.messages.some(({ createdAt }) => new Date(createdAt) >= before));
  const after = new Date(messages.at(-1)!.createdAt);
  const later = await sessions.getMessages<Page>(sessionId, { after });
  t.notOk(later.messages.some(({ createdAt }) => new Date(createdAt) < after));
  t.ok(later.messages.length >= 2);
});

t.test('what cannot be a session is refused', async (t) => {
  await t.rejects(sessions.createSession({ agentId: eliza }), { code: 'VALIDATION_ERROR', status: 400 });
  await t.rejects(sessions.createSession({ agentId: person(9), userId: person(1) }), {
    ...{ code: 'AGENT_NOT_FOUND', status: 404 },
  });
  await t.rejects(sessions.sendMessage('unknown', { content: 'hello' }), {
    ...{ code: 'SESSION_NOT_FOUND', status: 404 },
  });
});

t.test('every method was called', async (t) => {
  t.same(uncalled('sessions'), []);
});
