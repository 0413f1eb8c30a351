import { createHash } from 'node:crypto';
import t, { type Test } from 'tap';
import { openClock } from '../../../../src/adapters/system/clock.ts';
import { Deadlines } from '../../../../src/adapters/uws/http/http-body.ts';
import { BodyPieces } from '../../../../src/adapters/uws/streams/body-pieces.ts';
import { openSpillFolder, type SpillFolder } from '../../../../src/adapters/uws/streams/spill.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { temporaryDir } from '../../../kit/temporary.ts';

const piece = Buffer.alloc(524_288, 'all work and no play ');
const gone = new Problem('invalid_request', 'The client went away.');

/** A body whose connection does what uWebSockets.js may do: it goes on although it was paused. */
async function start(t: Test, spills: SpillFolder | null = null) {
  const { path: directory, remove } = await temporaryDir('spill');
  t.teardown(remove);
  const clock = openClock();
  const taps: string[] = [];
  const body = new BodyPieces({
    contentType: 'video/mp4',
    lengthBytes: null,
    bytesMax: 100 * piece.length,
    tap: { pause: () => taps.push('pause'), resume: () => taps.push('resume') },
    spills: spills ?? (await openSpillFolder({ directory, newId: () => 'x', logger: silentLogger() })),
    deadlines: new Deadlines(clock, 60_000),
    now: () => clock.monotonicMs(),
  });
  t.teardown(() => body.break(gone));
  const send = (count: number, isLast: boolean): void => {
    for (let at = 1; at <= count; at += 1) {
      body.take(
        piece.buffer.slice(piece.byteOffset, piece.byteOffset + piece.length),
        isLast && at === count,
      );
    }
  };
  return { body, send, taps };
}

async function read(body: BodyPieces): Promise<{ length: number; digest: string; problem: string | null }> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const one of body.pieces) {
    if (one instanceof Problem) return { length, digest: '', problem: one.code };
    hash.update(one);
    length += one.length;
  }
  return { length, digest: hash.digest('hex'), problem: null };
}

function digestOf(count: number): string {
  const hash = createHash('sha256');
  for (let at = 0; at < count; at += 1) hash.update(piece);
  return hash.digest('hex');
}

t.test('what comes in spite of a pause is read whole and in order', async (t) => {
  const { body, send, taps } = await start(t);
  send(60, false);
  t.same(taps, ['pause'], 'once');
  const reading = read(body);
  send(40, true);
  t.same(await reading, { length: 100 * piece.length, digest: digestOf(100), problem: null });
  t.same(taps, ['pause', 'resume']);
});

t.test('a connection goes on when nearly all is read', async (t) => {
  const { body, send, taps } = await start(t);
  send(10, false);
  let length = 0;
  for await (const one of body.pieces) {
    length += (one as Uint8Array).length;
    if (taps.length === 2) break;
  }
  t.same(taps, ['pause', 'resume']);
  t.ok(length >= 9 * piece.length, `${length} bytes were read before`);
});

t.test('a body that is broken off while it is read from disk ends for its reader', async (t) => {
  const { body, send } = await start(t);
  send(20, false);
  const reading = read(body);
  setImmediate(() => body.break(gone));
  t.match(await reading, { problem: 'invalid_request' });
});

t.test('who goes away is no loss once all has come and is being read; unread, it is', async (t) => {
  const read1 = await start(t);
  read1.send(20, true);
  const reading = read(read1.body);
  setImmediate(() => read1.body.break(gone));
  t.match(await reading, { length: 20 * piece.length, problem: null });
  const unread = await start(t);
  unread.send(20, true);
  unread.body.break(gone);
  t.match(await read(unread.body), { problem: 'invalid_request' });
});

t.test('a disk without room refuses the body', async (t) => {
  const { body, send } = await start(t, { open: () => new Problem('storage_full') });
  send(3, false);
  t.ok(body.isOver);
  t.same(await read(body), { length: 0, digest: '', problem: 'storage_full' });
});
