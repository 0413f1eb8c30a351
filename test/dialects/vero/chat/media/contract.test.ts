/** The sentences of vero.md §7 that uploads.test.ts leaves out. */
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import sharp from 'sharp';
import t from 'tap';
import { call } from '../../../../kit/clients/http-client.ts';
import { MessagingClient } from '../../../../kit/clients/messaging-client.ts';
import { NativeClient } from '../../../../kit/clients/native-client.ts';
import { refusal } from '../stage.ts';
import { startMedia } from './media-stage.ts';

t.setTimeout(180_000);

const stage = await startMedia(t);
const { node, ann, bob, ask, group, grant, put, confirm, upload, uploadPicture, files, send } = stage;
const text = Buffer.from('harbour');

/** Chunked: how long it is nobody says before. */
function putUnmeasured(url: string, contentType: string, pieces: readonly Buffer[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'PUT', headers: { 'content-type': contentType } });
    sent.on('response', (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', reject);
    for (const piece of pieces) sent.write(piece);
    sent.end();
  });
}

t.test('every endpoint but the signed ones needs a bearer', async (t) => {
  const lines = ['POST /upload-url', `POST /${randomUUID()}/confirm`, `GET /${randomUUID()}`];
  for (const line of lines) {
    const [method = '', path] = line.split(' ');
    t.equal(refusal(await call(node, method, `/v1/chat/media${path}`)), '401 unauthorized', line);
  }
});

t.test(
  'names of 255 characters, the types of the list and a conversation of the caller are taken',
  async (t) => {
    const types = ['image/webp', 'image/svg+xml', 'audio/ogg', 'video/mp4', 'application/pdf', 'text/plain'];
    const id = await group(bob);
    for (const content_type of [...types, 'application/zip', 'application/octet-stream']) {
      const body = { filename: '🚢'.repeat(255), content_type, size_bytes: 104_857_600, conversation_id: id };
      const answer = await ask(ann, 'POST /v1/chat/media/upload-url', body);
      t.match(answer, { status: 201, body: { max_bytes: 104_857_600 } }, content_type);
    }
    for (const content_type of ['application/json', 'application/xhtml+xml', 'text/css', 'image/', '']) {
      const body = { filename: 'x', content_type, size_bytes: 1 };
      t.equal(refusal(await ask(ann, 'POST /v1/chat/media/upload-url', body)), '400 invalid_request');
    }
  },
);

t.test('more bytes than declared are refused while they come, and nothing is kept of them', async (t) => {
  const before = await files();
  const { media_id, upload_url: url } = await grant(ann, 'text/plain', text.length);
  t.equal(await putUnmeasured(url, 'text/plain', [text, Buffer.from('x')]), 413);
  t.same(await files(), before);
  t.equal(refusal(await confirm(ann, media_id)), '409 upload_incomplete');
  t.equal(await putUnmeasured(url, 'text/plain', [text.subarray(0, 3), text.subarray(3)]), 200);
  t.equal(await putUnmeasured(url, 'text/plain', [Buffer.alloc(1_000_000)]), 413);
  t.equal((await files()).length, before.length + 1, 'what was there before stays');
  const answer = await fetch(url, { method: 'PUT', body: text });
  t.equal(answer.status, 400, 'without a Content-Type');
  const done = await call(node, 'POST', `/v1/chat/media/${media_id}/confirm`, {
    token: ann.token,
    headers: { 'content-type': 'application/json' },
  });
  t.match(done, { status: 200, body: { status: 'ready', size_bytes: text.length } }, 'an empty body is {}');
  t.equal(await putUnmeasured(url, 'text/plain', [text]), 409);
  t.equal(await (await fetch(done.body.cdn_url)).text(), 'harbour');
});

