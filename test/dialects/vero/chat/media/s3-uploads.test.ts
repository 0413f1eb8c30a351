/** Files in an S3-compatible store: uploads go past the node, downloads through it. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import t from 'tap';
import { capturingLogger } from '../../../../kit/memory/capturing-logger.ts';
import { startS3Server } from '../../../../kit/outside/s3/s3-server.ts';
import { startNats } from '../../../../kit/servers/nats.ts';
import { startNode } from '../../../../kit/servers/node.ts';
import { startPostgres } from '../../../../kit/servers/postgres.ts';
import { refusal } from '../stage.ts';
import { startMedia } from './media-stage.ts';

t.setTimeout(180_000);

/** One node and one store for all tests, which each begin with an empty store. */
const store = await startS3Server(t);
const stage = await startMedia(t, store.env);

function start() {
  store.objects.clear();
  store.before(() => undefined);
  store.moveClock(0);
  const put = async (url: string, contentType: string, body: Buffer) => {
    const answer = await stage.put(url, contentType, body);
    await answer.arrayBuffer();
    return answer.status;
  };
  const keys = (): readonly string[] => [...store.objects.keys()].map((key) => key.replace(/[^/]+$/, '…'));
  return { ...stage, store, put, keys };
}

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const text = Buffer.from('harbour');

t.test('a file goes to the store, is confirmed, and is read through the node', async (t) => {
  const { ann, bob, ask, store, grant, put, confirm, keys, files, node } = start();
  const granted = await grant(ann, 'text/plain', text.length, 'notes/../"har\u202ebour".txt');
  t.match(granted, { method: 'PUT', headers: { 'Content-Type': 'text/plain' }, max_bytes: text.length });
  t.ok(granted.upload_url.startsWith(`${store.place.endpoint}/media/parley/pending/${granted.media_id}?`));
  t.notMatch(granted.upload_url, /notes|not%2Ba|not\+a/, 'neither a name nor the secret');
  t.equal(refusal(await confirm(ann, granted.media_id)), '409 upload_incomplete', 'nothing arrived');
  t.equal(await put(granted.upload_url, 'text/plain', Buffer.from('HARBOUR')), 200);
  t.equal(await put(granted.upload_url, 'text/plain', text), 200, 'again');
  t.match((await ask(ann, `GET /v1/chat/media/${granted.media_id}`)).body, {
    status: 'pending',
    cdn_url: null,
  });
  t.equal(refusal(await confirm(bob, granted.media_id)), '404 not_found', 'the uploader alone');
  const confirmed = await confirm(ann, granted.media_id);
  t.match(confirmed, {
    status: 200,
    body: { status: 'ready', filename: 'notes.."harbour".txt', size_bytes: 7 },
  });
  t.same(keys(), ['parley/blobs/…'], 'what arrived is moved');
  t.same(await files(), [], 'nothing lies on disk');
  t.equal((await confirm(ann, granted.media_id)).status, 200, 'once more changes nothing');
  t.ok(confirmed.body.cdn_url.startsWith(`${node.url}/v1/chat/media/`));
  const read = await fetch(confirmed.body.cdn_url);
  t.equal(await read.text(), 'harbour');
  t.match(Object.fromEntries(read.headers), {
    'content-type': 'text/plain',
    'x-content-type-options': 'nosniff',
    'content-disposition': `attachment; filename="notes.._harbour_.txt"; filename*=UTF-8''notes..%22harbour%22.txt`,
  });
});

