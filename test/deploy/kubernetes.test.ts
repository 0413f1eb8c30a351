import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { limits } from '../../src/domain/limits.ts';
import { deployPath, deployYaml, type Yaml } from '../kit/deploy-files.ts';
import { parseNatsConf } from '../kit/nats-conf.ts';
import { repository } from '../kit/temporary.ts';

const require = createRequire(import.meta.url);
const [kustomization] = deployYaml('kubernetes/kustomization.yaml');
const files: readonly string[] = [
  ...kustomization.resources,
  ...readdirSync(deployPath('kubernetes/optional')).map((name) => `optional/${name}`),
  'secret.example.yaml',
];
const manifests: readonly Yaml[] = files.flatMap((file) => deployYaml(`kubernetes/${file}`));
const only = (kind: string, name = 'parley'): Yaml =>
  manifests.find((one) => one.kind === kind && one.metadata.name === name);

/** Of kinds that Kubernetes itself brings; others are known by their operators only. */
const builtIn = manifests.filter(({ apiVersion }) => !apiVersion.startsWith('monitoring.coreos.com'));

t.test('Kubernetes knows every manifest, and each value has its type', async (t) => {
  for (const manifest of builtIn) {
    const { apiVersion, kind } = manifest;
    const Model = require(`kubernetes-models/${moduleOf(apiVersion, kind)}`)[kind];
    t.doesNotThrow(() => new Model(manifest).validate(), `${kind} ${manifest.metadata.name}`);
  }
});

/** A misspelt key is no error of the schemas: the compiler finds it, with the interfaces that belong to them. */
t.test('no manifest has a key that Kubernetes does not know', async (t) => {
  t.same(mistakesOf(builtIn), []);
  const [first] = manifests.filter(({ kind }) => kind === 'Deployment');
  t.not(mistakesOf([{ ...first, spec: { ...first.spec, replica: 2 } }]).length, 0, 'a mistake is found');
});

function moduleOf(apiVersion: string, kind: string): string {
  const named: Readonly<Record<string, string>> = {
    'networking.k8s.io/v1': 'networking.k8s.io/v1',
    'policy/v1': 'policy/v1',
    'autoscaling/v2': 'autoscaling/v2',
    'apps/v1': 'apps/v1',
    v1: 'v1',
  };
  return `${named[apiVersion] ?? apiVersion}/${kind}`;
}

