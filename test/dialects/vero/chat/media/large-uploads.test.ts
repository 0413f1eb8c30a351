/**
 * Files of 100 MB pass through a node in pieces: the process grows by less than 32 MB (VmHWM of Linux), however fast
 * they are sent. The sender is on the same machine and waits for nothing but the kernel.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import t from 'tap';
import { signUp } from '../../../../kit/clients/accounts.ts';
import { call } from '../../../../kit/clients/http-client.ts';
import { startNats } from '../../../../kit/servers/nats.ts';
import { startNodeProcess } from '../../../../kit/servers/node.ts';
import { startPostgres } from '../../../../kit/servers/postgres.ts';
import { temporaryDir } from '../../../../kit/temporary.ts';

t.setTimeout(180_000);

const bytes = 104_857_600;
const growthMax = 32 * 1024 * 1024;
const rounds = 6;
// As much as keeps the kernel's buffer full, whatever the node does.
const piece = Buffer.alloc(4_194_304, 'all work and no play ');

function* pieces(): Generator<Buffer> {
  for (let at = 0; at < bytes; at += piece.length) yield piece.subarray(0, bytes - at);
}

/** Kilobytes of a field of /proc/PID/status, as bytes. */
async function memory(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

async function put(url: string, length: number): Promise<number> {
  const sent = request(url, {
    method: 'PUT',
    headers: { 'content-type': 'video/mp4', 'content-length': length },
  });
  const answered = new Promise<number>((resolve, reject) => {
    sent.on('response', (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', reject);
  });
  await pipeline(Readable.from(length === bytes ? pieces() : [piece.subarray(0, length)]), sent);
  return answered;
}

t.test(
  'uploads of 100 MB, as fast as they can be sent, and their download take no memory',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const [nats, database] = await Promise.all([startNats(t), startPostgres(t)]);
    const dir = await temporaryDir('large-media');
    t.teardown(dir.remove);
    const node = await startNodeProcess({ nats, database, env: { DATA_DIR: dir.path } }, t);
    const ann = await signUp(node);
    const grant = async (size_bytes: number) => {
      const body = { filename: 'ship.mp4', content_type: 'video/mp4', size_bytes };
      return (await call(node, 'POST', '/v1/chat/media/upload-url', { token: ann.token, body })).body;
    };
    // What the first upload loads is not what an upload takes.
    t.equal(await put((await grant(1_000)).upload_url, 1_000), 200);
    await writeFile(`/proc/${node.pid}/clear_refs`, '5');
    const before = await memory(node.pid, 'VmRSS');
    let media_id = '';
    for (let round = 0; round < rounds; round += 1) {
      const granted = await grant(bytes);
      t.equal(await put(granted.upload_url, bytes), 200);
      media_id = granted.media_id;
    }
    const uploaded = (await memory(node.pid, 'VmHWM')) - before;
    t.ok(uploaded < growthMax, `${rounds} uploads: ${Math.round(uploaded / 1024)} KB`);
    t.same(await readdir(join(dir.path, 'spill')), [], 'what waited on disk is gone');
    const path = `/v1/chat/media/${media_id}/confirm`;
    const { body } = await call(node, 'POST', path, { token: ann.token, body: {} });
    const [own, expected] = [createHash('sha256'), createHash('sha256')];
    let length = 0;
    const answer = await fetch(body.cdn_url);
    for await (const part of answer.body ?? []) {
      own.update(part);
      length += part.length;
    }
    for (const part of pieces()) expected.update(part);
    t.equal(length, bytes);
    t.equal(own.digest('hex'), expected.digest('hex'));
    const downloaded = (await memory(node.pid, 'VmHWM')) - before;
    t.ok(downloaded < growthMax, `and a download: ${Math.round(downloaded / 1024)} KB`);
    t.comment(`grew by ${uploaded} bytes at the uploads, by ${downloaded} in all`);
  },
);
