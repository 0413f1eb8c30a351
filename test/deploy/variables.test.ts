import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { readEnvironment } from '../../src/config/config.ts';
import { otherVariables, variables } from '../../src/config/variables.ts';
import {
  deployPath,
  deployText,
  deployYaml,
  environmentLines,
  judged,
  type Yaml,
} from '../kit/deploy-files.ts';
import { testNatsBinary } from '../kit/servers/nats.ts';
import { repository, type Teardown, temporaryDir } from '../kit/temporary.ts';

const known = new Set([...Object.values(variables).map(({ name }) => name), ...otherVariables]);
/** Of nats-server.conf and nats-cluster.conf: what their heads say must be set. */
const ofNats = new Set(
  ['../nats-server.conf', 'nats-cluster.conf'].flatMap((path) =>
    [...deployText(path).matchAll(/^#\s+(PARLEY_NATS_\w+)/gm)].map(([, name = '']) => name),
  ),
);
/** Of compose.yaml itself: what may be set where it is started. */
const ofCompose = new Set(['PARLEY_PORT', 'PARLEY_GRAFANA_PORT']);

t.test('every variable of ours that is named in deploy/ exists', async (t) => {
  const paths = (await readdir(deployPath(''), { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile() && !entry.parentPath.includes('/secrets'),
  );
  t.ok(paths.length > 20);
  for (const { parentPath, name } of paths) {
    const text = await readFile(join(parentPath, name), 'utf8');
    const named = new Set([...text.matchAll(/\bPARLEY_[A-Z0-9_]*[A-Z0-9]\b(?!…|_)/g)].map(([one]) => one));
    const unknown = [...named].filter((one) => !known.has(one) && !ofNats.has(one) && !ofCompose.has(one));
    t.same(unknown, [], join(parentPath, name));
  }
});

t.test('what the nodes of each deployment are given is a configuration', async (t) => {
  const secrets = {
    ...{ DATABASE_URL: 'postgres://parley:x@postgres:5432/parley', PARLEY_ADMIN_EMAIL: 'admin@example.com' },
    ...{ PARLEY_ADMIN_PASSWORD: 'long enough', PARLEY_MASTER_KEY: Buffer.alloc(32, 1).toString('base64') },
  };
  const [compose] = deployYaml('compose.yaml');
  const composed = Object.fromEntries(
    Object.entries(compose.services['node-1'].environment).map(([name, value]) => [
      name,
      interpolated(String(value)),
    ]),
  );
  const [config] = deployYaml('kubernetes/config.yaml');
  const keys = { PARLEY_S3_ACCESS_KEY: 'key', PARLEY_S3_SECRET_KEY: 'secret' };
  const example = Object.fromEntries(environmentLines(deployText('systemd/parley.env.example')));
  for (const [name, env] of Object.entries({
    compose: { ...composed, ...secrets },
    kubernetes: { ...config.data, ...secrets, ...keys },
    systemd: { ...example, ...secrets },
  })) {
    const { errors, warnings } = readEnvironment(env, 'serve');
    t.same({ errors, warnings }, { errors: [], warnings: [] }, name);
  }
  t.not(readEnvironment({ ...composed, PARLEY_REPLICAS: 'three' }, 'serve').errors.length, 0);
});

/** `${NAME:-default}` where nothing is set. */
const interpolated = (text: string): string => text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');

const run = promisify(execFile);

async function madeSecrets(t: Teardown): Promise<string> {
  const dir = await temporaryDir('secrets');
  t.teardown(dir.remove);
  await run(deployPath('secrets.sh'), [join(dir.path, 'secrets')]);
  return join(dir.path, 'secrets');
}

t.test('secrets.sh makes all secrets once, and shows none', async (t) => {
  const dir = await madeSecrets(t);
  const names = ['grafana.env', 'nats-credentials.json', 'nats.env', 'parley.env', 'postgres.env'];
  t.same((await readdir(dir)).sort(), names);
  t.equal((await stat(dir)).mode & 0o777, 0o700);
  const first = await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')));
  const { stdout, stderr } = await run(deployPath('secrets.sh'), [dir]);
  t.same(
    await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8'))),
    first,
    'what is there is kept',
  );
  const secretWords = first.flatMap((text) => text.match(/[\w-]{32,}/g) ?? []);
  t.ok(secretWords.length > 8);
  t.notOk(secretWords.some((word) => (stdout + stderr).includes(word)));
  const env = Object.fromEntries(environmentLines(await readFile(join(dir, 'parley.env'), 'utf8')));
  t.same(readEnvironment({ ...env, NATS_URL: 'nats://n:4222' }, 'serve').errors, []);
  await t.rejects(run(deployPath('secrets.sh'), []), { code: 2 });
});

t.test(
  'nats-server takes the configuration of each deployment, with the secrets that were made',
  async (t) => {
    const binary = await testNatsBinary();
    const dir = await madeSecrets(t);
    const secrets = Object.fromEntries(environmentLines(await readFile(join(dir, 'nats.env'), 'utf8')));
    const [compose] = deployYaml('compose.yaml');
    const machine = environmentLines(deployText('systemd/nats-server.env.example'));
    const ofCluster: readonly [string, Record<string, string>][] = [
      ...['nats-1', 'nats-2', 'nats-3'].map((name): [string, Record<string, string>] => [
        name,
        compose.services[name].environment,
      ]),
      ['systemd', Object.fromEntries(machine)],
    ];
    for (const [name, env] of ofCluster) {
      for (const config of ['nats-server.conf', 'deploy/nats-cluster.conf']) {
        const path = join(repository, config);
        const { code, said } = await judged(binary, ['-t', '--config', path], { ...env, ...secrets });
        t.equal(code, 0, `${name} ${config}: ${said}`);
      }
    }
    const chart = await chartConfig(t);
    const { code, said } = await judged(binary, ['-t', '--config', chart], {
      ...secrets,
      POD_NAME: 'nats-0',
    });
    t.equal(code, 0, said);
  },
);

/** The file that the chart makes of our values: JSON in which `<< x >>` stands without quotes. */
async function chartConfig(t: Teardown): Promise<string> {
  const [values] = deployYaml('kubernetes/nats-values.yaml') as [Yaml];
  const { cluster, jetstream, monitor, merge } = values.config;
  const config = {
    ...{ server_name: '<< $POD_NAME >>', port: 4222, http_port: monitor.port },
    ...{ cluster: { name: 'nats', port: cluster.port, no_advertise: true, ...cluster.merge } },
    jetstream: { store_dir: jetstream.fileStore.dir, ...jetstream.merge },
    ...merge,
  };
  const dir = await mkdtemp(join(tmpdir(), 'parley-chart-'));
  t.teardown(() => rm(dir, { recursive: true }));
  const path = join(dir, 'nats.conf');
  await writeFile(path, JSON.stringify(config, null, 2).replace(/"<< (.*?) >>"/g, '$1'));
  return path;
}
