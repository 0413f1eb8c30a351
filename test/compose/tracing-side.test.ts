import t from 'tap';
import type { NodeConfig } from '../../src/compose/node-config.ts';
import { openReleases } from '../../src/compose/releases.ts';
import {
  loggerWithTraces,
  openTracingSide,
  type TracingDeps,
} from '../../src/compose/servers/tracing-side.ts';
import { readEnvironment } from '../../src/config/config.ts';
import { noTracing } from '../../src/contract/no-tracing.ts';
import { limits } from '../../src/domain/limits.ts';
import { until } from '../kit/log-entries.ts';
import { capturingLogger } from '../kit/memory/capturing-logger.ts';
import { quietMetrics } from '../kit/memory/quiet-metrics.ts';
import { silentLogger } from '../kit/memory/silent-logger.ts';
import { startTraceCollector } from '../kit/outside/trace-collector.ts';

const place = 'http://127.0.0.1:9';

async function opened(
  env: Readonly<Record<string, string>>,
  { metrics, logger }: Pick<TracingDeps, 'metrics' | 'logger'> = {
    metrics: quietMetrics(),
    logger: silentLogger(),
  },
) {
  const { config, errors } = readEnvironment(env, 'serve');
  if (errors.length > 0) throw new Error(errors.join('; '));
  const releases = openReleases(silentLogger());
  const tracing = await openTracingSide(config as NodeConfig, { node: 'n1', metrics, logger }, releases);
  return { tracing, close: () => releases.close() };
}

t.test('there are traces when a collector is named, and only then', async (t) => {
  for (const env of [
    {},
    { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: place, OTEL_SDK_DISABLED: 'true' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: place, OTEL_TRACES_EXPORTER: 'none' },
    { OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' },
  ])
    t.equal((await opened(env)).tracing, noTracing, JSON.stringify(env));
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) {
    const { tracing, close } = await opened({ [name]: place, OTEL_SDK_DISABLED: 'no' });
    t.ok(tracing.isOn, name);
    await close();
  }
});

t.test('what cannot be meant is refused with a sentence', async (t) => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
    OTEL_EXPORTER_OTLP_HEADERS: 'no value',
    OTEL_TRACES_SAMPLER: 'sometimes',
    OTEL_TRACES_SAMPLER_ARG: '1.5',
    OTEL_RESOURCE_ATTRIBUTES: 'a=%E0%A4%A',
  };
  const { errors } = readEnvironment(env, 'serve');
  for (const name of Object.keys(env))
    t.ok(
      errors.some((error) => error.startsWith(name)),
      name,
    );
  const { config } = readEnvironment(
    { OTEL_RESOURCE_ATTRIBUTES: 'a=b%20c, d.e=f', OTEL_TRACES_SAMPLER_ARG: '0.25' },
    'serve',
  );
  t.same([config.otelResource, config.otelSamplerArg], [{ a: 'b c', 'd.e': 'f' }, 0.25]);
});

t.test('lines of what is traced name the trace', async (t) => {
  const { tracing, close } = await opened({ OTEL_EXPORTER_OTLP_ENDPOINT: place });
  t.teardown(close);
  const lines = capturingLogger();
  const logger = loggerWithTraces(lines, tracing).child({});
  const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  tracing.run({ name: 'one', kind: 'server', parent }, () => logger.info({ op: 'post' }, 'in it'));
  logger.info({}, 'outside');
  t.equal(lines.text(), `in it {"trace_id":"${'a'.repeat(32)}","op":"post"}\noutside {}`);
});

t.test('a collector that fails is logged once, and once more when it is back', async (t) => {
  const collector = await startTraceCollector(t);
  const told = new Map<string, number>();
  const spans = {
    add: (outcome: string, count: number) => void told.set(outcome, (told.get(outcome) ?? 0) + count),
  };
  const logger = capturingLogger();
  const { tracing, close } = await opened(
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces` },
    { metrics: { spans }, logger },
  );
  const tell = async (outcome: string): Promise<void> => {
    const before = told.get(outcome) ?? 0;
    for (let n = 0; n < limits.spansPerExportMax; n += 1)
      tracing.begin({ name: 'one', kind: 'server', parent: null })?.end();
    await until(() => (told.get(outcome) ?? 0) > before);
  };
  for (const [status, outcome] of [
    [503, 'failed'],
    [200, 'exported'],
  ] as const) {
    collector.answer(status);
    await tell(outcome);
    await tell(outcome);
  }
  await close();
  t.same(logger.text().split('\n'), [
    `The collector does not take traces {"url":"${collector.url}","reason":"status 503"}`,
    `The collector takes traces again {"url":"${collector.url}"}`,
  ]);
});
