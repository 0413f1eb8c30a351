import t, { type Test } from 'tap';
import { openMediaStore } from '../../../../src/adapters/postgres/media/media-store.ts';
import { openPool } from '../../../../src/adapters/postgres/pool.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import type { MediaRecord } from '../../../../src/ports/media.ts';
import { create, member, post } from '../../../kit/memory/memory-commands.ts';
import { MemoryConversation } from '../../../kit/memory/memory-conversation.ts';
import { person } from '../../../kit/memory/memory-principals.ts';
import { answered, startProjection } from '../../../kit/projection.ts';

const [ann, bob] = [person('ann'), person('bob')];
const tenant = 'acme';
const far = 9_000_000_000_000_000;

async function start(t: Test) {
  const projection = await startProjection(t);
  const identity = openPool({
    ...{ url: projection.url, role: 'parley_identity' as const, max: 2, log: projection.logger },
  });
  t.teardown(() => identity.close());
  const store = openMediaStore({ requests: projection.requests, identity });
  const harbour = new MemoryConversation({ tenant });
  harbour.handle(ann, create({ participants: [member(bob)] }));
  let seen = 0;
  /** Projects what is new in the log. */
  const project = async (): Promise<void> => {
    await projection.writer.apply(harbour.appended.slice(seen).map((entry) => ({ ref: harbour.ref, entry })));
    seen = harbour.appended.length;
  };
  /** A confirmed file of ann. */
  const ready = async (id: string): Promise<void> => {
    const media = {
      tenant,
      id,
      uploader: 'ann',
      filename: 'x',
      contentType: 'image/png',
      sizeBytes: 1,
      folder: null,
    };
    t.equal(await store.create({ ...media, createdAt: 1, expiresAt: 1 }), null);
    answered(await store.uploaded(tenant, id, `blob of ${id}`, 1));
    const thumbnailed = { blob: `blob of ${id}`, isShown: true, isThumbnailDue: true };
    answered(await store.confirm(tenant, id, thumbnailed));
    const thumbnail = { blob: `small ${id}`, sizeBytes: 1 };
    t.equal(await store.thumbnailed(tenant, id, { width: 1, height: 1, thumbnail }), null);
  };
  const find = async (id: string): Promise<MediaRecord | null> => answered(await store.find(tenant, id));
  const placeOf = (message: string) => ({ conversation: harbour.ref.conversation, message });
  /** A message that was posted, with files. */
  const posted = async (...ids: readonly string[]): Promise<string> => {
    const handled = harbour.handle(ann, post('see'));
    if (handled instanceof Problem) throw handled;
    const [event] = handled.events;
    const message = event?.type === 'message.posted' ? event.data.message_id : '';
    for (const id of ids) await ready(id);
    t.equal(answered(await store.attach(tenant, 'ann', ids, placeOf(message), 7))?.length, ids.length);
    return message;
  };
  return { ...projection, store, harbour, project, ready, find, placeOf, posted };
}

t.test('a deletion takes the files of its message, once, and of no other', async (t) => {
  const { store, harbour, writer, project, find, posted } = await start(t);
  const [first, second] = [await posted('a', 'b'), await posted('c')];
  await project();
  harbour.handle(ann, { op: 'delete', message: first });
  t.match(await find('a'), { status: 'ready', placedAt: 7 }, 'not before it is projected');
  await project();
  t.equal(await find('a'), null);
  t.equal(await find('b'), null);
  t.match(await find('c'), { place: { message: second } });
  const gone = answered(await store.expire(far, 10));
  t.same(gone.map(({ id, blobs }) => [id, ...blobs]).sort(), [
    ['a', 'blob of a', 'small a'],
    ['b', 'blob of b', 'small b'],
  ]);
  await store.forget(gone);
  await writer.reset();
  await writer.apply(harbour.appended.map((entry) => ({ ref: harbour.ref, entry })));
  t.match(await find('c'), { status: 'ready' }, 'a rebuild takes nothing more');
  t.same(await store.expire(far, 10), []);
});

