import { randomBytes } from 'node:crypto';
import t from 'tap';
import { openKeyWrap } from '../../../src/adapters/master-key/key-wrap.ts';

const binding = { purpose: 'signing-key', id: 'k1' };
const secret = randomBytes(32);
const newMasterKey = () => randomBytes(32).toString('base64');

t.test('a wrapped key is got back by the same master key in any spelling', async (t) => {
  const master = randomBytes(32);
  const text = openKeyWrap(master.toString('base64')).wrap(secret, binding);
  for (const spelling of ['base64', 'base64url', 'hex'] as const) {
    t.same(openKeyWrap(master.toString(spelling)).unwrap(text, binding), secret, spelling);
  }
});

t.test('two wraps of one key differ, and none shows it', async (t) => {
  const wrap = openKeyWrap(newMasterKey());
  const [one, other] = [wrap.wrap(secret, binding), wrap.wrap(secret, binding)];
  t.not(one, other);
  t.notMatch(Buffer.from(one.split('.')[2] ?? '', 'base64url').toString('hex'), secret.toString('hex'));
});

t.test('another master key, another purpose or another id unwraps nothing', async (t) => {
  const wrap = openKeyWrap(newMasterKey());
  const text = wrap.wrap(secret, binding);
  t.equal(openKeyWrap(newMasterKey()).unwrap(text, binding), null);
  t.equal(wrap.unwrap(text, { ...binding, purpose: 'data-key' }), null);
  t.equal(wrap.unwrap(text, { ...binding, id: 'k2' }), null);
});

t.test('a changed, cut or invented text unwraps to nothing', async (t) => {
  const wrap = openKeyWrap(newMasterKey());
  const text = wrap.wrap(secret, binding);
  const [version = '', id = '', sealed = ''] = text.split('.');
  const bytes = Buffer.from(sealed, 'base64url');
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    t.equal(wrap.unwrap(`${version}.${id}.${changed.toString('base64url')}`, binding), null, `byte ${at}`);
  }
  for (let length = 0; length < bytes.length; length += 1) {
    t.equal(
      wrap.unwrap(`${version}.${id}.${bytes.subarray(0, length).toString('base64url')}`, binding),
      null,
    );
  }
  for (const invented of [
    '',
    '.',
    '..',
    `${version}.${id}`,
    `${version}.${id}.`,
    `w2.${id}.${sealed}`,
    `${text}.`,
  ]) {
    t.equal(wrap.unwrap(invented, binding), null, invented);
  }
});

t.test('a former master key unwraps and is known to be former', async (t) => {
  const [old, fresh] = [newMasterKey(), newMasterKey()];
  const text = openKeyWrap(old).wrap(secret, binding);
  const wrap = openKeyWrap(fresh, [old]);
  t.same(wrap.unwrap(text, binding), secret);
  t.notOk(wrap.isCurrent(text));
  const again = wrap.wrap(secret, binding);
  t.ok(wrap.isCurrent(again));
  t.equal(openKeyWrap(old).unwrap(again, binding), null);
  t.equal(openKeyWrap(fresh).id, wrap.id, 'the name depends on the key alone');
});

t.test('a master key of another length is refused', async (t) => {
  t.throws(() => openKeyWrap(randomBytes(31).toString('base64')), /32 bytes/);
});