t.test('what was confirmed cannot be changed by the URL that it came by', async (t) => {
  const { ann, store, grant, put, confirm } = start();
  const { media_id, upload_url } = await grant(ann, 'text/plain', text.length);
  await put(upload_url, 'text/plain', text);
  const { cdn_url } = (await confirm(ann, media_id)).body;
  t.equal(await put(upload_url, 'text/plain', Buffer.from('HARBOUR')), 200, 'the store cannot know');
  t.equal(await (await fetch(cdn_url)).text(), 'harbour');
  t.equal((await confirm(ann, media_id)).status, 200);
  t.equal(await (await fetch(cdn_url)).text(), 'harbour');

  const other = await grant(ann, 'text/plain', text.length);
  await put(other.upload_url, 'text/plain', text);
  const key = `parley/pending/${other.media_id}`;
  const found = store.objects.get(key)!;
  store.before(({ headers }) => {
    if (headers['x-amz-copy-source'] !== undefined)
      store.objects.set(key, { ...found, bytes: Buffer.from('HARBOUR'), etag: '"other"' });
  });
  t.equal(refusal(await confirm(ann, other.media_id)), '409 upload_incomplete', 'between look and copy');
  t.equal((await confirm(ann, other.media_id)).status, 200, 'then it is what it is');
});

t.test('two confirmations at once are one', async (t) => {
  const { ann, grant, put, confirm, keys } = start();
  const { media_id, upload_url } = await grant(ann, 'text/plain', text.length);
  await put(upload_url, 'text/plain', text);
  const answers = await Promise.all(Array.from({ length: 8 }, () => confirm(ann, media_id)));
  t.same(new Set(answers.map(({ status }) => status)), new Set([200]));
  t.same(keys(), ['parley/blobs/…']);
  t.equal(await (await fetch(answers[0]!.body.cdn_url)).text(), 'harbour');
});

t.test('the store refuses what was not declared, and what comes too late', async (t) => {
  const { ann, store, grant, put, confirm, keys, node } = start();
  const { media_id, upload_url } = await grant(ann, 'image/png', 5);
  t.equal(await put(upload_url, 'text/html', Buffer.from('12345')), 403, 'another type');
  t.equal(await put(upload_url, 'image/png', Buffer.from('123456')), 403, 'a longer one');
  t.equal(await put(upload_url, 'image/png', Buffer.from('1234')), 403, 'a shorter one');
  store.moveClock(15 * 60_000 + 1_000);
  t.equal(await put(upload_url, 'image/png', Buffer.from('12345')), 403, 'after 15 minutes');
  store.moveClock(0);
  t.same(keys(), []);
  t.equal(refusal(await confirm(ann, media_id)), '409 upload_incomplete');
  const here = `${node.url}/v1/chat/media/${media_id}/content?${new URL(upload_url).searchParams}`;
  t.equal(await put(here, 'image/png', Buffer.from('12345')), 403, 'the node takes nothing by it');
});

t.test('ranges and versions as on disk, asked of the store part by part', async (t) => {
  const { ann, store, upload } = start();
  const bytes = Buffer.alloc(2_500_000, 'all work and no play ');
  const { cdn_url: url } = await upload(ann, 'application/octet-stream', bytes);
  const asked = store.asked.length;
  const ask = async (headers: Record<string, string>, method = 'GET') => {
    const answer = await fetch(url, { method, headers });
    const body = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, headers: answer.headers, body };
  };
  const whole = await ask({});
  t.same([whole.status, sha(whole.body)], [200, sha(bytes)]);
  t.same(store.asked.slice(asked), new Array(3).fill('GET parley/blobs/… 206'));
  const part = await ask({ range: 'bytes=1048570-1048579' });
  t.same([part.status, part.headers.get('content-range')], [206, 'bytes 1048570-1048579/2500000']);
  t.same(part.body, bytes.subarray(1_048_570, 1_048_580));
  t.equal((await ask({ range: 'bytes=-5' })).body.length, 5);
  t.equal((await ask({ range: 'bytes=2500000-' })).status, 416);
  t.equal((await ask({ 'if-none-match': whole.headers.get('etag') ?? '' })).status, 304);
  const head = await ask({}, 'HEAD');
  t.same([head.status, head.headers.get('content-length'), head.body.length], [200, '2500000', 0]);
});

