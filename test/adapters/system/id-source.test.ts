import { createHash } from 'node:crypto';
import t from 'tap';
import { openIdSource } from '../../../src/adapters/system/id-source.ts';
import { isUuid, uuidv7TimeMs } from '../../../src/domain/ids.ts';

t.test('ids are UUIDv7 of now, and increase strictly', async (t) => {
  const before = Date.now();
  const source = openIdSource();
  const ids = Array.from({ length: 20_000 }, () => source.next());
  const after = Date.now();
  t.ok(ids.every((id) => isUuid(id) && id[14] === '7' && '89ab'.includes(id[19] ?? '')));
  t.same(ids.toSorted(), ids);
  t.equal(new Set(ids).size, ids.length);
  const time = uuidv7TimeMs(ids[0] ?? '') ?? 0;
  t.ok(time >= before && time <= after);
});

t.test('ids increase when the clock stands still, runs over and steps back', async (t) => {
  let nowMs = 1_800_000_000_000;
  const source = openIdSource(() => nowMs);
  const ids = Array.from({ length: 10_000 }, () => source.next());
  nowMs -= 5_000;
  ids.push(source.next());
  nowMs += 60_000;
  ids.push(source.next());
  t.same(ids.toSorted(), ids);
  t.equal(new Set(ids).size, ids.length);
  t.equal(uuidv7TimeMs(ids.at(-1) ?? ''), nowMs);
});

t.test('two sources do not make the same id', async (t) => {
  const make = (): string[] => {
    const source = openIdSource(() => 1_800_000_000_000);
    return Array.from({ length: 2_000 }, () => source.next());
  };
  t.equal(new Set([...make(), ...make()]).size, 4_000);
});

t.test('the id of a name is the same everywhere', async (t) => {
  const source = openIdSource();
  const id = source.fromName('direct:ann:bob');
  t.equal(id, openIdSource().fromName('direct:ann:bob'));
  t.not(id, source.fromName('direct:ann:bob:1'));
  t.ok(isUuid(id) && id[14] === '5' && '89ab'.includes(id[19] ?? ''));
  // RFC 9562, A.4: version and variant overwrite six bits of the SHA-1 of name space and name.
  const sha1 = createHash('sha1')
    .update(Buffer.from('6f4f1d5e2b1c4b6f9a0e3d7c5a812f40', 'hex'))
    .update('direct:ann:bob');
  t.equal(id.slice(0, 13).replace('-', ''), sha1.digest('hex').slice(0, 12));
});

t.test('the id of a text is the one that ElizaOS makes of it', async (t) => {
  const { ofText } = openIdSource();
  // Seen on the wire (eliza.md §1).
  t.equal(ofText('Two'), '16e018ec-e5a1-03b7-9053-1de58d16b961');
  const view = '6185c440-4f7b-4dcd-b51f-9da59fb92dab:a0000000-0000-4000-8000-000000000001';
  t.equal(ofText(view), 'ec054425-8b26-0da6-8940-004e5b2ed83f');
  t.ok(isUuid(ofText('\ud800')), 'a lone surrogate throws nothing');
});