t.test('a deletion takes files also of a message that left the log before it was projected', async (t) => {
  const { store, harbour, writer, find, posted } = await start(t);
  const message = await posted('a');
  harbour.handle(ann, { op: 'delete', message });
  t.notOk(harbour.log.some(({ event }) => event.type === 'message.posted'));
  await writer.apply(harbour.log.map((entry) => ({ ref: harbour.ref, entry })));
  t.equal(await find('a'), null);
  t.match(await store.expire(far, 10), [{ id: 'a' }]);
});

t.test('bytes are named by the sweep when no other file has them', async (t) => {
  const { store, harbour, project, placeOf, posted, find } = await start(t);
  const [first, second] = [await posted('a'), await posted()];
  const copies = await store.copy(tenant, 'bob', placeOf(first), placeOf(second), 8);
  const [copy] = answered(copies);
  t.match(copy, { uploader: 'bob', blob: 'blob of a', place: { message: second }, placedAt: 8 });
  harbour.handle(ann, { op: 'delete', message: first });
  await project();
  const gone = answered(await store.expire(far, 10));
  t.same(gone, [{ tenant, id: 'a', blobs: [] }]);
  await store.forget(gone);
  t.match(await find(copy?.id ?? ''), { thumbnail: { blob: 'small a' } });
  t.equal(await store.discard(tenant, [copy?.id ?? ''], 'another', 9), null);
  t.match(await find(copy?.id ?? ''), { status: 'ready' }, 'of another message');
  t.equal(await store.discard(tenant, [copy?.id ?? ''], second, 9), null);
  t.equal(await find(copy?.id ?? ''), null);
  t.match(await store.expire(9, 10), [], 'not before its time');
  t.match(await store.expire(10, 10), [{ blobs: ['blob of a', 'small a'] }]);
});

t.test('a file of a message that was not posted outlives the end of its conversation', async (t) => {
  const { store, harbour, project, placeOf, posted, ready, find } = await start(t);
  await posted('a');
  await ready('b');
  answered(await store.attach(tenant, 'ann', ['b'], placeOf('unposted'), 7));
  await project();
  harbour.handle(ann, { op: 'conversation.delete' });
  await project();
  t.equal(await find('a'), null);
  t.equal(await store.detach(tenant, ['a', 'b'], 'unposted'), null);
  t.equal(await find('a'), null);
  t.match(await find('b'), { status: 'ready', place: null, placedAt: null });
});

t.test('a thumbnail that comes too late belongs to nobody', async (t) => {
  const { store, harbour, project, posted } = await start(t);
  const made = { width: 1, height: 1, thumbnail: { blob: 'late', sizeBytes: 1 } };
  t.match(await store.thumbnailed(tenant, 'nowhere', made), { code: 'not_found' });
  const message = await posted('a');
  t.match(await store.thumbnailed(tenant, 'a', made), { code: 'not_found' }, 'it has one');
  harbour.handle(ann, { op: 'delete', message });
  await project();
  t.match(await store.thumbnailed(tenant, 'a', made), { code: 'not_found' });
});

t.test('a folder stays with its file', async (t) => {
  const { store } = await start(t);
  const file = { tenant, id: 'f', uploader: 'ann', filename: 'x', contentType: 'image/png', sizeBytes: 1 };
  t.equal(await store.create({ ...file, folder: 'agents/a', createdAt: 1, expiresAt: 1 }), null);
  t.match(await store.find(tenant, 'f'), { folder: 'agents/a', status: 'pending' });
});

t.test('however many begin at once, no more wait to be confirmed than may', async (t) => {
  const { store } = await start(t);
  const begin = (id: string) =>
    store.create({
      ...{ tenant, id, uploader: 'ann', filename: 'x', contentType: 'image/png', sizeBytes: 1 },
      ...{ folder: null, createdAt: 1, expiresAt: 1 },
    });
  const tried = limits.mediaPendingPerPrincipalMax + 40;
  const answers = await Promise.all(Array.from({ length: tried }, (_, n) => begin(`m${n}`)));
  t.equal(answers.filter((one) => one === null).length, limits.mediaPendingPerPrincipalMax);
  const refused = answers.filter((one) => one !== null);
  t.same(
    [...new Set(refused.map(({ code, reason }) => `${code} ${reason}`))],
    ['rate_limited too_many_uploads'],
  );
});
