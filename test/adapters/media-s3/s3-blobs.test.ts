/**
 * Over a stand-in that checks every signature; over a real store, when PARLEY_TEST_S3_ENDPOINT, _BUCKET, _REGION,
 * _ACCESS_KEY and _SECRET_KEY name one (its bucket is filled with what the tests leave).
 */
import { randomUUID } from 'node:crypto';
import t, { type Test } from 'tap';
import { openS3Blobs } from '../../../src/adapters/media-s3/s3-blobs.ts';
import type { S3Place } from '../../../src/adapters/media-s3/s3-calls.ts';
import { openClock } from '../../../src/adapters/system/clock.ts';
import { limits } from '../../../src/domain/limits.ts';
import { bytesOf, mediaBlobsContract } from '../../contracts/media-blobs.ts';
import { capturingLogger } from '../../kit/memory/capturing-logger.ts';
import { startS3Server } from '../../kit/outside/s3/s3-server.ts';

t.setTimeout(120_000);

const clock = openClock();

async function openAt(t: Test, place: S3Place) {
  const logger = capturingLogger();
  const blobs = await openS3Blobs({ place, clock, logger });
  t.teardown(() => blobs.close());
  const { intake } = blobs;
  if (intake.kind !== 'direct') throw new Error(intake.kind);
  return { blobs, intake, logger };
}

function realStore(): S3Place | null {
  const of = (name: string): string => process.env[`PARLEY_TEST_S3_${name}`] ?? '';
  if (of('ENDPOINT') === '') return null;
  const [bucket, region] = [of('BUCKET'), of('REGION')];
  return {
    endpoint: of('ENDPOINT'),
    bucket,
    region,
    accessKey: of('ACCESS_KEY'),
    secretKey: of('SECRET_KEY'),
  };
}

const anyStore = async (t: Test) => openAt(t, realStore() ?? (await startS3Server(t)).place);

async function standIn(t: Test) {
  const server = await startS3Server(t);
  return { server, ...(await openAt(t, server.place)) };
}

const text = 'harbour';
/** An upload of it, as it was declared. */
const declared = (more = {}) => ({
  ...{ id: randomUUID() as string, contentType: 'text/plain', sizeBytes: text.length },
  ...{ expiresAt: clock.nowMicros() + 900 * 1_000_000, ...more },
});

const put = async (url: string, body: string, contentType = 'text/plain') => {
  const answer = await fetch(url, { method: 'PUT', headers: { 'content-type': contentType }, body });
  return `${answer.status} ${/<Code>(\w+)</.exec(await answer.text())?.[1] ?? ''}`.trim();
};

mediaBlobsContract(t, async (t) => (await anyStore(t)).blobs);

t.test('an upload goes to the store by a plain PUT, is found, taken, and never changes', async (t) => {
  const { blobs, intake } = await anyStore(t);
  const [upload, blob] = [declared(), randomUUID()];
  const url = await intake.urlOf(upload);
  t.equal(await intake.find(upload), null, 'nothing yet');
  t.equal(await put(url, text), '200');
  const arrival = await intake.find(upload);
  if (arrival === null || 'code' in arrival) throw new Error('it did not arrive');
  t.equal(await intake.take(arrival, blob), 'taken');
  t.equal(await put(url, 'HARBOUR'), '200', 'the URL still counts');
  t.equal((await bytesOf(blobs.read(blob, 0, 6))).toString(), text);
  t.equal(await intake.take(arrival, randomUUID()), 'changed', 'something else lies there');
  t.equal(await intake.discard(upload.id), null);
  t.equal(await intake.discard(upload.id), null, 'once more');
  t.equal(await intake.find(upload), null);
  t.equal(await intake.take(arrival, randomUUID()), 'changed', 'nothing lies there');
  t.equal((await bytesOf(blobs.read(blob, 0, 6))).toString(), text);
});

t.test('the URL of an upload takes nothing else, from nobody else', async (t) => {
  const { intake } = await anyStore(t);
  const upload = declared();
  const url = await intake.urlOf(upload);
  const changed = (name: string, value: string): string => {
    const one = new URL(url);
    one.searchParams.set(name, value);
    return one.href;
  };
  const other = randomUUID();
  for (const [why, refused] of [
    ['a longer one', put(url, `${text}!`)],
    ['a shorter one', put(url, 'har')],
    ['another type', put(url, text, 'text/html')],
    ['a longer time', put(changed('X-Amz-Expires', '86400'), text)],
    ['another place', put(url.replace(upload.id, other), text)],
    ['without a signature', put(url.slice(0, url.indexOf('?')), text)],
  ] as const) {
    t.match(await refused, /^4\d\d/, why);
  }
  t.match((await fetch(url)).status, 403, 'it reads nothing');
  t.equal(await intake.find(upload), null);
  t.equal(await intake.find({ ...upload, id: other }), null);
});

t.test('the URL ends with the upload', async (t) => {
  const { intake, server } = await standIn(t);
  const url = await intake.urlOf(declared());
  server.moveClock(840_000);
  t.equal(await put(url, text), '200');
  server.moveClock(901_000);
  t.equal(await put(url, text), '403 AccessDenied');
});

t.test('what is not what was declared has not arrived', async (t) => {
  const { intake, server } = await standIn(t);
  const upload = declared();
  t.equal(await put(await intake.urlOf(upload), text), '200');
  const [key, found] = [...server.objects][0] ?? [];
  if (key === undefined || found === undefined) throw new Error('it did not arrive');
  const wrong = [{ type: 'text/html' }, { bytes: Buffer.from('har') }, { bytes: Buffer.from('harbours') }];
  for (const more of wrong) {
    server.objects.set(key, { ...found, ...more });
    t.equal(await intake.find(upload), null);
  }
  server.objects.set(key, { ...found, type: 'Text/Plain; charset=utf-8' });
  t.match(await intake.find(upload), { id: upload.id, version: found.etag });
});

