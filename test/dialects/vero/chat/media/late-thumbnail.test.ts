import sharp from 'sharp';
import t from 'tap';
import { tellLateThumbnail } from '../../../../../src/dialects/vero/chat/media/late-thumbnail.ts';
import { limits } from '../../../../../src/domain/limits.ts';
import { Problem } from '../../../../../src/domain/problem.ts';
import type { MediaRecord } from '../../../../../src/ports/media.ts';
import { MessagingClient } from '../../../../kit/clients/messaging-client.ts';
import { until } from '../../../../kit/log-entries.ts';
import { startMedia } from './media-stage.ts';

t.setTimeout(180_000);

t.test('readers of a message hear of a thumbnail that comes later', async (t) => {
  const { node, ann, bob, ask, group, grant, put, confirm, send } = await startMedia(t);
  const id = await group(bob);
  const reader = await MessagingClient.connect(node, bob.token);
  t.teardown(() => reader.close());
  await reader.subscribe(id);
  // Interlaced, so that it is decoded whole; and one is made at a time. Many that each take a part of the seconds that one
  // may take at most, together more than a confirmation waits.
  const slow = await sharp({ create: { width: 4_000, height: 4_000, channels: 3, background: 'teal' } })
    .png({ progressive: true, compressionLevel: 1 })
    .toBuffer();
  const granted = await Promise.all(Array.from({ length: 24 }, () => grant(ann, 'image/png', slow.length)));
  for (const { upload_url } of granted) t.equal((await put(upload_url, 'image/png', slow)).status, 200);
  const last = granted.pop().media_id;
  const others = granted.map(({ media_id }) => confirm(ann, media_id));
  const isReady = async (media: string) =>
    (await ask(ann, `GET /v1/chat/media/${media}`)).body.status === 'ready';
  for (const { media_id } of granted) await until(() => isReady(media_id));
  t.match(await confirm(ann, last), { status: 200, body: { thumbnail_url: null } }, 'it is late');
  const sent = await send(ann, id, [last], { content_text: 'see' });
  t.match(sent, { status: 201, body: { media: [{ thumbnail_url: null }] } });
  // All the others are decoded before it.
  const edited = await reader.event('message.edited', undefined, { withinMs: 120_000 });
  t.match(edited, { id: sent.body.id, content_text: 'see', edit_count: 0 });
  const [told] = (await ask(bob, `GET /v1/chat/conversations/${id}/messages`)).body.messages;
  t.match(told, { edit_count: 0, edited_at: null, media: [{ width: 4_000, height: 4_000 }] });
  t.ok(told.rev > sent.body.rev);
  const picture = await fetch(told.media[0].thumbnail_url);
  t.equal(picture.headers.get('content-type'), 'image/webp');
  await picture.body?.cancel();
  for (const { status } of await Promise.all(others)) t.equal(status, 200);
});

t.test('a message on its way is waited for, for a moment; what is not sent tells nobody', async (t) => {
  const place = { conversation: 'c', message: 'm' };
  const record = { tenant: 'acme', id: 'x', uploader: 'ann', filename: 'x', contentType: 'image/png' };
  const media = { ...record, sizeBytes: 1, width: 1, height: 1, createdAt: 1, place } as MediaRecord;
  const tell = async (late: MediaRecord | null, answers: readonly (Problem | null)[]) => {
    const asked: object[] = [];
    const deps = {
      uploads: { lateThumbnail: async () => late },
      bus: {
        context: () => ({}),
        dispatch: async (_by: unknown, command: object) => {
          asked.push(command);
          return answers[Math.min(asked.length, answers.length) - 1];
        },
      },
      clock: { after: (_ms: number, run: () => void) => setImmediate(run) },
    };
    await tellLateThumbnail(deps as never, { principal: {}, env: null } as never, media);
    return asked;
  };
  const made = { ...media, thumbnail: { blob: 'b', sizeBytes: 1 } };
  const away = new Problem('not_found');
  t.match(await tell(made, [away, away, null]), [
    {},
    {},
    { op: 'attach', message: 'm', media: [{ id: 'x', thumbnail: true }] },
  ]);
  t.equal((await tell(made, [new Problem('forbidden')])).length, 1);
  t.equal((await tell(made, [away])).length, limits.thumbnailTellTriesMax);
  t.same(await tell(null, [null]), []);
  t.same(await tell({ ...made, place: null }, [null]), []);
});
