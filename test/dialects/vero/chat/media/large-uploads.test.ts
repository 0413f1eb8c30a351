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
import t, { type Test } from 'tap';
import { signUp } from '../../../../kit/clients/accounts.ts';
import { call } from '../../../../kit/clients/http-client.ts';
import { startS3Server } from '../../../../kit/outside/s3/s3-server.ts';
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

async function start(t: Test, env: Readonly<Record<string, string>>) {
  const [nats, database] = await Promise.all([startNats(t), startPostgres(t)]);
  const node = await startNodeProcess({ nats, database, env }, t);
  const { token } = await signUp(node);
  const grant = async (size_bytes: number) => {
    const body = { filename: 'ship.mp4', content_type: 'video/mp4', size_bytes };
    return (await call(node, 'POST', '/v1/chat/media/upload-url', { token, body })).body;
  };
  const confirm = async (id: string) =>
    (await call(node, 'POST', `/v1/chat/media/${id}/confirm`, { token, body: {} })).body;
  return { node, grant, confirm };
}

async function* bytesOf(url: string): AsyncGenerator<Uint8Array> {
  for await (const part of (await fetch(url)).body ?? []) yield part;
}

async function digestOf(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of source) hash.update(part);
  return hash.digest('hex');
}

const isElsewhere = process.platform !== 'linux';

t.test(
  'uploads of 100 MB, as fast as they can be sent, and their download take no memory',
  {
    skip: isElsewhere,
  },
  async (t) => {
    const dir = await temporaryDir('large-media');
    t.teardown(dir.remove);
    const { node, grant, confirm } = await start(t, { DATA_DIR: dir.path });
    // What the first upload loads is not what an upload takes.
    t.equal(await put((await grant(1_000)).upload_url, 1_000), 200);
    await writeFile(`/proc/${node.pid}/clear_refs`, '5');
    const before = await memory(node.pid, 'VmRSS');
    let last = '';
    for (let round = 0; round < rounds; round += 1) {
      const { media_id, upload_url } = await grant(bytes);
      t.equal(await put(upload_url, bytes), 200);
      last = media_id;
    }
    const uploaded = (await memory(node.pid, 'VmHWM')) - before;
    t.ok(uploaded < growthMax, `${rounds} uploads: ${Math.round(uploaded / 1024)} KB`);
    t.same(await readdir(join(dir.path, 'spill')), [], 'what waited on disk is gone');
    const { cdn_url } = await confirm(last);
    t.equal(await digestOf(bytesOf(cdn_url)), await digestOf(pieces()));
    const downloaded = (await memory(node.pid, 'VmHWM')) - before;
    t.ok(downloaded < growthMax, `and a download: ${Math.round(downloaded / 1024)} KB`);
    t.comment(`grew by ${uploaded} bytes at the uploads, by ${downloaded} in all`);
  },
);

t.test('a download of 100 MB from an S3-compatible store takes none', { skip: isElsewhere }, async (t) => {
  const store = await startS3Server(t);
  const { node, grant, confirm } = await start(t, store.env);
  const upload = async (length: number): Promise<string> => {
    const { media_id, upload_url } = await grant(length);
    t.equal(await put(upload_url, length), 200);
    return (await confirm(media_id)).cdn_url;
  };
  const [small, large] = [await upload(1_000), await upload(bytes)];
  await digestOf(bytesOf(small));
  await writeFile(`/proc/${node.pid}/clear_refs`, '5');
  const before = await memory(node.pid, 'VmRSS');
  const expected = await digestOf(pieces());
  t.equal(await digestOf(bytesOf(large)), expected);
  const first = (await memory(node.pid, 'VmHWM')) - before;
  // Node gives each 64 KB from a socket a buffer of its own, and collects them when they are some 32 MB.
  t.ok(first < 2 * growthMax, `a download: ${Math.round(first / 1024)} KB`);
  const digests = await Promise.all([1, 2].map(() => digestOf(bytesOf(large))));
  t.same(new Set(digests), new Set([expected]));
  const more = (await memory(node.pid, 'VmHWM')) - before - first;
  t.ok(more < growthMax, `two more at once: ${Math.round(more / 1024)} KB`);
  t.comment(`grew by ${first} bytes at the first download, by ${more} at two more`);
});