t.test('no browser shows what lies in the bucket, and names tell nothing', async (t) => {
  const { blobs, intake, server } = await standIn(t);
  const [upload, small] = [declared({ contentType: 'text/html' }), randomUUID()];
  await put(await intake.urlOf(upload), text, 'text/html');
  const arrival = await intake.find(upload);
  if (arrival === null || 'code' in arrival) throw new Error('it did not arrive');
  const blob = randomUUID();
  await intake.take(arrival, blob);
  await blobs.keep(small, Buffer.from(text));
  for (const key of [`parley/blobs/${blob}`, `parley/blobs/${small}`]) {
    const { type, disposition } = server.objects.get(key) ?? {};
    t.same([type, disposition], ['application/octet-stream', 'attachment']);
  }
});

t.test('a sweep takes uploads whose time is long over, and nothing that is not ours', async (t) => {
  const { blobs, intake, server } = await standIn(t);
  const at = async (ms: number) => {
    const upload = declared();
    await put(await intake.urlOf(upload), text);
    const key = `parley/pending/${upload.id}`;
    const found = server.objects.get(key);
    if (found !== undefined) server.objects.set(key, { ...found, atMs: ms });
    return key;
  };
  const now = Date.now();
  const [old, older, young] = [await at(now - 10_000_000), await at(now - 20_000_000), await at(now)];
  const confirmable = await at(now - limits.mediaUploadMs - 60_000);
  const foreign = 'parley/pending/of-somebody-else';
  const found = server.objects.get(old);
  if (found !== undefined) server.objects.set(foreign, { ...found, atMs: 0 });
  const before = (now - limits.mediaUploadMs) * 1000;
  await blobs.sweep(before, 100);
  t.same([...server.objects.keys()].sort(), [young, confirmable, foreign].sort());
  t.notOk(server.objects.has(older));
});

t.test('a store that is away or out of its mind is a Problem that says nothing of it', async (t) => {
  const { blobs, intake, server, logger } = await standIn(t);
  const [upload, blob] = [declared(), randomUUID()];
  await blobs.keep(blob, Buffer.from(text));
  await put(await intake.urlOf(upload), text);
  const arrival = await intake.find(upload);
  if (arrival === null || 'code' in arrival) throw new Error('it did not arrive');
  for (const mood of ['gone', 'failing'] as const) {
    await server.be(mood);
    const answers = [
      await intake.find(upload),
      await intake.take(arrival, randomUUID()),
      await intake.discard(upload.id),
      await blobs.keep(randomUUID(), Buffer.from(text)),
      await blobs.delete(blob),
    ];
    t.match(answers, new Array(5).fill({ code: 'unavailable' }), mood);
    t.equal((await bytesOf(blobs.read(blob, 0, 6))).toString(), 'unavailable', mood);
    await blobs.sweep(clock.nowMicros(), 10);
    t.equal(await blobs.check(), 'away', mood);
    t.notMatch(JSON.stringify(answers), /127\.0\.0\.1|AKHARBOUR|secret/);
  }
  for (const mood of ['cut', 'rangeless'] as const) {
    await server.be(mood);
    t.equal((await bytesOf(blobs.read(blob, 1, 5))).toString(), 'unavailable', mood);
  }
  await server.be('silent');
  t.equal(await blobs.check(), 'away', 'silent');
  await server.be('well');
  t.equal((await bytesOf(blobs.read(blob, 0, 6))).toString(), text, 'and it comes back');
  t.match(logger.text(), /the store of media failed/);
  t.notMatch(logger.text(), /AKHARBOUR|not\+a\/secret|Signature/);
});

t.test('a part that breaks off is asked for again', async (t) => {
  const { blobs, server } = await standIn(t);
  const blob = randomUUID();
  await blobs.keep(blob, Buffer.from(text));
  await server.be('cut');
  let reads = 0;
  server.before(({ method }) => {
    if (method === 'GET') reads += 1;
    if (reads === 2) void server.be('well');
  });
  t.equal((await bytesOf(blobs.read(blob, 0, 6))).toString(), text);
  t.equal(reads, 2);
});

t.test('a slow reader holds no connection', async (t) => {
  const { blobs } = await standIn(t);
  const blob = randomUUID();
  await blobs.keep(blob, Buffer.alloc(2 * limits.mediaStoreReadBytes, 'x'));
  const slow = Array.from({ length: limits.mediaStoreConnectionsMax + 6 }, () =>
    blobs.read(blob, 0, 2 * limits.mediaStoreReadBytes - 1)[Symbol.asyncIterator](),
  );
  for (const reader of slow) t.ok(((await reader.next()).value as Uint8Array).length > 0);
  t.equal((await bytesOf(blobs.read(blob, 0, 9))).toString(), 'xxxxxxxxxx', 'while they all wait');
  for (const reader of slow) await reader.return?.();
});

t.test('a wrong bucket and wrong keys are told apart', async (t) => {
  const { place } = await startS3Server(t);
  const stateOf = async (more: Partial<S3Place>) => (await openAt(t, { ...place, ...more })).blobs.check();
  t.equal(await stateOf({}), 'ok');
  t.equal(await stateOf({ bucket: 'other' }), 'no such bucket');
  t.equal(await stateOf({ accessKey: 'other' }), 'refused');
  t.equal(await stateOf({ secretKey: 'other' }), 'refused');
  t.equal(await stateOf({ endpoint: 'http://127.0.0.1:1' }), 'away');
});
