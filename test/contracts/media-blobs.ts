/** What every implementation of the MediaBlobs port must do. Takes a factory; adapters run it over what they have. */
import { createHash, randomUUID } from 'node:crypto';
import type { Test } from 'tap';
import { Problem } from '../../src/domain/problem.ts';
import type { BytePieces, MediaBlobs } from '../../src/ports/media.ts';

/** The bytes; the code of a Problem among them ends as text. */
export async function bytesOf(pieces: BytePieces): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(Buffer.from(piece instanceof Problem ? piece.code : piece));
  return Buffer.concat(all);
}

const text = async (pieces: BytePieces): Promise<string> => (await bytesOf(pieces)).toString();
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function mediaBlobsContract(t: Test, open: (t: Test) => Promise<MediaBlobs>): void {
  t.test('a blob is kept, read in part, and deleted', async (t) => {
    const blobs = await open(t);
    const [id, other] = [randomUUID(), randomUUID()];
    t.equal(await blobs.keep(id, Buffer.from('harbour')), null);
    t.equal(await blobs.keep(other, Buffer.from('ship')), null);
    t.equal(await text(blobs.read(id, 0, 6)), 'harbour');
    t.equal(await text(blobs.read(id, 3, 4)), 'bo');
    t.equal(await text(blobs.read(id, 6, 6)), 'r');
    t.equal(await blobs.delete(id), null);
    t.equal(await blobs.delete(id), null, 'once more');
    t.equal(await text(blobs.read(id, 0, 6)), 'not_found');
    t.equal(await text(blobs.read(other, 0, 3)), 'ship', 'another one stays');
  });

  t.test('a blob of many pieces is read as it was kept, from any place on', async (t) => {
    const blobs = await open(t);
    const bytes = Buffer.alloc(3_000_001);
    for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeUInt32BE(at, at);
    const id = randomUUID();
    t.equal(await blobs.keep(id, bytes), null);
    t.equal(sha(await bytesOf(blobs.read(id, 0, bytes.length - 1))), sha(bytes));
    const part = await bytesOf(blobs.read(id, 1_048_575, 2_500_000));
    t.equal(sha(part), sha(bytes.subarray(1_048_575, 2_500_001)));
  });

  t.test('a blob is written as its pieces come, of which each is valid until the next one', async (t) => {
    const blobs = await open(t);
    const [id, broken] = [randomUUID(), randomUUID()];
    async function* pieces(count: number, end: Problem | null) {
      const buffer = Buffer.alloc(100_000);
      for (let at = 0; at < count; at += 1) yield buffer.fill(at);
      if (end !== null) yield end;
    }
    t.equal(await blobs.write(id, 1_000_000, pieces(10, null)), null);
    const written = await bytesOf(blobs.read(id, 0, 999_999));
    t.ok(written.every((byte, at) => byte === Math.floor(at / 100_000)));
    const refused = new Problem('too_large', 'It is more than was said.');
    t.equal(await blobs.write(broken, 1_000_000, pieces(3, refused)), refused);
    t.equal(await text(blobs.read(broken, 0, 10)), 'not_found', 'and nothing is left');
  });

  t.test('a reader may leave in the middle, and others read on', async (t) => {
    const blobs = await open(t);
    const id = randomUUID();
    await blobs.keep(id, Buffer.alloc(2_000_000, 'x'));
    for (let reader = 0; reader < 20; reader += 1) {
      for await (const piece of blobs.read(id, 0, 1_999_999)) {
        t.notOk(piece instanceof Problem);
        break;
      }
    }
    t.equal((await bytesOf(blobs.read(id, 0, 1_999_999))).length, 2_000_000);
  });

  t.test('nothing but an id of ours names a blob', async (t) => {
    const blobs = await open(t);
    await t.rejects(blobs.keep('../../etc/passwd', Buffer.from('x')), /an id of ours/);
    await t.rejects(blobs.delete('../x'), /an id of ours/);
    await t.rejects(bytesOf(blobs.read('..', 0, 1)), /an id of ours/);
  });

  t.test('a sweep leaves what is kept', async (t) => {
    const blobs = await open(t);
    const id = randomUUID();
    await blobs.keep(id, Buffer.from('harbour'));
    await blobs.sweep((Date.now() + 86_400_000) * 1000, 100);
    t.equal(await text(blobs.read(id, 0, 6)), 'harbour');
  });
}
