import t from 'tap';
import { PieceBuffer } from '../../../src/client/streams/piece-buffer.ts';

t.test('pieces are whole characters and at most as large as a delta may be', async (t) => {
  const buffer = new PieceBuffer();
  buffer.add('a'.repeat(16_383) + 'é'.repeat(10_000));
  buffer.add('\ud83d');
  buffer.cut();
  t.ok(buffer.pieces.every((piece) => Buffer.byteLength(piece) <= 16_384));
  t.notOk(buffer.pieces.join('').includes('\ud83d'), 'half of a pair waits');
  buffer.add('\ude00');
  buffer.cut();
  t.equal(buffer.pieces.at(-1), '😀');
  t.equal(buffer.text, `${'a'.repeat(16_383)}${'é'.repeat(10_000)}😀`);
  t.notOk(buffer.add('x'.repeat(262_144)), 'no more than a draft may have');
});