function mistakesOf(checked: readonly Yaml[]): readonly string[] {
  const lines = checked.map(
    (manifest, index) =>
      `import type { I${manifest.kind} as I${index} } from 'kubernetes-models/${moduleOf(manifest.apiVersion, manifest.kind)}';\n` +
      `export const m${index}: I${index} = ${JSON.stringify(manifest)};\n`,
  );
  const path = join(repository, 'test/manifests-of-a-test.mts');
  const options: ts.CompilerOptions = {
    ...{ noEmit: true, strict: true, skipLibCheck: true, types: [], lib: ['lib.es2022.d.ts'] },
    ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === path || fileExists(name);
  host.getSourceFile = (name, ...rest) =>
    name === path
      ? ts.createSourceFile(name, lines.join(''), ts.ScriptTarget.ES2022)
      : getSourceFile(name, ...rest);
  const program = ts.createProgram([path], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

t.test('no pod is root, and each may only what it needs', async (t) => {
  const { spec } = only('Deployment').spec.template;
  t.match(spec, {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1000 },
  });
  t.equal(spec.securityContext.seccompProfile.type, 'RuntimeDefault');
  for (const container of [...spec.initContainers, ...spec.containers]) {
    t.match(container.securityContext, { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true });
    t.same(container.securityContext.capabilities, { drop: ['ALL'] });
    t.match(container.image, /:\d+\.\d+\.\d+$/);
    t.ok(container.resources.limits.memory && container.resources.requests.cpu);
  }
  t.equal(only('Namespace').metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted');
});

t.test('probes ask what a node answers, and a drain has its time', async (t) => {
  const { spec } = only('Deployment').spec.template;
  const [node] = spec.containers;
  t.equal(node.startupProbe.httpGet.path, '/healthz');
  t.equal(node.livenessProbe.httpGet.path, '/healthz');
  t.equal(node.readinessProbe.httpGet.path, '/readyz');
  t.ok(node.readinessProbe.timeoutSeconds * 1000 > limits.readyCheckMsMax);
  const delayMs = Number(only('ConfigMap').data.PARLEY_DRAIN_DELAY_MS);
  const { periodSeconds, failureThreshold } = node.readinessProbe;
  t.ok(delayMs > periodSeconds * failureThreshold * 1000, 'it is noticed before it stops to listen');
  t.ok(delayMs <= limits.drainDelayMsMax);
  t.ok(spec.terminationGracePeriodSeconds * 1000 >= delayMs + 60_000);
  t.match(only('Deployment').spec.strategy.rollingUpdate, { maxUnavailable: 0 });
});

t.test('labels, names and ports belong together', async (t) => {
  const deployment = only('Deployment');
  const { labels } = deployment.spec.template.metadata;
  for (const selector of [
    deployment.spec.selector.matchLabels,
    only('Service').spec.selector,
    only('PodDisruptionBudget').spec.selector.matchLabels,
    only('NetworkPolicy').spec.podSelector.matchLabels,
    ...deployment.spec.template.spec.topologySpreadConstraints.map(
      (one: Yaml) => one.labelSelector.matchLabels,
    ),
  ])
    t.match(labels, selector);
  t.match(only('ServiceMonitor').spec, { selector: { matchLabels: only('Service').metadata.labels } });
  const [node] = deployment.spec.template.spec.containers;
  t.same(node.ports, [{ name: 'http', containerPort: 3000 }]);
  t.equal(only('Service').spec.ports[0].targetPort, 'http');
  const targets = only('Ingress').spec.rules[0].http.paths.map((path: Yaml) => [
    path.path,
    path.backend.service.name,
  ]);
  t.same(targets, [
    ['/metrics', 'parley-closed'],
    ['/', 'parley'],
  ]);
  t.notOk(only('Service', 'parley-closed').spec.selector);
  const bodyMb = Number.parseInt(
    only('Ingress').metadata.annotations['nginx.ingress.kubernetes.io/proxy-body-size'],
    10,
  );
  t.ok(bodyMb * 1_048_576 > limits.mediaBytesMax, 'the largest upload passes');
  const { NATS_URL, NATS_CREDS } = only('ConfigMap').data;
  t.match(NATS_URL, /^nats:\/\/nats-0\.nats-headless:4222,nats:\/\/nats-1.*,nats:\/\/nats-2/);
  const mounts = node.volumeMounts.map((mount: Yaml) => mount.mountPath);
  t.ok(mounts.some((path: string) => NATS_CREDS.startsWith(`${path}/`)));
  t.ok(
    Object.keys(only('Secret', 'parley-nats-credentials').stringData).includes(NATS_CREDS.split('/').at(-1)),
  );
});

/** What the chart sets by itself, or has another place for. */
const ofTheChart = ['server_name', 'listen', 'http', 'jetstream'];

t.test('values of the chart are nats-server.conf in its words', async (t) => {
  const [values] = deployYaml('kubernetes/nats-values.yaml');
  const conf = parseNatsConf(readFileSync(join(repository, 'nats-server.conf'), 'utf8'));
  const rest = Object.fromEntries(Object.entries(conf).filter(([key]) => !ofTheChart.includes(key)));
  t.same(asText(values.config.merge), rest);
  t.equal(
    asText(values.config.jetstream.merge)['max_memory_store'],
    (conf['jetstream'] as Yaml).max_memory_store,
  );
  const cluster = parseNatsConf(readFileSync(deployPath('nats-cluster.conf'), 'utf8'))['cluster'] as Yaml;
  t.match(cluster, asText(values.config.cluster.merge));
  t.equal(values.config.cluster.replicas, 3);
});

/** `<< x >>` is x, and numbers are what is written. */
function asText(value: Yaml): Yaml {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== 'object') return String(value).replace(/^<< (.*) >>$/, '$1');
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asText(one)]));
}
