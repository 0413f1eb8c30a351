import { createHash } from 'node:crypto';
import sharp from 'sharp';
import t from 'tap';
import { limits } from '../../../../../src/domain/limits.ts';
import { refusal, type Speaker } from '../stage.ts';
import { startMedia } from './media-stage.ts';

t.setTimeout(180_000);

const stage = await startMedia(t);

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const text = Buffer.from('harbour');

t.test('a file is uploaded, confirmed, and read by its URL', async (t) => {
  const { ann, bob, ask, grant, put, confirm, files, node } = stage;
  const granted = await grant(ann, 'text/plain', text.length, 'notes/../"har\u202ebour".txt');
  t.match(granted, {
    media_id: /^[0-9a-f-]{36}$/,
    upload_url: new RegExp(`^${node.url}/v1/chat/media/`),
    method: 'PUT',
    headers: { 'Content-Type': 'text/plain' },
    expires_at: /Z$/,
    max_bytes: text.length,
  });
  const left = Date.parse(granted.expires_at) - Date.now();
  // The clock of a node lies up to some milliseconds beside that of Date.
  t.ok(left > 850_000 && left < 901_000, 'in 15 minutes');
  const pending = (await ask(ann, `GET /v1/chat/media/${granted.media_id}`)).body;
  t.match(pending, { status: 'pending', cdn_url: null, thumbnail_url: null, message_id: null });
  t.equal(refusal(await ask(bob, `GET /v1/chat/media/${granted.media_id}`)), '404 not_found');
  t.equal(refusal(await confirm(ann, granted.media_id)), '409 upload_incomplete');
  t.equal((await put(granted.upload_url, 'text/plain', Buffer.from('short'))).status, 200);
  t.equal(refusal(await confirm(ann, granted.media_id)), '409 upload_incomplete', 'too few bytes');
  t.equal((await put(granted.upload_url, 'Text/Plain; charset=utf-8', text)).status, 200, 'again');
  t.equal((await files()).length, 1, 'what was there before is gone');
  t.equal(refusal(await confirm(bob, granted.media_id)), '404 not_found', 'the uploader alone');
  const confirmed = await confirm(ann, granted.media_id);
  t.equal(confirmed.status, 200);
  t.match(confirmed.body, {
    id: granted.media_id,
    status: 'ready',
    filename: 'notes.."harbour".txt',
    content_type: 'text/plain',
    size_bytes: text.length,
    uploader_id: ann.id,
    thumbnail_url: null,
  });
  t.equal((await confirm(ann, granted.media_id)).status, 200, 'once more changes nothing');
  t.equal((await put(granted.upload_url, 'text/plain', text)).status, 409, 'it is as it is');
  const read = await fetch(confirmed.body.cdn_url);
  t.equal(read.status, 200);
  t.equal(await read.text(), 'harbour');
  t.equal(read.headers.get('content-type'), 'text/plain');
  t.equal(read.headers.get('x-content-type-options'), 'nosniff');
  t.equal(
    read.headers.get('content-disposition'),
    `attachment; filename="notes.._harbour_.txt"; filename*=UTF-8''notes..%22harbour%22.txt`,
  );
});

t.test('what is not declared, not signed or too late is refused and leaves nothing', async (t) => {
  const { ann, stranger, ask, grant, put, files } = stage;
  const before = await files();
  const wrong = [
    { filename: '', content_type: 'image/png', size_bytes: 1 },
    { filename: 'x'.repeat(256), content_type: 'image/png', size_bytes: 1 },
    { filename: 'x', content_type: 'text/html', size_bytes: 1 },
    { filename: 'x', content_type: 'image/png\r\nx: y', size_bytes: 1 },
    { filename: 'x', content_type: 'image/png', size_bytes: 0 },
    { filename: 'x', content_type: 'image/png', size_bytes: 104_857_601 },
    { filename: 'x', content_type: 'image/png', size_bytes: '5' },
    { filename: 'x', content_type: 'image/png', size_bytes: 5, conversation_id: 'nonsense' },
  ];
  for (const body of wrong) {
    t.equal(refusal(await ask(ann, 'POST /v1/chat/media/upload-url', body)), '400 invalid_request');
  }
  const unseen = { ...wrong[4], size_bytes: 5, conversation_id: '0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b77' };
  t.equal(refusal(await ask(ann, 'POST /v1/chat/media/upload-url', unseen)), '404 not_found');
  const { media_id, upload_url: url } = await grant(ann, 'image/png', 5);
  const other = await grant(stranger, 'image/png', 5);
  const changed = (name: string, value: string): string => {
    const one = new URL(url);
    one.searchParams.set(name, value);
    return one.href;
  };
  const body = Buffer.from('12345');
  for (const bad of [
    changed('size', '6'),
    changed('type', 'text/html'),
    changed('expires', '99999999999'),
    changed('tenant', stranger.tenant),
    changed('signature', ''),
    url.replace(media_id, other.media_id),
    url.slice(0, url.indexOf('?')),
  ]) {
    const answer = await put(bad, 'image/png', body);
    t.equal(
      `${answer.status} ${((await answer.json()) as never as { error: { code: string } }).error.code}`,
      '403 signature_invalid',
    );
  }
  t.equal((await put(url, 'image/jpeg', body)).status, 400);
  t.equal((await put(url, 'image/png', Buffer.from('123456'))).status, 413);
  t.same(await files(), before);
  const read = await fetch(url);
  t.equal(read.status, 403, 'an upload URL reads nothing');
  t.equal(refusal(await ask(ann, 'GET /v1/chat/media/nonsense')), '404 not_found');
});

