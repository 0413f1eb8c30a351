/**
 * Every API talks about the same conversation: made in one, found in the others, one order and one text for all. For
 * any two nodes of a deployment.
 */
import type { Test } from 'tap';
import { type Account, signUp, signUpInto } from '../kit/clients/accounts.ts';
import { call, type HttpAnswer } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';

/** ElizaOS: the message server of what belongs to no other. */
const nil = '00000000-0000-0000-0000-000000000000';
type At = { readonly url: string };
type Asking = (who: { readonly token: string }, line: string, body?: unknown) => Promise<HttpAnswer>;

type Told = { readonly id: string; readonly by: string; readonly text: string };

interface Dialect {
  /** A conversation of Ada and Ben. */
  make(name: string): Promise<string>;
  /** By Ada; answers the id of the message. */
  post(conversation: string, text: string): Promise<string>;
  /** As Ada reads it. */
  read(conversation: string): Promise<readonly Told[]>;
  /** Names of Ada's conversations, by id. */
  list(): Promise<ReadonlyMap<string, string | null>>;
}

// biome-ignore lint/suspicious/noExplicitAny: rows of every API
const byId = (rows: readonly any[], name: string): Map<string, string | null> =>
  new Map(rows.map((row) => [row.id, row[name]]));

/** One function for each API: what a client of it does, with the nodes by turns. */
function dialectsOf(
  ada: Account,
  ben: Account,
  socket: NativeClient,
  ask: Asking,
): Readonly<Record<string, Dialect>> {
  return {
    native: {
      async make(name) {
        const participants = [{ id: ben.id }];
        return (await socket.ask('create', { type: 'group', name, participants }))['conversation'].id;
      },
      async post(conversation, content) {
        return (await socket.ask('post', { conversation, content }))['message_id'];
      },
      async read(conversation) {
        const { events } = await socket.ask('history', { conversation, limit: 200 });
        return events.map(({ actor, data }: { actor: { id: string }; data: Record<string, string> }) => ({
          ...{ id: data['message_id'], by: actor.id, text: data['content'] },
        }));
      },
      async list() {
        return byId((await socket.ask('list'))['conversations'], 'name');
      },
    },
    symbia: {
      async make(name) {
        const participants = [{ userId: ben.id }];
        return (await ask(ada, 'POST /api/conversations', { type: 'group', name, participants })).body.id;
      },
      async post(conversation, content) {
        return (await ask(ada, `POST /api/conversations/${conversation}/messages`, { content })).body.id;
      },
      async read(conversation) {
        const { body } = await ask(ada, `GET /api/conversations/${conversation}/messages?limit=200`);
        return body.map(({ id, sender_id: by, content: text }: Record<string, string>) => ({ id, by, text }));
      },
      async list() {
        return byId((await ask(ada, 'GET /api/conversations')).body, 'name');
      },
    },
    vero: {
      async make(name) {
        const body = { type: 'group', name, participant_ids: [ben.id] };
        return (await ask(ada, 'POST /v1/chat/conversations', body)).body.id;
      },
      async post(conversation_id, content_text) {
        return (await ask(ada, 'POST /v1/chat/messages/send', { conversation_id, content_text })).body.id;
      },
      async read(conversation) {
        const { body } = await ask(ada, `GET /v1/chat/conversations/${conversation}/messages?limit=100`);
        const rows = [...body.messages].sort((a, b) => a.seq - b.seq);
        return rows.map(({ id, sender_id: by, content_text: text }) => ({ id, by, text }));
      },
      async list() {
        return byId((await ask(ada, 'GET /v1/chat/conversations')).body.conversations, 'name');
      },
    },
    v2: {
      async make(subject) {
        const body = { organization_id: ada.tenant, subject, participant_user_ids: [ben.id] };
        return (await ask(ada, 'POST /api/v2/conversations', body)).body.id;
      },
      async post(conversation, body) {
        return (await ask(ada, `POST /api/v2/conversations/${conversation}/messages`, { body })).body.id;
      },
      async read(conversation) {
        const { body } = await ask(ada, `GET /api/v2/conversations/${conversation}/messages`);
        return body.map(({ id, sender_user_id: by, body: text }: Record<string, string>) => ({
          id,
          by,
          text,
        }));
      },
      async list() {
        return byId((await ask(ada, 'GET /api/v2/conversations?limit=100')).body, 'subject');
      },
    },
    eliza: {
      async make(name) {
        const body = { name, message_server_id: nil, participantCentralUserIds: [ada.id, ben.id] };
        return (await ask(ada, 'POST /api/messaging/channels', body)).body.data.id;
      },
      async post(conversation, content) {
        const body = { author_id: ada.id, message_server_id: nil, content };
        const path = `/api/messaging/channels/${conversation}/messages`;
        return (await ask(ada, `POST ${path}`, body)).body.userMessage.id;
      },
      async read(conversation) {
        const path = `/api/messaging/channels/${conversation}/messages?limit=200`;
        const rows = (await ask(ada, `GET ${path}`)).body.data.messages.reverse();
        return rows.map(({ id, authorId: by, content: text }: Record<string, string>) => ({ id, by, text }));
      },
      async list() {
        const path = `/api/messaging/message-servers/${nil}/channels`;
        return byId((await ask(ada, `GET ${path}`)).body.data.channels, 'name');
      },
    },
  };
}