t.test(
  'raster images, audio, video and PDF are shown, SVG and HTML never, and nothing is guessed',
  async (t) => {
    const png = await sharp({ create: { width: 9, height: 6, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    const mp4 = Buffer.from('\0\0\0\x18ftypmp42....');
    const html = Buffer.from('<!doctype html><script>alert(1)</script>');
    const svg = Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>');
    const cases: [string, Buffer, 'inline' | 'attachment'][] = [
      ['image/png', png, 'inline'],
      ['audio/mpeg', Buffer.from('ID3 and more'), 'inline'],
      ['video/mp4', mp4, 'inline'],
      ['application/pdf', Buffer.from('%PDF-1.7'), 'inline'],
      ['image/svg+xml', svg, 'attachment'],
      ['image/svg+xml', png, 'attachment'],
      ['video/mp4', html, 'attachment'],
      ['application/pdf', html, 'attachment'],
      ['image/png', svg, 'attachment'],
      ['text/plain', html, 'attachment'],
      ['application/zip', Buffer.from('PK\x03\x04'), 'attachment'],
    ];
    for (const [type, bytes, kind] of cases) {
      const isPicture = type === 'image/png' && bytes === png;
      const sent = isPicture ? uploadPicture : upload;
      const { cdn_url, thumbnail_url } = await sent(ann, type, bytes, 'page.html');
      t.equal(thumbnail_url !== null, isPicture, 'only of raster images');
      for (const url of [cdn_url, thumbnail_url].filter((one) => one !== null)) {
        for (const method of ['GET', 'HEAD']) {
          const { headers, body } = await fetch(url, { method });
          await body?.cancel();
          t.ok(headers.get('content-disposition')?.startsWith(`${kind}; filename=`), `${type} ${method}`);
          t.equal(headers.get('x-content-type-options'), 'nosniff');
          t.not(headers.get('content-type'), 'text/html');
        }
      }
      const part = await fetch(cdn_url, { headers: { range: 'bytes=0-0' } });
      await part.body?.cancel();
      t.equal(part.status, 206);
      t.equal(part.headers.get('x-content-type-options'), 'nosniff', 'also of a range');
      t.ok(part.headers.get('content-disposition')?.startsWith(kind));
    }
  },
);

t.test('a file that joins a message is told as an edit that is none', async (t) => {
  const id = await group(bob);
  const sent = await send(ann, id, [], { content_text: 'see' });
  const client = await MessagingClient.connect(node, bob.token);
  t.teardown(() => client.close());
  await client.subscribe(id);
  const { media_id, upload_url } = await grant(ann, 'text/plain', text.length, 'notes.txt');
  await put(upload_url, 'text/plain', text);
  t.equal((await confirm(ann, media_id, { message_id: sent.body.id })).status, 200);
  const told = await client.event('message.edited');
  t.match(told, { id: sent.body.id, content_text: 'see', edit_count: 0, edited_at: null });
  t.match(told['media'], [{ id: media_id, filename: 'notes.txt', message_id: sent.body.id }]);
  t.equal(await (await fetch(told['media'][0].cdn_url)).text(), String(text));
  const body = { conversations: [{ conversation_id: id, last_seq: 1, last_rev: sent.body.rev }] };
  const { updates } = (await ask(bob, 'POST /v1/chat/messages/sync', body)).body.batches[0];
  t.match(updates, [
    { id: sent.body.id, edit_count: 0, media: [{ id: media_id, message_id: sent.body.id }] },
  ]);
  t.ok(updates[0].rev > sent.body.rev);
});

t.test('a message that takes no file leaves the upload as it was', async (t) => {
  const id = await group(bob);
  const [own, other] = [
    await send(ann, id, [], { content_text: 'mine' }),
    await send(bob, id, [], { content_text: 'his' }),
  ];
  const { media_id, upload_url: url } = await grant(ann, 'text/plain', text.length);
  for (const message_id of [randomUUID(), other.body.id]) {
    t.equal(
      refusal(await confirm(ann, media_id, { message_id })),
      '404 not_found',
      'before any byte is there',
    );
    await put(url, 'text/plain', text);
    t.equal(refusal(await confirm(ann, media_id, { message_id })), '404 not_found');
  }
  t.equal(refusal(await confirm(ann, media_id, { message_id: 'mine' })), '400 invalid_request');
  t.match((await ask(ann, `GET /v1/chat/media/${media_id}`)).body, { status: 'pending', message_id: null });
  t.equal((await put(url, 'text/plain', text)).status, 200, 'it may still be overwritten');
  t.equal((await confirm(ann, media_id, { message_id: own.body.id })).status, 200);
});

t.test('only a message that is there takes a file', async (t) => {
  const id = await group(bob);
  const [deleted, cleared] = [
    await send(ann, id, [], { content_text: 'a' }),
    await send(ann, id, [], { content_text: 'b' }),
  ];
  const client = await NativeClient.connect(node, ann.token);
  await client.ask('delete', { conversation: id, message: deleted.body.id });
  client.socket.terminate();
  const file = await upload(ann, 'text/plain', text);
  t.equal(refusal(await confirm(ann, file.id, { message_id: deleted.body.id })), '404 not_found');
  t.equal((await ask(ann, `DELETE /v1/chat/conversations/${id}`)).status, 200);
  t.equal(refusal(await confirm(ann, file.id, { message_id: cleared.body.id })), '404 not_found', 'not seen');
  t.match((await ask(ann, `GET /v1/chat/media/${file.id}`)).body, { message_id: null });
});

t.test('who sees the message sees its file, and for how long', async (t) => {
  const id = await group(bob);
  const file = await upload(ann, 'text/plain', text);
  t.equal((await send(ann, id, [file.id])).status, 201);
  const look = async (): Promise<number> => (await ask(bob, `GET /v1/chat/media/${file.id}`)).status;
  t.equal(await look(), 200);
  await ask(bob, `POST /v1/chat/users/${ann.id}/block`);
  t.equal(await look(), 404, 'of whom he blocks he sees nothing');
  await ask(bob, `DELETE /v1/chat/users/${ann.id}/block`);
  t.equal(await look(), 200);
  await ask(bob, `DELETE /v1/chat/conversations/${id}`);
  t.equal(await look(), 404, 'he cleared it');
  await send(ann, id, [], { content_text: 'more' });
  t.equal(await look(), 404);
  const second = await upload(ann, 'text/plain', text);
  await send(ann, id, [second.id]);
  t.equal((await ask(bob, `GET /v1/chat/media/${second.id}`)).status, 200);
  await ask(ann, `DELETE /v1/chat/conversations/${id}/participants/${bob.id}`);
  t.equal((await ask(bob, `GET /v1/chat/media/${second.id}`)).status, 404, 'he was sent away');
});