t.test('ranges, versions and HEAD as RFC 9110 has them', async (t) => {
  const { ann, upload } = stage;
  const bytes = Buffer.alloc(1_000_000, 'all work and no play ');
  const { cdn_url: url } = await upload(ann, 'application/octet-stream', bytes);
  const ask = async (headers: Record<string, string>, method = 'GET') => {
    const answer = await fetch(url, { method, headers });
    const body = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, headers: answer.headers, body };
  };
  const whole = await ask({});
  t.equal(whole.status, 200);
  t.equal(sha(whole.body), sha(bytes));
  t.equal(whole.headers.get('accept-ranges'), 'bytes');
  const etag = whole.headers.get('etag') ?? '';
  const part = async (range: string, more = {}) => {
    const { status, headers, body } = await ask({ range, ...more });
    return [status, headers.get('content-range'), body.length, body.subarray(0, 4).toString()];
  };
  t.same(await part('bytes=0-9'), [206, 'bytes 0-9/1000000', 10, 'all ']);
  t.same(await part('bytes=999990-'), [
    206,
    'bytes 999990-999999/1000000',
    10,
    bytes.subarray(999_990, 999_994).toString(),
  ]);
  t.same((await part('bytes=-5')).slice(0, 3), [206, 'bytes 999995-999999/1000000', 5]);
  t.same((await part('bytes=5-99999999')).slice(0, 3), [206, 'bytes 5-999999/1000000', 999_995]);
  t.same((await part('bytes=1000000-')).slice(0, 2), [416, 'bytes */1000000']);
  t.same((await part('bytes=-0')).slice(0, 2), [416, 'bytes */1000000']);
  for (const ignored of ['bytes=9-1', 'lines=1-2', 'bytes=0-1,4-5', 'bytes=x-']) {
    t.same((await part(ignored)).slice(0, 3), [200, null, 1_000_000], ignored);
  }
  t.same((await part('bytes=0-9', { 'if-range': etag })).slice(0, 3), [206, 'bytes 0-9/1000000', 10]);
  t.same((await part('bytes=0-9', { 'if-range': '"other"' })).slice(0, 3), [200, null, 1_000_000]);
  t.equal((await ask({ 'if-none-match': `"x", ${etag}` })).status, 304);
  const head = await ask({}, 'HEAD');
  t.same([head.status, head.headers.get('content-length'), head.body.length], [200, '1000000', 0]);
});

t.test('a browser shows what is what it was declared, and nothing that acts', async (t) => {
  const { ann, upload } = stage;
  const png = await sharp({ create: { width: 900, height: 600, channels: 3, background: 'teal' } })
    .png()
    .toBuffer();
  const pdf = Buffer.from('%PDF-1.7 and more');
  const html = Buffer.from('<script>alert(1)</script>');
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
  const shown = async (contentType: string, bytes: Buffer) => {
    const { cdn_url } = await upload(ann, contentType, bytes);
    const answer = await fetch(cdn_url);
    await answer.arrayBuffer();
    return `${answer.headers.get('content-disposition')?.split(';')[0]} ${answer.headers.get('content-type')}`;
  };
  t.equal(await shown('image/png', png), 'inline image/png');
  t.equal(await shown('application/pdf', pdf), 'inline application/pdf');
  t.equal(await shown('image/svg+xml', svg), 'attachment image/svg+xml');
  t.equal(await shown('image/png', html), 'attachment image/png', 'it is no picture');
  t.equal(await shown('image/jpeg', png), 'attachment image/jpeg', 'it is another one');
  t.equal(await shown('text/plain', html), 'attachment text/plain');
  t.equal(await shown('application/octet-stream', png), 'attachment application/octet-stream');
});

