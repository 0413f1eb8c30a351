/** Who is in a workspace: lists, search, agents, and how they are now. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { call } from '../../../../kit/clients/http-client.ts';
import { NativeClient } from '../../../../kit/clients/native-client.ts';
import { until } from '../../../../kit/log-entries.ts';
import { refusal, type Stage, startChat } from '../stage.ts';

t.setTimeout(120_000);

interface Shown {
  readonly id: string;
  readonly display_name: string;
  readonly status: string;
}

/** Somebody of ann's workspace, with a name and a number. */
async function join({ node, ann }: Stage, name: string, phone: string): Promise<void> {
  const invite = await call(node, 'POST', '/auth/invites', { token: ann.token, body: {} });
  const body = {
    email: `${randomUUID()}@example.org`,
    password: 'a long password',
    display_name: name,
    phone,
    invite_token: invite.body.invite_token,
  };
  const made = await call(node, 'POST', '/auth/signup', { body });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
}

const names = (body: { readonly users: readonly Shown[] }): string[] =>
  body.users.map(({ display_name }) => display_name);

t.test(
  'people of a workspace by name, without the caller, agents, strangers and what is private',
  async (t) => {
    const stage = await startChat(t);
    const { ann, bob, robot, stranger, ask } = stage;
    await join(stage, 'Zoë de Bruin', '+31612345678');
    await join(stage, 'Åsa 100%_sure', '+46701234567');
    await join(stage, 'anna-maria', '+390612345678');
    const { status, body } = await ask(ann, 'GET /v1/chat/users');
    t.equal(status, 200);
    t.same(names(body), ['Zoë de Bruin', 'anna-maria', 'bob', 'Åsa 100%_sure']);
    t.equal(body.next_cursor, null);
    t.notMatch(JSON.stringify(body), /example\.org|316123|phone|email/);
    t.match(body.users[2], { id: bob.id, is_agent: false, status: 'offline' });
    t.notOk('is_default_agent' in body.users[2]);

    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page = await ask(ann, `GET /v1/chat/users?limit=1${next === '' ? '' : `&cursor=${next}`}`);
      seen.push(...names(page.body));
      next = page.body.next_cursor;
    }
    t.same(seen, names(body), 'page by page');
    for (const bad of ['?limit=0', '?limit=201', '?cursor=nonsense', '?cursor=%ff', '?limit=1&limit=x'])
      t.equal(refusal(await ask(ann, `GET /v1/chat/users${bad}`)), '400 invalid_request', bad);

    const found = async (q: string) => {
      const answer = await ask(ann, `GET /v1/chat/users/search?q=${encodeURIComponent(q)}`);
      t.equal(answer.status, 200, q);
      t.notMatch(JSON.stringify(answer.body), /\+\d{7}/, 'no number comes back');
      return names(answer.body);
    };
    t.same(await found('bru'), ['Zoë de Bruin'], 'any word');
    t.same(await found('ZOË DE'), ['Zoë de Bruin'], 'several words, whatever their case');
    t.same(await found('ruin'), [], 'not its middle');
    t.same(await found('mar'), ['anna-maria'], 'a word after a hyphen');
    t.same(await found('anna-ma'), ['anna-maria']);
    t.same(await found('100%_'), ['Åsa 100%_sure'], 'wildcards are letters');
    t.same(await found('%%'), []);
    t.same(await found('__'), []);
    t.same(await found('+31 (6) 12-34.56 78'), ['Zoë de Bruin'], 'a whole number, however it is written');
    t.same(await found('31612345678'), ['Zoë de Bruin']);
    t.same(await found('+3161234567'), [], 'not the beginning of one');
    t.same(await found("'); drop table principals; --"), []);
    for (const bad of ['', '?q=a', `?q=${'a'.repeat(81)}`, '?q=%ff', '?q=ab%00', '?q=ab&limit=0'])
      t.equal(refusal(await ask(ann, `GET /v1/chat/users/search${bad}`)), '400 invalid_request', bad);

    const { agents } = (await ask(bob, 'GET /v1/chat/agents')).body;
    t.ok(agents.every((one: { is_agent: boolean }) => one.is_agent));
    t.ok(agents.some((one: Shown) => one.id === robot.id));
    t.equal(agents.filter((one: { is_default_agent: boolean }) => one.is_default_agent).length, 1);
    t.same(names((await ask(stranger, 'GET /v1/chat/users')).body), [], 'another workspace is another world');
    const { status: patched } = await ask(ann, `PATCH /auth/users/${bob.id}`, { status: 'suspended' });
    t.equal(patched, 200);
    t.notOk(
      names((await ask(ann, 'GET /v1/chat/users')).body).includes('bob'),
      'the suspended are not there',
    );
  },
);

t.test('a person is online while it has a socket, and says whether it is busy', async (t) => {
  const { ann, bob, node, ask } = await startChat(t);
  const status = async (): Promise<string> =>
    (await ask(ann, 'GET /v1/chat/users')).body.users.find((one: Shown) => one.id === bob.id).status;
  t.equal(await status(), 'offline');
  const client = await NativeClient.connect(node, bob.token);
  t.teardown(() => client.socket.terminate());
  await until(async () => (await status()) === 'online');
  client.send({ op: 'presence', status: 'busy' });
  await until(async () => (await status()) === 'busy');
});

t.test('blocking: idempotent, of people and agents, and only of those who are there', async (t) => {
  const { ann, bob, robot, stranger, ask } = await startChat(t);
  const path = (id: string): string => `/v1/chat/users/${encodeURIComponent(id)}/block`;
  const first = await ask(ann, `POST ${path(bob.id)}`, undefined);
  t.equal(first.status, 200);
  t.match(first.body, { user_id: bob.id, created_at: /^\d{4}-.*Z$/ });
  const again = await ask(ann, `POST ${path(bob.id.toUpperCase())}`);
  t.same([again.status, again.body], [200, first.body], 'the first time stays');
  t.equal((await ask(ann, `POST ${path(robot.id)}`)).status, 200, 'an agent');
  t.equal(refusal(await ask(ann, `POST ${path(ann.id)}`)), '400 invalid_request');
  for (const nobody of [stranger.id, randomUUID(), 'nonsense', '%00', 'x'.repeat(300)]) {
    t.equal(refusal(await ask(ann, `POST ${path(nobody)}`)), '404 not_found', nobody);
    t.equal(refusal(await ask(ann, `DELETE ${path(nobody)}`)), '404 not_found', nobody);
  }
  const blocked = async (who: typeof ann) =>
    (await ask(who, 'GET /v1/chat/blocks')).body.blocked.map((one: { user_id: string }) => one.user_id);
  t.same(await blocked(ann), [bob.id, robot.id]);
  t.same(await blocked(bob), [], 'nobody else hears of it');
  for (let times = 0; times < 2; times += 1) {
    const { status, body } = await ask(ann, `DELETE ${path(bob.id)}`);
    t.same([status, body], [200, { ok: true }]);
  }
  t.same(await blocked(ann), [robot.id]);
});
