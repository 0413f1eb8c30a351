import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { deployText, environmentLines, installed, judged, milliseconds } from '../kit/deploy-files.ts';
import { temporaryDir } from '../kit/temporary.ts';

const units = ['parley.service', 'parley@.service', 'nats-server.service'];

/** Of one unit file: a key that stands more than once has several values. */
const values = (unit: string, key: string): readonly string[] =>
  [...deployText(`systemd/${unit}`).matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(
    ([, value = '']) => value,
  );

const analyze = installed('systemd-analyze');

t.test(
  'systemd takes the units, and finds little that they could do without',
  { skip: analyze.missing },
  async (t) => {
    const dir = await temporaryDir('systemd');
    t.teardown(dir.remove);
    for (const unit of units) {
      const path = join(dir.path, unit.replace('@', '@3001'));
      // What is not installed here stands for itself: a program that is missing is an error of the machine.
      const text = deployText(`systemd/${unit}`).replace(/^(Exec\w+=)\S+/gm, '$1/bin/true');
      await writeFile(path, text);
      t.same(await judged(analyze.path, ['verify', path]), { code: 0, said: '' }, unit);
      const { code, said } = await judged(analyze.path, [
        'security',
        '--offline=true',
        '--threshold=20',
        path,
      ]);
      t.equal(code, 0, said);
      const broken = join(dir.path, 'broken.service');
      await writeFile(broken, text.replace('Restart=always', 'Restart=sometimes'));
      t.match((await judged(analyze.path, ['verify', broken])).said, /sometimes/, 'a mistake is found');
    }
  },
);

t.test('no unit runs as root, and each waits for a drain', async (t) => {
  for (const unit of units) {
    t.match(values(unit, 'User'), [/^(parley|nats)$/]);
    t.same(values(unit, 'NoNewPrivileges'), ['true']);
    t.ok(Number(values(unit, 'LimitNOFILE')[0]) >= 65_536);
  }
  const example = environmentLines(deployText('systemd/parley.env.example'));
  const delayMs = Number(example.get('PARLEY_DRAIN_DELAY_MS'));
  for (const unit of ['parley.service', 'parley@.service'])
    t.ok(milliseconds(values(unit, 'TimeoutStopSec')[0] ?? '') >= delayMs + 60_000, unit);
});

t.test('both units of a node say the same but for the port', async (t) => {
  const without = (unit: string): string =>
    deployText(`systemd/${unit}`)
      .slice(deployText(`systemd/${unit}`).indexOf('[Unit]'))
      .replace(/^(#|Description=|Environment=|ExecStart=).*\n/gm, '')
      .replace(/^\n+/gm, '');
  t.equal(without('parley@.service'), without('parley.service'));
});

t.test('the drop-in of a cluster replaces the command', { skip: analyze.missing }, async (t) => {
  const dir = await temporaryDir('systemd-drop-in');
  t.teardown(dir.remove);
  const text = deployText('systemd/nats-server.service.d/cluster.conf');
  t.match(
    text,
    /^ExecStart=\nExecStart=\/usr\/local\/bin\/nats-server --config \/opt\/parley\/deploy\/nats-cluster\.conf$/m,
  );
  await mkdir(join(dir.path, 'nats-server.service.d'));
  const program = (text: string): string => text.replace(/^(Exec\w+=)\S+/gm, '$1/bin/true');
  await writeFile(join(dir.path, 'nats-server.service'), program(deployText('systemd/nats-server.service')));
  await writeFile(join(dir.path, 'nats-server.service.d/cluster.conf'), program(text));
  const path = join(dir.path, 'nats-server.service');
  t.same(await judged(analyze.path, ['verify', path]), { code: 0, said: '' });
});
