import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import t from 'tap';
import { deployText, installed, judged } from '../kit/deploy-files.ts';
import { repository } from '../kit/temporary.ts';

const dockerfiles = ['Dockerfile', 'nats.Dockerfile'];

/** Instruction and the rest, continuation lines joined, comments left out. */
function instructions(text: string): readonly (readonly [string, string])[] {
  const joined = text.replace(/^#.*\n/gm, '').replace(/\\\n\s*/g, ' ');
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^\s*(\w+)\s+(.*)$/.exec(line) ?? [];
      return [name, rest] as const;
    });
}

/** Of the last stage. */
function final(text: string): (name: string) => readonly string[] {
  const all = instructions(text);
  const start = all.map(([name]) => name).lastIndexOf('FROM');
  return (asked) => all.slice(start).flatMap(([name, rest]) => (name === asked ? [rest] : []));
}

t.test('every Dockerfile is one', async (t) => {
  for (const name of dockerfiles) t.same(validate(deployText(name)), [], name);
  t.not(validate('FROM node:22\nRUNN x\n').length, 0, 'a mistake is found');
});

t.test('bases are pinned, and what runs is not root and hears signals', async (t) => {
  for (const name of dockerfiles) {
    const text = deployText(name);
    const bases = [...text.matchAll(/^(?:FROM|ARG NODE_IMAGE=?)\s*([\w./-]+:[\w.-]+)/gm)].map(
      ([, base]) => base,
    );
    t.ok(bases.length > 0, `${name} names a base`);
    for (const base of bases) t.match(base, /:\d+\.\d+\.\d+-/, `${base} is a version`);
    const last = final(text);
    t.same(last('USER'), ['1000:1000'], name);
    for (const shell of [...last('ENTRYPOINT'), ...last('CMD')])
      t.match(shell, /^\["/, `exec form: ${shell}`);
    t.equal(last('HEALTHCHECK').length, 1);
    t.equal(last('STOPSIGNAL').length, 1);
  }
});

t.test('the node starts as `make run` does, with what is in the image', async (t) => {
  const last = final(deployText('Dockerfile'));
  const makefile = readFileSync(join(repository, 'Makefile'), 'utf8');
  const flags = /^NODE_FLAGS := (.*)$/m.exec(makefile)?.[1]?.split(' ') ?? [];
  t.same(JSON.parse(last('ENTRYPOINT')[0] ?? ''), ['node', ...flags, 'dist/src/main.js']);
  t.match(last('HEALTHCHECK')[0], /\/healthz/);
  t.match(last('LABEL')[0], /org\.opencontainers\.image\.version/);
  t.notMatch(deployText('Dockerfile'), /^(RUN|COPY|ADD).*nats-server/m);
  const { version, engines } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  t.match(deployText('Dockerfile'), `ARG VERSION=${version}`);
  const major = /NODE_IMAGE=node:(\d+)/.exec(deployText('Dockerfile'))?.[1] ?? '';
  t.ok(engines.node.split(' || ').includes(major), `Node ${major} is supported`);
});

t.test('what an image copies is sent to the builder, and nothing that is secret', async (t) => {
  const allowed = readFileSync(join(repository, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('#'));
  t.equal(allowed[0], '*');
  const sent = allowed.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  for (const name of dockerfiles) {
    for (const [instruction, rest] of instructions(deployText(name))) {
      if (instruction !== 'COPY' || rest.startsWith('--from')) continue;
      for (const source of rest.split(' ').slice(0, -1)) {
        const isSent = sent.some((one) => source === one || source.startsWith(`${one}/`));
        t.ok(isSent, `${name} copies ${source}`);
      }
    }
  }
  t.notOk(sent.some((one) => /secret|\.env|\.data|\.local/.test(one)));
});

t.test('the guides that a node serves are in its image', async (t) => {
  const named = readFileSync(join(repository, 'src/compose/documents/guides.ts'), 'utf8');
  const guides = [...named.matchAll(/'([\w./-]+\.md)'/g)].map(([, path = '']) => path);
  t.ok(guides.length > 5);
  const copied = final(deployText('Dockerfile'))('COPY').flatMap((rest) => rest.split(' ').slice(0, -1));
  const isCopied = (path: string): boolean =>
    copied.some((one) => path.startsWith(`${one}/`) || globbed(one).test(path));
  t.same(
    guides.filter((path) => !isCopied(path)),
    [],
  );
});

const globbed = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);

t.test('nats-server is the release that deploy/nats-server.sh provides', async (t) => {
  const release = /NATS_SERVER_RELEASE:-v([\d.]+)/.exec(deployText('nats-server.sh'))?.[1];
  t.match(deployText('nats.Dockerfile'), `FROM nats:${release}-`);
  t.match(deployText('kubernetes/nats-values.yaml'), `tag: ${release}-`);
});

const shellcheck = installed('shellcheck');

t.test('shellcheck has nothing to say of the scripts', { skip: shellcheck.missing }, async (t) => {
  const scripts = ['backup.sh', 'restore.sh', 'nats-server.sh', 'secrets.sh'].map((name) =>
    join(repository, 'deploy', name),
  );
  t.same(await judged(shellcheck.path, ['--severity=warning', ...scripts]), { code: 0, said: '' });
});