t.test('a picture has its size and a thumbnail, upright and without EXIF', async (t) => {
  const { ann, upload, uploadPicture } = stage;
  const jpeg = await sharp({ create: { width: 1200, height: 600, channels: 3, background: 'teal' } })
    .withExif({ IFD0: { Copyright: 'a place that is nobody’s business' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const { width, height, thumbnail_url } = await uploadPicture(ann, 'image/jpeg', jpeg);
  t.same([width, height], [600, 1200]);
  const answer = await fetch(thumbnail_url);
  t.equal(answer.headers.get('content-type'), 'image/webp');
  const small = Buffer.from(await answer.arrayBuffer());
  const { format, width: w, height: h, exif } = await sharp(small).metadata();
  t.same([format, w, h, exif], ['webp', 160, 320, undefined]);
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const large = await sharp({ create: { width: 900, height: 600, channels: 3, background: 'teal', noise } })
    .png()
    .toBuffer();
  t.ok(large.length > 2 * limits.mediaPieceBytes, 'it is read in pieces');
  t.type((await uploadPicture(ann, 'image/png', large)).thumbnail_url, 'string');
  const broken = await upload(ann, 'image/jpeg', jpeg.subarray(0, 200));
  t.match(broken, { status: 'ready', thumbnail_url: null });
});

t.test(
  'a file that is attached to a message is told to everybody who sees it, and to nobody else',
  async (t) => {
    const { ann, bob, stranger, ask, group, upload, confirm, grant, put } = stage;
    const id = await group(bob);
    const messages = `GET /v1/chat/conversations/${id}/messages`;
    const sent = await ask(ann, 'POST /v1/chat/messages/send', { conversation_id: id, content_text: 'see' });
    const other = await ask(ann, 'POST /v1/chat/messages/send', {
      conversation_id: id,
      content_text: 'more',
    });
    const { media_id, upload_url } = await grant(ann, 'text/plain', text.length, 'notes.txt');
    await put(upload_url, 'text/plain', text);
    const bobs = await ask(bob, 'POST /v1/chat/messages/send', { conversation_id: id, content_text: 'his' });
    t.equal(refusal(await confirm(ann, media_id, { message_id: bobs.body.id })), '404 not_found');
    t.equal(refusal(await confirm(ann, media_id, { message_id: media_id })), '404 not_found');
    t.equal(refusal(await confirm(ann, media_id, { message_id: 'x' })), '400 invalid_request');
    t.equal(refusal(await ask(bob, `GET /v1/chat/media/${media_id}`)), '404 not_found');
    const attached = await confirm(ann, media_id, { message_id: sent.body.id });
    t.match(attached, { status: 200, body: { status: 'ready', message_id: sent.body.id } });
    t.match(await confirm(ann, media_id, { message_id: sent.body.id }), { status: 200 });
    t.equal(refusal(await confirm(ann, media_id, { message_id: other.body.id })), '409 conflict');
    const [first, second] = (await ask(bob, messages)).body.messages;
    t.match(first, {
      id: sent.body.id,
      edit_count: 0,
      edited_at: null,
      media: [{ id: media_id, filename: 'notes.txt', message_id: sent.body.id, status: 'ready' }],
    });
    t.ok(first.rev > second.rev, 'it was changed after the others');
    t.equal(await (await fetch(first.media[0].cdn_url)).text(), 'harbour');
    t.equal((await ask(bob, `GET /v1/chat/media/${media_id}`)).status, 200);
    t.equal(refusal(await ask(stranger, `GET /v1/chat/media/${media_id}`)), '404 not_found');
    const edited = await ask(ann, `PATCH /v1/chat/messages/${sent.body.id}`, { content_text: 'seen' });
    t.match(edited.body, { edit_count: 1 });
    const again = (await ask(bob, messages)).body.messages[0];
    t.match(again, { content_text: 'seen', media: [{ id: media_id }] });

    const file = await upload(ann, 'text/plain', text, 'sent.txt');
    const send = (who: Speaker, media_ids: readonly string[]) =>
      ask(who, 'POST /v1/chat/messages/send', { conversation_id: id, content_text: '', media_ids });
    t.equal(refusal(await send(bob, [file.id])), '400 invalid_request', 'not his');
    const withFile = await send(ann, [file.id]);
    t.match(withFile, { status: 201, body: { media: [{ id: file.id, filename: 'sent.txt' }] } });
    t.equal(refusal(await send(ann, [file.id])), '400 invalid_request', 'it is attached');
    t.match((await ask(bob, `GET /v1/chat/media/${file.id}`)).body, { message_id: withFile.body.id });

    const elsewhere = await group(bob);
    const forward = { message_id: withFile.body.id, conversation_ids: [elsewhere] };
    const forwarded = await ask(ann, 'POST /v1/chat/messages/forward', forward);
    t.match(forwarded, { status: 201, body: { forwarded: [{ media: [{ filename: 'sent.txt' }] }] } });
    const [copy] = forwarded.body.forwarded[0].media;
    t.not(copy.id, file.id);
    t.equal(await (await fetch(copy.cdn_url)).text(), 'harbour', 'the copy has its own');

    const forged = { content: 'mine', metadata: { media: [{ ...file, thumbnail: true }] } };
    t.equal((await ask(bob, `POST /api/conversations/${id}/messages`, forged)).status, 201);
    const last = (await ask(bob, messages)).body.messages.at(-1);
    t.equal(last.content_text, 'mine');
    for (const { cdn_url } of last.media ?? [])
      t.equal((await fetch(cdn_url)).status, 404, 'a forged one reads nothing');
  },
);
