import { randomUUID } from 'node:crypto';
import t from 'tap';
import { call } from '../../../kit/clients/http-client.ts';
import { refusal, type Speaker, startChat } from './stage.ts';

const root = { email: 'root@example.org', password: 'a very long password' };

t.test('a super admin acts in the tenant that it names, and nobody else does', async (t) => {
  const { ann, bob, stranger, ask, node } = await startChat(t, {
    PARLEY_ADMIN_EMAIL: root.email,
    PARLEY_ADMIN_PASSWORD: root.password,
  });
  const login = await call(node, 'POST', '/auth/login', { body: root });
  t.equal(login.status, 200);
  const admin = { ...ann, id: login.body.user.id as string, token: login.body.access_token as string };
  const inTenant = (tenant: string) => ({ 'X-Org-Id': tenant });
  const there = inTenant(ann.tenant);
  const named = async (who: Speaker, headers?: Record<string, string>) => {
    const { body } = await ask(who, 'GET /v1/chat/users', undefined, headers);
    return body.users.map(({ id }: { id: string }) => id).sort();
  };
  t.same(await named(admin, there), [ann.id, bob.id].sort());
  t.same(await named(admin), [], 'its own tenant');

  const body = { type: 'group', name: 'Help', participant_ids: [bob.id] };
  const made = await ask(admin, 'POST /v1/chat/conversations', body, there);
  t.equal(made.status, 201);
  const { id } = made.body;
  const say = { conversation_id: id, content_text: 'How can I help?', client_message_id: 'm-1' };
  const sent = await ask(admin, 'POST /v1/chat/messages/send', say, there);
  t.equal(sent.status, 201);
  t.equal((await ask(admin, 'POST /v1/chat/messages/send', say, there)).body.id, sent.body.id);
  t.equal(refusal(await ask(admin, 'POST /v1/chat/messages/send', say)), '404 not_found', 'not in its own');
  const read = await ask(bob, `GET /v1/chat/conversations/${id}/messages`);
  t.match(read.body.messages, [{ sender_id: admin.id, content_text: 'How can I help?' }]);
  const keyed = { ...there, 'Idempotency-Key': 'k-1' };
  for (const replayed of [null, 'true']) {
    const block = await ask(admin, `POST /v1/chat/users/${bob.id}/block`, undefined, keyed);
    t.same([block.status, block.headers.get('idempotency-replayed')], [200, replayed]);
  }
  t.match((await ask(admin, 'GET /v1/chat/blocks', undefined, there)).body.blocked, [{ user_id: bob.id }]);
  t.same((await ask(admin, 'GET /v1/chat/blocks')).body.blocked, []);

  const private_ = await ask(ann, 'POST /v1/chat/conversations', { participant_ids: [bob.id] });
  const path = `GET /v1/chat/conversations/${private_.body.id}/messages`;
  t.equal(refusal(await ask(admin, path, undefined, there)), '404 not_found', 'it takes no part in it');
  t.equal(
    refusal(await ask(admin, 'GET /v1/chat/users', undefined, inTenant(randomUUID()))),
    '404 not_found',
  );
  t.equal(refusal(await ask(admin, 'GET /v1/messaging/token', undefined, there)), '403 forbidden');
  t.equal(refusal(await ask(stranger, 'GET /v1/chat/users', undefined, there)), '403 forbidden');
  t.same(
    await named(stranger, inTenant(stranger.tenant.toUpperCase())),
    [],
    'its own, however it is written',
  );
});
