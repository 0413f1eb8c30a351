/** What is deleted, or was never confirmed, is gone: from answers at once, from the disk with the next sweep. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { openDiskBlobs } from '../../../../../src/adapters/media-disk/disk-blobs.ts';
import { openMediaStore } from '../../../../../src/adapters/postgres/media/media-store.ts';
import { openPool } from '../../../../../src/adapters/postgres/pool.ts';
import { sweepUploads } from '../../../../../src/core/media/sweep-uploads.ts';
import { signUp } from '../../../../kit/clients/accounts.ts';
import { call } from '../../../../kit/clients/http-client.ts';
import { NativeClient } from '../../../../kit/clients/native-client.ts';
import { until } from '../../../../kit/log-entries.ts';
import { MovedClock } from '../../../../kit/memory/moved-clock.ts';
import { silentLogger } from '../../../../kit/memory/silent-logger.ts';
import { startNats } from '../../../../kit/servers/nats.ts';
import { startNodeProcess } from '../../../../kit/servers/node.ts';
import { startPostgres } from '../../../../kit/servers/postgres.ts';
import { temporaryDir } from '../../../../kit/temporary.ts';
import { refusal } from '../stage.ts';
import { startMedia } from './media-stage.ts';

t.setTimeout(180_000);

const text = Buffer.from('harbour');
const minutes = 60_000;

async function start(t: Test) {
  const stage = await startMedia(t);
  const { ask, ann, node, database, dataDir } = stage;
  const logger = silentLogger();
  const at = { url: database.url, max: 2, log: logger };
  const requests = openPool({ ...at, role: 'parley_requests' });
  const identity = openPool({ ...at, role: 'parley_identity' });
  t.teardown(() => Promise.all([requests.close(), identity.close()]));
  const store = openMediaStore({ requests, identity });
  const blobs = openDiskBlobs({ directory: join(dataDir, 'media'), logger });
  const clock = new MovedClock();
  const status = async (id: string): Promise<number> => (await ask(ann, `GET /v1/chat/media/${id}`)).status;
  return {
    ...stage,
    clock,
    status,
    sweep: () => sweepUploads({ store, blobs, clock }),
    isGone: (id: string) => until(async () => (await status(id)) === 404),
    async deleteMessage(conversation: string, message: string) {
      const client = await NativeClient.connect(node, ann.token);
      t.match(await client.ask('delete', { conversation, message }), { ok: true });
      client.socket.terminate();
    },
  };
}

t.test('what nobody confirms is deleted after its time, and nothing else', async (t) => {
  const { ann, dataDir, grant, put, confirm, upload, files, clock, sweep } = await start(t);
  const kept = await upload(ann, 'text/plain', text);
  const before = await files();
  const half = await grant(ann, 'text/plain', text.length);
  const empty = await grant(ann, 'text/plain', text.length);
  t.equal((await put(half.upload_url, 'text/plain', text)).status, 200);
  const [folder = ''] = await readdir(join(dataDir, 'media'));
  await writeFile(join(dataDir, 'media', folder, 'broken.part'), 'half');
  t.equal(await sweep(), 0, 'it is not late yet');
  t.equal((await files()).length, 3);
  clock.advance(29 * minutes);
  t.equal(await sweep(), 0, 'what began in time may still come in');
  t.equal((await files()).length, 2, 'of what a process left in the middle nothing does');
  clock.advance(2 * minutes);
  t.equal(await sweep(), 2);
  t.same(await files(), before, 'the bytes are gone, too');
  for (const { media_id } of [half, empty]) {
    t.equal(refusal(await confirm(ann, media_id)), '404 not_found');
  }
  t.equal((await put(half.upload_url, 'text/plain', text)).status, 404);
  t.same(await files(), before, 'it leaves nothing');
  t.equal(await (await fetch(kept.cdn_url)).text(), 'harbour');
  t.equal(await sweep(), 0);
});

t.test('files of a deleted message are gone for everybody, their bytes with the last copy', async (t) => {
  const { ann, bob, ask, group, uploadPicture, send, files, clock, sweep, ...more } = await start(t);
  const { status, isGone, deleteMessage } = more;
  const [source, target] = [await group(bob), await group(bob)];
  const png = await sharp({ create: { width: 900, height: 600, channels: 3, background: 'teal' } })
    .png()
    .toBuffer();
  const file = await uploadPicture(ann, 'image/png', png);
  t.type(file.thumbnail_url, 'string');
  const sent = await send(ann, source, [file.id]);
  const [told] = sent.body.media;
  const forward = { message_id: sent.body.id, conversation_ids: [target] };
  const forwarded = (await ask(ann, 'POST /v1/chat/messages/forward', forward)).body.forwarded[0];
  const [copy] = forwarded.media;
  t.equal((await files()).length, 2, 'the picture and its thumbnail');

  await deleteMessage(source, sent.body.id);
  t.equal((await ask(bob, `GET /v1/chat/media/${file.id}`)).status, 404, 'for its readers at once');
  await isGone(file.id);
  for (const url of [file.cdn_url, file.thumbnail_url, told.cdn_url, told.thumbnail_url]) {
    t.equal((await fetch(url)).status, 404);
  }
  t.equal(refusal(await send(ann, source, [file.id])), '400 invalid_request', 'it cannot be sent again');
  t.equal(await sweep(), 0, 'whoever copies it is given time');
  clock.advance(16 * minutes);
  t.equal(await sweep(), 1);
  t.equal((await files()).length, 2, 'the copy has them');
  t.equal((await fetch(copy.cdn_url)).status, 200);
  t.equal((await fetch(copy.thumbnail_url)).status, 200);

  await deleteMessage(target, forwarded.id);
  await isGone(copy.id);
  t.equal(await sweep(), 1);
  t.same(await files(), []);
  t.equal(await status(copy.id), 404);
});

t.test('a conversation that is deleted for everyone takes its files with it', async (t) => {
  const { ann, bob, ask, group, upload, send, files, clock, sweep, isGone } = await start(t);
  const id = await group(bob);
  const [one, two] = [await upload(ann, 'text/plain', text), await upload(bob, 'text/plain', text)];
  const free = await upload(ann, 'text/plain', text);
  t.equal((await send(ann, id, [one.id])).status, 201);
  t.equal((await send(bob, id, [two.id])).status, 201);
  t.equal((await ask(bob, `DELETE /v1/chat/conversations/${id}`, { mode: 'for_me' })).status, 200);
  t.equal((await ask(bob, `GET /v1/chat/media/${two.id}`)).status, 200, 'his alone is no deletion');
  t.equal((await ask(ann, `DELETE /v1/chat/conversations/${id}`, { mode: 'for_everyone' })).status, 200);
  await isGone(one.id);
  t.equal((await ask(bob, `GET /v1/chat/media/${two.id}`)).status, 404);
  clock.advance(16 * minutes);
  t.equal(await sweep(), 2);
  t.equal((await files()).length, 1);
  t.equal(await (await fetch(free.cdn_url)).text(), 'harbour');
});

t.test('a deletion whose node was killed takes the files all the same', async (t) => {
  const [nats, database, dir] = await Promise.all([startNats(t), startPostgres(t), temporaryDir('media')]);
  t.teardown(dir.remove);
  const servers = { nats, database, env: { DATA_DIR: dir.path } };
  const first = await startNodeProcess(servers, t);
  const { token } = await signUp(first);
  const post = async (path: string, body: object) => (await call(first, 'POST', path, { token, body })).body;
  const { id: conversation } = await post('/v1/chat/conversations', { type: 'group', name: 'Harbour' });
  const upload = async (): Promise<string> => {
    const declared = { filename: 'x.txt', content_type: 'text/plain', size_bytes: text.length };
    const { media_id, upload_url } = await post('/v1/chat/media/upload-url', declared);
    await fetch(upload_url, { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: text });
    await post(`/v1/chat/media/${media_id}/confirm`, {});
    return media_id;
  };
  const send = (media: string) =>
    post('/v1/chat/messages/send', { conversation_id: conversation, content_text: '', media_ids: [media] });
  const [doomed, kept] = [await upload(), await upload()];
  const [sent] = [await send(doomed), await send(kept)];
  const client = await NativeClient.connect(first, token);
  t.match(await client.ask('delete', { conversation, message: sent.id }), { ok: true });
  await first.kill();
  const second = await startNodeProcess(servers, t);
  const look = (id: string) => call(second, 'GET', `/v1/chat/media/${id}`, { token });
  // Its projector is somebody else's turn only when it has been silent for a while.
  await until(async () => (await look(doomed)).status === 404, 90_000);
  t.match(await look(kept), { status: 200, body: { status: 'ready' } });
});
