/** A newcomer's first minutes: `make run`, the printed lines, tail and send, Ctrl-C, and a second start. */
import { execFileSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { isAlive } from '../../src/adapters/embedded/process-identity.ts';
import { call } from '../kit/clients/http-client.ts';
import { type DevProcess, runParley, startDev, startParley } from '../kit/processes/parley-process.ts';
import { gone } from '../kit/servers/killable-server.ts';
import { repository, temporaryDir } from '../kit/temporary.ts';

const hasCurl = (() => {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

t.setTimeout(360_000);

/** Where every test but the first finds what those before it left, as newcomers do: a database is made once. */
const home = await temporaryDir('first-steps');
t.teardown(home.remove);

async function childrenOf(dataDir: string): Promise<number[]> {
  const files = ['nats/nats-server.pid', 'postgres/data/postmaster.pid'];
  const texts = await Promise.all(files.map((file) => readFile(join(dataDir, file), 'utf8')));
  return texts.map((text) => Number.parseInt(text, 10));
}

async function login(dev: DevProcess): Promise<string> {
  const body = JSON.parse(await readFile(join(dev.dataDir, 'administrator.json'), 'utf8'));
  const answer = await call(dev, 'POST', '/auth/login', { body });
  return answer.body.access_token as string;
}

t.test('a first start prints lines that work, and Ctrl-C ends everything', async (t) => {
  const dev = await startDev(t, home.path);

  t.match(dev.printed(), /printed once/, 'the password is printed');
  const administrator = join(home.path, 'administrator.json');
  t.equal((await stat(administrator)).mode & 0o777, 0o600);
  t.equal((await stat(join(home.path, 'cli.json'))).mode & 0o777, 0o600);
  t.equal((await stat(join(home.path, 'master-key'))).mode & 0o777, 0o600);
  const { password } = JSON.parse(await readFile(administrator, 'utf8'));
  const masterKey = (await readFile(join(home.path, 'master-key'), 'utf8')).trim();
  const said = dev.printed() + dev.stderr();
  t.equal(said.split(password).length - 1, 1, 'and once it is');
  t.notOk(said.includes(masterKey), 'the master key is not printed at all');

  await t.test('the curl lines', { skip: hasCurl ? false : 'there is no curl' }, async (t) => {
    const lines = dev
      .printed()
      .split('\n')
      .filter((line) => /^(TOKEN|CONVERSATION|curl)/.test(line));
    t.equal(lines.length, 3);
    const answer = JSON.parse(execFileSync('bash', ['-ec', lines.join('\n')], { encoding: 'utf8' }));
    t.match(answer, { content: 'hello', sequence: 1 });
  });

  await t.test(
    'the example of a service on NATS',
    { skip: hasCurl ? false : 'there is no curl' },
    async (t) => {
      const lines = dev
        .printed()
        .split('\n')
        .filter((line) => /^(TOKEN|SERVICE|KEY|TENANT|node bench\/examples|nats )/.test(line));
      t.equal(lines.length, 6);
      const [command = ''] = lines.splice(-1);
      const said = execFileSync('bash', ['-ec', lines.join('\n')], { encoding: 'utf8', cwd: repository });
      t.match(said, /^1 conversation.created \S+ from NATS\n2 message.posted \S+ hello from NATS\n$/);
      // The nats command line is not here; what it would connect with is what the example connected with.
      t.match(command, /^nats --server "nats:\/\/\$KEY@127.0.0.1:\d+" --inbox-prefix "_INBOX_\$ID" request /);
      const { core } = JSON.parse(await readFile(join(home.path, 'nats/credentials.json'), 'utf8'));
      t.notOk(dev.printed().includes(core), "Parley's own credentials are not printed");
      t.equal((await stat(join(home.path, 'nats/credentials.json'))).mode & 0o777, 0o600);
    },
  );

  await t.test('tail shows what send posts', async (t) => {
    const tail = startParley(t, ['tail'], { DATA_DIR: home.path });
    await tail.says(/following every conversation/);
    const sent = await runParley(['send', '--json', 'hello', 'world'], { DATA_DIR: home.path });
    t.equal(sent.code, 0, sent.stderr);
    await tail.says(new RegExp(`${JSON.parse(sent.stdout).conversation} .*: hello world\n`));
    tail.signal('SIGINT');
    await tail.exited;
  });

  const children = await childrenOf(home.path);
  for (const pid of children) t.ok(await isAlive(pid));
  dev.signal('SIGINT');
  t.equal(await dev.exited, 0, dev.stderr());
  for (const pid of children) t.notOk(await isAlive(pid), 'no server is left behind');
});

t.test('a second start finds its data, its administrator and its keys', async (t) => {
  const first = await startDev(t, home.path);
  const token = await login(first);
  const sent = await runParley(['send', '--json', 'remember me'], { DATA_DIR: home.path });
  const { conversation } = JSON.parse(sent.stdout);
  first.signal('SIGTERM');
  t.equal(await first.exited, 0, first.stderr());

  const second = await startDev(t, home.path);
  const kept = JSON.parse(await readFile(join(home.path, 'administrator.json'), 'utf8'));
  t.notOk((second.printed() + second.stderr()).includes(kept.password), 'the password is not printed again');
  const history = await call(second, 'GET', `/api/conversations/${conversation}/messages`, { token });
  t.match(history.body, [{ content: 'remember me', sequence: 1 }], 'with the token of the first start');
  const replayed = await runParley(['replay', '--conversation', conversation], { DATA_DIR: home.path });
  t.match(replayed.stdout, /created the conversation[\s\S]*: remember me\n$/);
});

t.test('after a kill -9 the next start ends the orphans and goes on', async (t) => {
  const first = await startDev(t, home.path);
  const sent = await runParley(['send', '--json', 'before'], { DATA_DIR: home.path });
  const { conversation } = JSON.parse(sent.stdout);
  const orphans = await childrenOf(home.path);
  first.signal('SIGKILL');
  await first.exited;

  const second = await startDev(t, home.path);
  for (const pid of orphans) await gone(pid);
  const again = await runParley(['send', '--conversation', conversation, 'after'], { DATA_DIR: home.path });
  t.equal(again.code, 0, again.stderr);
  const history = await call(second, 'GET', `/api/conversations/${conversation}/messages`, {
    token: await login(second),
  });
  t.match(history.body, [{ content: 'before' }, { content: 'after' }]);
});

t.test('a taken port is told in a sentence, and nothing is started', async (t) => {
  const dev = await startDev(t, home.path);
  const other = await temporaryDir('other-port');
  t.teardown(other.remove);
  const port = new URL(dev.url).port;
  const second = await runParley(['dev'], { DATA_DIR: other.path, PORT: port });
  t.equal(second.code, 1);
  t.match(second.stderr, new RegExp(`^parley: port ${port} on 127.0.0.1 is taken`));
  await t.rejects(stat(join(other.path, 'nats')), 'no server was started');
});

t.test('two on one data directory: the second is refused, the first lives', async (t) => {
  const dev = await startDev(t, home.path);
  const second = await runParley(['dev'], { DATA_DIR: home.path, PORT: '0', NATS_PORT: '0' });
  t.equal(second.code, 1);
  t.match(second.stderr, /already works on this store/);
  const health = await call(dev, 'GET', '/readyz');
  t.equal(health.status, 200);
});
