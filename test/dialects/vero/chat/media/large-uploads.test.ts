/** A file of 100 MB passes through a node in pieces: the process grows by less than 32 MB (VmHWM of Linux). */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
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
const piece = Buffer.alloc(65_536, 'all work and no play ');

function* pieces(): Generator<Buffer> {
  for (let at = 0; at < bytes; at += piece.length) yield piece;
}

/**
 * At the pace of a fast network, 250 MB/s: uWebSockets.js reads on without asking for as long as a sender on the
 * same machine keeps the kernel's buffer full, up to the whole file (ADR 0021).
 */
async function* pacedPieces(): AsyncGenerator<Buffer> {
  for (const [index, one] of [...pieces()].entries()) {
    if (index % 4 === 3) await setTimeout(1);
    yield one;
  }
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
  const source = length === bytes ? pacedPieces() : [piece.subarray(0, length)];
  await pipeline(Readable.from(source, { objectMode: false, highWaterMark: 65_536 }), sent);
  return answered;
}

t.test(
  'an upload of 100 MB, and its download, take no memory',
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
    const { media_id, upload_url } = await grant(bytes);
    await writeFile(`/proc/${node.pid}/clear_refs`, '5');
    const before = await memory(node.pid, 'VmRSS');
    t.equal(await put(upload_url, bytes), 200);
    const uploaded = (await memory(node.pid, 'VmHWM')) - before;
    t.ok(uploaded < growthMax, `an upload: ${Math.round(uploaded / 1024)} KB`);
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
    t.ok(downloaded < growthMax, `both: ${Math.round(downloaded / 1024)} KB`);
    t.comment(`grew by ${uploaded} bytes at the upload, by ${downloaded} in all`);
  },
);
