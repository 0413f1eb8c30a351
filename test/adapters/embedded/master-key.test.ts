import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { keptMasterKey } from '../../../src/adapters/embedded/master-key.ts';
import { openKeyWrap } from '../../../src/adapters/master-key/key-wrap.ts';
import { key256, Misfit } from '../../../src/config/parsers.ts';
import { temporaryDir } from '../../kit/temporary.ts';

t.test('a master key is made once, also by two at once, and kept where only its owner reads', async (t) => {
  const dir = await temporaryDir('master-key');
  t.teardown(dir.remove);
  const [made, beside] = await Promise.all([keptMasterKey(dir.path), keptMasterKey(dir.path)]);
  t.equal(beside, made);
  t.equal(await keptMasterKey(dir.path), made);
  const path = join(dir.path, 'master-key');
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.equal((await readFile(path, 'utf8')).trim(), made);
});

t.test('it is a master key as the configuration takes one', async (t) => {
  const dir = await temporaryDir('master-key');
  t.teardown(dir.remove);
  const made = await keptMasterKey(dir.path);
  t.notOk(key256(made) instanceof Misfit);
  t.doesNotThrow(() => openKeyWrap(made));
});
