import t from 'tap';
import { isPicture, mayBeShown } from '../../../src/core/media/sniff.ts';

const head = (text: string): Uint8Array => Buffer.from(text, 'latin1');

t.test('bytes are shown as what they were declared, if they are that', async (t) => {
  t.ok(mayBeShown('image/png', head('\x89PNG\r\n\x1a\n....')));
  t.ok(mayBeShown('image/webp', head('RIFF1234WEBPVP8 ')));
  t.ok(mayBeShown('audio/wav', head('RIFF1234WAVEfmt ')));
  t.ok(mayBeShown('video/mp4', head('\0\0\0\x20ftypisom')));
  t.ok(mayBeShown('image/avif', head('\0\0\0\x20ftypavif')));
  t.ok(mayBeShown('audio/mpeg', head('\xff\xfb\x90\x44')));
  t.ok(mayBeShown('application/pdf', head('%PDF-1.7')));
  t.notOk(mayBeShown('image/png', head('\xff\xd8\xff\xe0')), 'another picture');
  t.notOk(mayBeShown('image/png', head('<html>')));
  t.notOk(mayBeShown('image/svg+xml', head('<svg xmlns')));
  t.notOk(mayBeShown('application/zip', head('PK\x03\x04')), 'it is saved');
  t.notOk(mayBeShown('text/plain', head('text')));
  t.notOk(mayBeShown('image/png', head('')));
  t.ok(isPicture('image/jpeg', head('\xff\xd8\xff\xe0')));
  t.notOk(isPicture('application/pdf', head('%PDF-1.7')));
  t.notOk(isPicture('video/mp4', head('\0\0\0\x20ftypisom')));
});
