import { stat } from 'node:fs/promises';
import t from 'tap';
import { devAdministrator } from '../../../src/cli/run/dev-administrator.ts';
import { temporaryDir } from '../../kit/temporary.ts';

const unset = { email: null, password: null };

t.test('an administrator is made once and kept where only its owner reads', async (t) => {
  const dir = await temporaryDir('administrator');
  t.teardown(dir.remove);
  const made = await devAdministrator(dir.path, unset);
  t.ok(made.isNew);
  t.ok(made.password.length >= 24);
  t.equal((await stat(made.path)).mode & 0o777, 0o600);
  t.same(await devAdministrator(dir.path, unset), { ...made, isNew: false });
});

t.test('the environment wins over what was kept', async (t) => {
  const dir = await temporaryDir('administrator');
  t.teardown(dir.remove);
  await devAdministrator(dir.path, unset);
  const configured = { email: 'ann@example.org', password: 'correct horse' };
  t.match(await devAdministrator(dir.path, configured), { ...configured, isNew: false });
  t.match(await devAdministrator(dir.path, unset), configured, 'and is kept in turn');
});

t.test('half an administrator is refused', async (t) => {
  const dir = await temporaryDir('administrator');
  t.teardown(dir.remove);
  await t.rejects(devAdministrator(dir.path, { email: 'ann@example.org', password: null }), /both/);
});
