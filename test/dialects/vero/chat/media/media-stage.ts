/** A whole node whose files lie in a directory of the test, or where `env` says. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import { until } from '../../../../kit/log-entries.ts';
import { temporaryDir } from '../../../../kit/temporary.ts';
import { type Speaker, startChat } from '../stage.ts';

export async function startMedia(t: Test, env: Readonly<Record<string, string>> = {}) {
  const { path: dataDir, remove } = await temporaryDir('media');
  t.teardown(remove);
  const stage = await startChat(t, { DATA_DIR: dataDir, ...env });
  const { ask } = stage;
  const grant = async (who: Speaker, content_type: string, size_bytes: number, filename = 'file.bin') => {
    const answer = await ask(who, 'POST /v1/chat/media/upload-url', { filename, content_type, size_bytes });
    t.equal(answer.status, 201);
    return answer.body;
  };
  const put = (url: string, contentType: string, body: Buffer) =>
    fetch(url, { method: 'PUT', headers: { 'content-type': contentType }, body });
  const confirm = (who: Speaker, id: string, body: object = {}) =>
    ask(who, `POST /v1/chat/media/${id}/confirm`, body);
  /** A confirmed file. */
  const upload = async (who: Speaker, contentType: string, bytes: Buffer, filename?: string) => {
    const { media_id, upload_url } = await grant(who, contentType, bytes.length, filename);
    t.equal((await put(upload_url, contentType, bytes)).status, 200);
    const answer = await confirm(who, media_id);
    t.equal(answer.status, 200);
    return answer.body;
  };
  /** The same of a picture, when its thumbnail is there: a confirmation waits for it for a moment only. */
  const uploadPicture = async (who: Speaker, contentType: string, bytes: Buffer, filename?: string) => {
    const { id } = await upload(who, contentType, bytes, filename);
    const present = async () => (await ask(who, `GET /v1/chat/media/${id}`)).body;
    await until(async () => (await present()).thumbnail_url !== null);
    return await present();
  };
  const files = async (): Promise<string[]> => {
    const found = await readdir(join(dataDir, 'media'), { recursive: true }).catch(() => [] as string[]);
    return found.filter((name) => name.length > 3).sort();
  };
  /** A message of theirs, with files. */
  const send = (who: Speaker, conversation: string, media_ids: readonly string[], more: object = {}) =>
    ask(who, 'POST /v1/chat/messages/send', {
      ...{ conversation_id: conversation, content_text: '', media_ids },
      ...more,
    });
  return { ...stage, dataDir, grant, put, confirm, upload, uploadPicture, files, send };
}
