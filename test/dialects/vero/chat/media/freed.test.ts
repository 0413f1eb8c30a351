/** Files of messages that were not sent after all are free for another message. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { MessagingClient } from '../../../../kit/clients/messaging-client.ts';
import { openOwner } from '../../../../kit/servers/owner.ts';
import { refusal } from '../stage.ts';
import { startMedia } from './media-stage.ts';

t.setTimeout(180_000);

const text = Buffer.from('harbour');

t.test('a file of a message that was refused is sent with the next one', async (t) => {
  const { ann, bob, node, ask, group, upload, send } = await startMedia(t);
  const id = await group(bob);
  const file = await upload(ann, 'text/plain', text);
  t.equal(refusal(await send(ann, randomUUID(), [file.id])), '404 not_found');
  t.match((await ask(ann, `GET /v1/chat/media/${file.id}`)).body, { message_id: null, status: 'ready' });

  const first = await send(ann, id, [], { content_text: 'first', client_message_id: 'c-1' });
  t.equal(first.status, 201);
  const other = { content_text: 'other', client_message_id: 'c-1' };
  t.equal(refusal(await send(ann, id, [file.id], other)), '409 idempotency_conflict');
  const same = { content_text: 'first', client_message_id: 'c-1' };
  t.equal(refusal(await send(ann, id, [file.id], same)), '409 idempotency_conflict', 'it had no file');

  const client = await MessagingClient.connect(node, ann.token);
  t.teardown(() => client.socket.terminate());
  const frame = { action: 'send', client_message_id: 'c-2', content_text: '', media_ids: [file.id] };
  const refused = await client.ask({ ...frame, conversation_id: randomUUID() }, 'error');
  t.match(refused, { code: 'not_found', ref: 'c-2' });

  const ended = await group(bob);
  t.equal((await ask(ann, `DELETE /v1/chat/conversations/${ended}`, { mode: 'for_everyone' })).status, 200);
  t.equal(refusal(await send(ann, ended, [file.id])), '404 not_found');

  const sent = await send(ann, id, [file.id], { client_message_id: 'c-3' });
  t.match(sent, { status: 201, body: { media: [{ id: file.id }] } });
  const again = await send(ann, id, [file.id], { client_message_id: 'c-3' });
  t.match(again, { status: 200, body: { id: sent.body.id, media: [{ id: file.id }] } });
  t.match((await ask(bob, `GET /v1/chat/media/${file.id}`)).body, { message_id: sent.body.id });
});

t.test('what a node attached that died before it sent is free again after a minute', async (t) => {
  const { ann, bob, database, ask, group, upload, confirm, send } = await startMedia(t);
  const sql = openOwner(t, database.url);
  const id = await group(bob);
  const file = await upload(ann, 'text/plain', text);
  const attachLost = async (secondsAgo: number) => {
    const at = (Date.now() - secondsAgo * 1000) * 1000;
    await sql`update media set conversation_id = ${id}, message_id = ${randomUUID()}, placed_us = ${at}
      where id = ${file.id}`;
  };
  const message = (
    await ask(ann, 'POST /v1/chat/messages/send', { conversation_id: id, content_text: 'see' })
  ).body.id;
  await attachLost(10);
  t.equal(refusal(await send(ann, id, [file.id])), '503 unavailable', 'it may still be posted');
  t.equal(refusal(await confirm(ann, file.id, { message_id: message })), '503 unavailable');
  await attachLost(100);
  t.equal(refusal(await send(bob, id, [file.id])), '400 invalid_request', 'not for somebody else');
  const sent = await send(ann, id, [file.id], { client_message_id: 'c-1' });
  t.match(sent, { status: 201, body: { media: [{ id: file.id }] } });

  const second = await upload(ann, 'text/plain', text);
  await sql`update media set conversation_id = ${id}, message_id = ${randomUUID()} where id = ${second.id}`;
  const attached = await confirm(ann, second.id, { message_id: message });
  t.match(attached, { status: 200, body: { message_id: message } });
});

t.test('a message that is forwarded again under its client id has its files once', async (t) => {
  const { ann, bob, database, ask, group, upload, send } = await startMedia(t);
  const sql = openOwner(t, database.url);
  const [source, target] = [await group(bob), await group(bob)];
  const file = await upload(ann, 'text/plain', text);
  const sent = await send(ann, source, [file.id]);
  const copies = async (): Promise<number> => {
    const rows = await sql`select from media where status = 'ready' and id <> ${file.id}`;
    return rows.length;
  };
  const body = { message_id: sent.body.id, conversation_ids: [target], client_message_id: 'f-1' };
  const forward = () => ask(bob, 'POST /v1/chat/messages/forward', body);
  const first = await forward();
  t.match(first, { status: 201, body: { forwarded: [{ media: [{ filename: 'file.bin' }] }] } });
  t.equal(await copies(), 1);
  const again = await forward();
  t.equal(again.status, 200);
  t.equal(again.headers.get('idempotency-replayed'), 'true');
  t.equal(again.body.forwarded[0].media[0].id, first.body.forwarded[0].media[0].id);
  t.equal(await copies(), 1, 'what was copied in vain is gone');
  await send(bob, target, [], { content_text: 'mine', client_message_id: 'f-2' });
  t.equal(
    refusal(await ask(bob, 'POST /v1/chat/messages/forward', { ...body, client_message_id: 'f-2' })),
    '409 idempotency_conflict',
  );
  t.equal(await copies(), 1);
});