t.test('a picture has a thumbnail, and a browser shows what is what it was declared', async (t) => {
  const { ann, upload, uploadPicture, keys } = start();
  const picture = { create: { width: 900, height: 600, channels: 3 as const, background: 'teal' } };
  const png = await sharp(picture).png().toBuffer();
  const { cdn_url, thumbnail_url, ...media } = await uploadPicture(ann, 'image/png', png);
  t.match(media, { width: 900, height: 600 });
  t.same(keys(), ['parley/blobs/…', 'parley/blobs/…']);
  const shown = await fetch(cdn_url);
  t.equal(sha(Buffer.from(await shown.arrayBuffer())), sha(png));
  t.match(shown.headers.get('content-disposition'), /^inline; /);
  const small = Buffer.from(await (await fetch(thumbnail_url)).arrayBuffer());
  const { format, width, height } = await sharp(small).metadata();
  t.same([format, width, height], ['webp', 320, 213]);
  const html = await upload(ann, 'image/png', Buffer.from('<script>alert(1)</script>'));
  t.match((await fetch(html.cdn_url)).headers.get('content-disposition'), /^attachment; /);
});

t.test('a file of a message is read only as long as it is attached to it', async (t) => {
  const { ann, bob, stranger, ask, group, upload } = start();
  const id = await group(bob);
  const file = await upload(ann, 'text/plain', text, 'notes.txt');
  const sent = { conversation_id: id, content_text: 'see', media_ids: [file.id] };
  t.equal((await ask(ann, 'POST /v1/chat/messages/send', sent)).status, 201);
  const [message] = (await ask(bob, `GET /v1/chat/conversations/${id}/messages`)).body.messages;
  t.equal(await (await fetch(message.media[0].cdn_url)).text(), 'harbour');
  t.equal(refusal(await ask(stranger, `GET /v1/chat/media/${file.id}`)), '404 not_found');
  const secret = await upload(ann, 'text/plain', text);
  const forged = { content: 'mine', metadata: { media: [{ ...message.media[0], id: secret.id }] } };
  t.equal((await ask(bob, `POST /api/conversations/${id}/messages`, forged)).status, 201);
  const last = (await ask(bob, `GET /v1/chat/conversations/${id}/messages`)).body.messages.at(-1);
  for (const { cdn_url } of last.media ?? []) t.equal((await fetch(cdn_url)).status, 404);
});

t.test('while the store is away, files wait and conversations go on', async (t) => {
  const { ann, bob, ask, group, store, grant, put, confirm, upload } = start();
  const ready = await upload(ann, 'text/plain', text);
  const { media_id, upload_url } = await grant(ann, 'text/plain', text.length);
  await put(upload_url, 'text/plain', text);
  for (const mood of ['gone', 'failing'] as const) {
    await store.be(mood);
    const refused = await confirm(ann, media_id);
    t.equal(refusal(refused), '503 unavailable', mood);
    t.notMatch(JSON.stringify(refused.body), /127\.0\.0\.1|AKHARBOUR|Internal/);
    const read = await fetch(ready.cdn_url);
    t.same([read.status, read.headers.get('retry-after')], [503, '1'], mood);
    t.match(await read.json(), { error: { code: 'unavailable' } }, mood);
    const id = await group(bob);
    const sent = { conversation_id: id, content_text: 'still here' };
    t.equal((await ask(ann, 'POST /v1/chat/messages/send', sent)).status, 201);
  }
  await store.be('well');
  t.equal((await confirm(ann, media_id)).status, 200);
  t.equal(await (await fetch(ready.cdn_url)).text(), 'harbour');
});

t.test('a node starts without its store, and says so', async (t) => {
  const store = await startS3Server(t);
  await store.be('gone');
  const [nats, database] = await Promise.all([startNats(t), startPostgres(t)]);
  const logger = capturingLogger();
  const node = await startNode({ nats, database, env: store.env, logger }, t);
  t.equal((await fetch(`${node.url}/readyz`)).status, 200);
  t.match(logger.text(), /the store of media does not answer as it should \{"state":"away"\}/);
  t.notMatch(logger.text(), /AKHARBOUR|not\+a\/secret/);
});
