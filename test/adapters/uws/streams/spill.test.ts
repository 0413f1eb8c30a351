import { openSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openSpillFolder, Spill } from '../../../../src/adapters/uws/streams/spill.ts';
import { WaitingBytes } from '../../../../src/adapters/uws/streams/waiting-bytes.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { temporaryDir } from '../../../kit/temporary.ts';

const logger = silentLogger();

async function start(t: Test) {
  const { path: directory, remove } = await temporaryDir('spill');
  t.teardown(remove);
  let last = 0;
  const open = () => openSpillFolder({ directory, newId: () => `s${last++}`, logger });
  return { directory, open, spills: await open() };
}

function opened(spill: Spill | Problem): Spill {
  if (spill instanceof Problem) throw spill;
  return spill;
}

async function taken(waiting: Pick<WaitingBytes, 'take'>): Promise<Uint8Array | Problem | null> {
  const piece = await waiting.take();
  return piece instanceof Uint8Array ? piece.slice() : piece;
}

t.test('a file of waiting bytes has no name, and gives them back in their order', async (t) => {
  const { directory, spills } = await start(t);
  const spill = opened(spills.open());
  t.teardown(() => spill.close());
  t.same(await readdir(directory), [], 'nothing is left, however the process ends');
  const long = Buffer.alloc(limits.bodySlabBytes, 'b');
  t.equal(spill.add(Buffer.from('a')), null);
  t.equal(spill.add(long), null);
  t.equal(spill.bytes, long.length + 1);
  const first = (await taken(spill)) as Buffer;
  t.same([first.length, first[0], first.at(-1)], [limits.bodySlabBytes, 97, 98]);
  t.equal(spill.add(Buffer.from('c')), null, 'while it is read');
  t.equal(Buffer.from((await taken(spill)) as Buffer).toString(), 'bc');
  t.equal(spill.bytes, 0);
});

t.test('a file is closed once, also while it is read', async (t) => {
  const { spills } = await start(t);
  const spill = opened(spills.open());
  spill.add(Buffer.from('harbour'));
  const piece = spill.take();
  spill.close();
  spill.close();
  t.equal(Buffer.from((await piece) as Uint8Array).toString(), 'harbour');
  t.throws(() => spill.add(Buffer.from('x')), /closed/);
});

t.test('what a process left in the wrong instant is deleted, and nothing else', async (t) => {
  const { directory, open } = await start(t);
  await writeFile(join(directory, 'old.spill'), 'half');
  await writeFile(join(directory, 'other'), 'of somebody');
  await open();
  t.same(await readdir(directory), ['other']);
});

t.test('a directory that cannot be written, or is full, is a refusal', async (t) => {
  const { directory } = await start(t);
  await writeFile(join(directory, 'file'), '');
  const spills = await openSpillFolder({ directory: join(directory, 'file'), newId: () => 'x', logger });
  t.match(spills.open(), { code: 'unavailable' });
  const waiting = new WaitingBytes(spills);
  while (waiting.bytes <= limits.bodyHeldBytesMax) t.equal(waiting.add(Buffer.alloc(300_000)), null);
  const held = waiting.bytes;
  t.match(waiting.add(Buffer.alloc(1)), { code: 'unavailable' });
  t.equal(waiting.bytes, held);
});

t.test('a full disk is said to be full', { skip: process.platform !== 'linux' }, async (t) => {
  const spill = new Spill(openSync('/dev/full', 'r+'), logger);
  t.teardown(() => spill.close());
  t.match(spill.add(Buffer.from('x')), { code: 'storage_full' });
});

t.test('bytes come out as they went in, from memory and from disk, again and again', async (t) => {
  const { spills } = await start(t);
  const waiting = new WaitingBytes(spills);
  let [next, expected] = [0, 0];
  const put = (count: number): void => {
    for (let at = 0; at < count; at += 1) {
      const bytes = new Uint32Array(32_768).map(() => next++);
      t.equal(waiting.add(new Uint8Array(bytes.buffer)), null);
    }
  };
  const take = async (bytesLeft: number): Promise<void> => {
    while (waiting.bytes > bytesLeft) {
      const piece = (await taken(waiting)) as Uint8Array;
      const numbers = new Uint32Array(piece.buffer, 0, piece.length / 4);
      if (numbers[0] !== expected || numbers.at(-1) !== expected + numbers.length - 1) t.fail('out of order');
      expected += numbers.length;
    }
  };
  for (let round = 0; round < 3; round += 1) {
    put(40);
    await take(1_000_000);
    put(10);
    await take(0);
  }
  t.equal(expected, next);
  t.equal(await waiting.take(), null);
  put(40);
  waiting.clear();
  t.equal(waiting.bytes, 0);
  t.equal(await waiting.take(), null);
});
