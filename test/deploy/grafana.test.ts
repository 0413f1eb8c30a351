import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { allMetrics } from '../../src/adapters/prometheus/declared/all-metrics.ts';
import { ofWorkers } from '../../src/adapters/prometheus/declared/of-workers.ts';
import { deployPath, deployText, deployYaml, type Yaml } from '../kit/deploy-files.ts';
import { grafanaUnit, judgedPromql, type Series, seriesOf, type Yielded } from '../kit/promql.ts';

const dashboard: Yaml = JSON.parse(deployText('grafana/dashboard.json'));
const panels: readonly Yaml[] = dashboard.panels.filter(({ type }: Yaml) => type !== 'row');
const [alertFile] = deployYaml('grafana/alerts.yml');
const rules: readonly Yaml[] = alertFile.groups.flatMap((group: Yaml) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const [prometheus] = deployYaml('grafana/prometheus.yml');
const [dashboards] = deployYaml('grafana/provisioning/dashboards/parley.yaml');
const [sources] = deployYaml('grafana/provisioning/datasources/prometheus.yaml');

/** What Prometheus adds to every sample. */
const ofTarget = ['job', 'instance'];
const ofSupervisor: ReadonlySet<string> = new Set(Object.values(ofWorkers).map(({ name }) => name));
const declared: readonly (readonly [string, Series])[] = [
  ...allMetrics.flatMap((metric) =>
    seriesOf(metric, ofSupervisor.has(metric.name) ? ofTarget : [...ofTarget, 'node', 'worker']),
  ),
  ['up', { kind: 'gauge', unit: 'boolean', labels: ofTarget, said: '' }],
];

/** With what earlier rules record; a rule that is wrong throws. */
const series = new Map(declared);
for (const { record, expr } of rules)
  if (record !== undefined) series.set(record, { kind: 'gauge', said: '', ...judgedPromql(expr, series) });

const asDashboard = (expr: string): Yielded =>
  judgedPromql(expr.replaceAll('$__rate_interval', '1m'), series);

t.test('panels ask only for series and labels that nodes have, in their unit', async (t) => {
  t.ok(panels.length > 30);
  for (const { title, description, fieldConfig, targets } of panels) {
    t.ok(title.length > 3 && description.length > 3, title);
    t.ok(targets.length > 0, title);
    for (const { expr, legendFormat } of targets) {
      t.doesNotThrow(() => asDashboard(expr), expr);
      const { labels, unit } = asDashboard(expr);
      t.equal(fieldConfig.defaults.unit, grafanaUnit(unit), `the unit of ${title}`);
      for (const [, label = ''] of legendFormat.matchAll(/\{\{\s*(\w+)\s*\}\}/g))
        t.ok(labels.includes(label), `${title}: ${label} of ${labels.join()}`);
      // A node names itself; a supervisor is known by its address only.
      const apart = labels.filter(
        (label) => label !== 'job' && (label !== 'instance' || !labels.includes('node')),
      );
      for (const label of apart)
        t.ok(legendFormat.includes(`{{${label}}}`), `${title}: ${legendFormat} without ${label}`);
    }
  }
});

t.test('variables of the dashboard exist, and ask for what exists', async (t) => {
  const names: readonly string[] = dashboard.templating.list.map(({ name }: Yaml) => name);
  for (const [, name = ''] of JSON.stringify(dashboard).matchAll(/\$\{?(\w+)/g))
    t.ok([...names, '__rate_interval', '__all'].includes(name), name);
  const asked = dashboard.templating.list.filter(({ type }: Yaml) => type === 'query');
  t.equal(asked.length, 2);
  for (const { query, definition } of asked) {
    t.equal(query.query, definition);
    const [, expr = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? [];
    t.ok(asDashboard(expr).labels.includes(label), definition);
  }
});

t.test('panels have places of their own, and names for all they show', async (t) => {
  const ids = dashboard.panels.map(({ id }: Yaml) => id);
  t.equal(new Set(ids).size, ids.length);
  const taken = new Set<string>();
  for (const { title, gridPos, targets = [] } of dashboard.panels) {
    t.ok(gridPos.x + gridPos.w <= 24, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        t.notOk(taken.has(`${x} ${y}`), title);
        taken.add(`${x} ${y}`);
      }
    }
    for (const key of ['refId', 'legendFormat'])
      t.equal(new Set(targets.map((one: Yaml) => one[key])).size, targets.length, `${title}: ${key}`);
  }
});

t.test('every metric of ours is shown by a panel', async (t) => {
  const shown = panels.flatMap(({ targets }) => targets.map(({ expr }: Yaml) => expr)).join('\n');
  for (const { name } of allMetrics.filter(({ name }) => name.startsWith('parley_')))
    t.match(shown, new RegExp(`\\b${name}(_bucket|_count|_sum)?\\b`), name);
});

t.test('alerts ask only for what nodes have, and say it with labels that are there', async (t) => {
  t.ok(alerts.length > 15);
  t.equal(new Set(alerts.map(({ alert }) => alert)).size, alerts.length);
  for (const { alert, expr, labels, annotations, ...rest } of alerts) {
    t.doesNotThrow(() => judgedPromql(expr, series), `${alert}: ${expr}`);
    const yielded = judgedPromql(expr, series).labels;
    for (const [, label = ''] of annotations.summary.matchAll(/\$labels\.(\w+)/g))
      t.ok(yielded.includes(label), `${alert}: ${label} of ${yielded.join()}`);
    t.match(rest.for, /^\d+m$/, alert);
    t.match(labels.severity, /^(page|ticket)$/, alert);
  }
});

t.test('every alert has a runbook, and no runbook is left over', async (t) => {
  const text = deployText('operations.md');
  const [, section = ''] = /^## Alerts\n(.*?)^## /ms.exec(text) ?? [];
  const runbooks = new Map(
    section
      .split(/^### /m)
      .slice(1)
      .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n')).trim()] as const),
  );
  t.same(alerts.map(({ alert }) => alert).sort(), [...runbooks.keys()].sort());
  for (const { alert, annotations } of alerts) {
    t.equal(annotations.runbook, `deploy/operations.md#${alert.toLowerCase()}`);
    t.ok((runbooks.get(alert) ?? '').length > 30, alert);
  }
});

t.test('guides name only metrics that exist', async (t) => {
  const names = new Set([...series.keys(), ...allMetrics.map(({ name }) => name)]);
  const named = deployText('operations.md').match(/\b(parley|nodejs|process)_\w+/g) ?? [];
  t.ok(named.length > 20);
  t.same(
    named.filter((name) => !names.has(name)),
    [],
  );
});

t.test('what Prometheus and Grafana are given fits together', async (t) => {
  const [job] = prometheus.scrape_configs;
  t.match(alerts.find(({ alert }) => alert === 'ParleyNodeDown')?.expr, `up{job="${job.job_name}"}`);
  const services = deployYaml('kubernetes/service.yaml').map(({ metadata }) => metadata.name);
  t.ok(services.includes(job.job_name), 'the job of a ServiceMonitor is named after its service');
  const [compose] = deployYaml('compose.yaml');
  const nodes = Object.keys(compose.services).filter((name) => name.startsWith('node-'));
  t.same(
    job.static_configs[0].targets,
    nodes.map((name) => `${name}:3000`),
  );
  for (const file of prometheus.rule_files)
    t.ok(existsSync(join(deployPath('grafana'), file)), `${file} lies beside prometheus.yml`);
  const [provider] = dashboards.providers;
  t.equal(provider.type, 'file');
  const readme = deployText('README.md');
  for (const mounted of [
    `| \`grafana/dashboard.json\` | \`${provider.options.path}/parley.json\` |`,
    '| `grafana/provisioning/` | `/etc/grafana/provisioning/` |',
    '| `grafana/prometheus.yml`, `grafana/alerts.yml` | `/etc/prometheus/` |',
  ])
    t.ok(readme.includes(mounted), mounted);
  const [source] = sources.datasources;
  const [variable] = dashboard.templating.list;
  t.same([source.type, variable.query, variable.type], ['prometheus', 'prometheus', 'datasource']);
  t.equal(source.isDefault, true, 'the variable begins with it');
});

t.test('a mistake in an expression is found', async (t) => {
  for (const [expr, because] of [
    ['rate(parley_appends_total[5m', /no PromQL/],
    ['parley_socket', /no series "parley_socket"/],
    ['sum by (le) (rate(parley_append_seconds[5m]))', /no series "parley_append_seconds"/],
    ['parley_sockets{tenant="a"}', /no label "tenant"/],
    ['sum by (tenant) (parley_sockets)', /no label "tenant"/],
    ['sum by (node) (sum(parley_sockets))', /no label "node"/],
    ['max by (node) (parley_workers)', /no label "node"/],
    ['parley_appends_total > 3', /is a counter/],
    ['rate(parley_sockets[5m])', /is a gauge/],
    ['rate(parley_appends_total)', /takes a range/],
    ['parley_sockets[5m]', /not known to this check: MatrixSelector/],
    ['histogram_quantile(0.9, sum by (node) (rate(parley_append_seconds_bucket[5m])))', /no label "le"/],
    ['rate(parley_http_request_seconds_count{status="500"}[5m])', /does not name status="500"/],
    ['parley_sockets / sum by (node) (parley_sockets)', /never paired/],
    ['sum without (node) (parley_sockets)', /without/],
    ['1 > 0', /a number for ever/],
  ] as const)
    t.throws(() => judgedPromql(expr, series), because, expr);
  const share = judgedPromql('sum by (node) (parley_sockets) / sum by (node) (parley_sockets)', series);
  t.same(share, { labels: ['node'], unit: 'share' });
});
