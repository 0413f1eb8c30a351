import t from 'tap';
import { uuidV7 } from '../../src/client/uuid-v7.ts';
import { isUuid, uuidv7TimeMs } from '../../src/domain/ids.ts';

t.test('a UUIDv7 tells its time to the server, and no two are the same', async (t) => {
  const now = Date.now();
  const ids = Array.from({ length: 1_000 }, () => uuidV7(now));
  t.ok(ids.every((id) => isUuid(id) && uuidv7TimeMs(id) === now));
  t.equal(new Set(ids).size, 1_000);
  t.ok(ids.every((id) => /^[89ab]$/.test(id[19] ?? '')));
});