/** On the other node than the one before, each time. */
function byTurns(one: At, two: At): Asking {
  let turn = 0;
  return async (who, line, body) => {
    const [method = '', path = ''] = line.split(' ');
    turn += 1;
    const node = turn % 2 === 0 ? one : two;
    const answer = await call(node, method, path, {
      token: who.token,
      ...(body === undefined ? {} : { body }),
    });
    if (answer.status >= 300) throw new Error(`${line}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer;
  };
}

const texts = ['hello', ' süß 🦊\n\t"quoted" \\back ', '<b>&amp;</b>'];

/** The subtests, on two nodes. */
export async function proveOneConversation(t: Test, one: At, two: At): Promise<void> {
  const ada = await signUp(one, 'ada');
  const ben = await signUpInto(one, ada, 'ben');
  const socket = await NativeClient.connect(two, ada.token);
  t.teardown(() => socket.socket.terminate());
  const ask = byTurns(one, two);
  const dialects = dialectsOf(ada, ben, socket, ask);
  for (const [name, dialect] of Object.entries(dialects)) {
    await t.test(`made in ${name}, it is one conversation in all of them`, async (t) => {
      const conversation = await dialect.make(`made in ${name}`);
      const expected: Told[] = [];
      for (const text of texts) {
        for (const [by, { post }] of Object.entries(dialects)) {
          const said = `${by}: ${text}`;
          expected.push({ id: await post(conversation, said), by: ada.id, text: said });
        }
      }
      const last = { body: 'from the other one' };
      const { body } = await ask(ben, `POST /api/v2/conversations/${conversation}/messages`, last);
      expected.push({ id: body.id, by: ben.id, text: last.body });
      for (const [where, { read, list }] of Object.entries(dialects)) {
        t.strictSame(await read(conversation), expected, `as ${where} reads it`);
        t.equal((await list()).get(conversation), `made in ${name}`, `as ${where} lists it`);
      }
    });
  }

  await t.test('everybody at once, on two nodes: one order for all', async (t) => {
    const conversation = await dialects['v2']!.make('busy');
    const all = Object.values(dialects);
    const posted = await Promise.all(
      Array.from({ length: 40 }, (_, n) => all[n % all.length]!.post(conversation, `number ${n}`)),
    );
    const [first = [], ...others] = await Promise.all(all.map(({ read }) => read(conversation)));
    t.same(new Set(first.map(({ id }) => id)), new Set(posted));
    t.equal(first.length, posted.length);
    for (const other of others) t.strictSame(other, first);
  });

  await t.test('what one changes, the others see: name, status, an edit and a deletion', async (t) => {
    const { v2, symbia } = dialects;
    const id = await v2!.make('before');
    const edited = await v2!.post(id, 'as it was');
    const deleted = await symbia!.post(id, 'not for long');
    await ask(ada, `PATCH /api/v2/conversations/${id}`, { subject: 'after', status: 'archived' });
    await ask(ada, `PATCH /api/conversations/${id}/messages/${edited}`, { content: 'as it is' });
    await ask(ada, `DELETE /api/conversations/${id}/messages/${deleted}`);
    for (const { list } of Object.values(dialects)) t.equal((await list()).get(id), 'after');
    const { body } = await ask(ben, `GET /api/v2/conversations/${id}`);
    t.match(body, { subject: 'after', status: 'archived', messages: [{ id: edited, body: 'as it is' }] });
    t.equal(body.messages.length, 1);
    await ask(ada, `PATCH /api/conversations/${id}`, { name: 'by Symbia' });
    const renamed = (await ask(ben, `GET /api/v2/conversations/${id}`)).body;
    t.match(renamed, { subject: 'by Symbia', status: 'archived' });
    t.ok(renamed.updated_at > body.updated_at);
  });
}
