import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { type AddressInfo, connect as connectTo, createServer } from 'node:net';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import t from 'tap';
import { accountOfToken } from '../../src/cli/talk/account.ts';
import { openStage } from '../../src/cli/talk/bench/stage.ts';
import { signUp } from '../kit/clients/accounts.ts';
import { runParley, runUnread, startParley } from '../kit/processes/parley-process.ts';
import { openParleyThread } from '../kit/processes/parley-thread.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';
import { repository, type Teardown, temporaryDir } from '../kit/temporary.ts';

t.setTimeout(120_000);

/** One thread for what ends by itself: modules are loaded once. */
const parley = openParleyThread(t);

t.test('commands without servers', async (t) => {
  const dir = await temporaryDir('commands');
  t.teardown(dir.remove);
  const env = { DATA_DIR: dir.path };

  await t.test('each command explains itself', async (t) => {
    const help = await runParley(['--help'], env);
    t.equal(help.code, 0);
    const names = [...help.stdout.matchAll(/^ {2}([a-z-]+) .*(\[options\]|<)/gm)].map(
      ([, name = '']) => name,
    );
    t.ok(names.length >= 12, names.join(' '));
    const answers = await Promise.all(names.map((name) => parley([name, '--help'], env)));
    for (const [index, { code, stdout }] of answers.entries()) {
      t.equal(code, 0);
      t.match(stdout, new RegExp(`^Usage: parley ${names[index]} `));
    }
  });

  await t.test('wrong calls end with 2 and a sentence', async (t) => {
    const calls: [string[], RegExp][] = [
      [['bogus'], /unknown command 'bogus'/],
      [['tail', '--bogus'], /unknown option '--bogus'/],
      [['tail', '--after', '3'], /--after needs --conversation/],
      [['tail', '--conversation', 'c', '--after', 'x'], /a whole number/],
      [['send'], /missing required argument/],
      [['send', ''], /the message is empty/],
      [['send', ' ', '\n'], /the message is empty/],
      [['send', '-'], /standard input is empty/],
      [['replay'], /give --conversation, or --tenant/],
      [['token', '--tenant', 'x'], /go together/],
      [['serve', '--workers', '0'], /a whole number/],
      [['serve', '--port', '65536'], /--port.* a whole number from 0 to 65535 is wanted/],
      [['serve', '--workers', '65'], /a whole number from 1 to 64 is wanted/],
      [['tail', '--url', 'ftp://x', '--token', 'x'], /not an http\(s\) URL/],
      [['tail'], /who speaks\?/],
    ];
    t.equal((await runParley(['bogus'], env)).code, 2, 'of the process');
    for (const [args, sentence] of calls) {
      const { code, stderr } = await parley(args, env);
      t.equal(code, 2, args.join(' '));
      t.match(stderr, sentence);
      t.notMatch(stderr, / {4}at /, 'no stack');
    }
  });

  await t.test('what cannot be done ends with 1 and says why', async (t) => {
    const calls: [string[], Record<string, string>, RegExp][] = [
      [
        ['send', 'x', '--url', 'http://127.0.0.1:1', '--token', 'x'],
        {},
        /no Parley answers at http:\/\/127.0.0.1:1/,
      ],
      [['serve'], {}, /set NATS_URL/],
      [['serve'], { NATS_URL: 'nats://127.0.0.1:1' }, /set DATABASE_URL/],
      [['migrate'], {}, /set DATABASE_URL/],
      [
        ['replay', '--tenant', 'x'],
        { NATS_URL: 'nats://127.0.0.1:1' },
        /no connection to NATS at 127.0.0.1:1: /,
      ],
      [['migrate'], { DATABASE_URL: 'postgres://127.0.0.1:1/x' }, /the migration failed: .*ECONNREFUSED/],
      [
        ['admin', 'tenants', 'list'],
        { DATABASE_URL: 'postgres://127.0.0.1:1/x' },
        /PostgreSQL does not answer: is DATABASE_URL right/,
      ],
      [['rebuild-projection'], {}, /set NATS_URL/],
      [['serve'], { PORT: 'many', PARLEY_REPLICAS: '2' }, /PORT must be .*\n.*PARLEY_REPLICAS must be odd/],
    ];
    for (const [args, more, sentence] of calls) {
      const { code, stderr } = await parley(args, { ...env, ...more });
      t.equal(code, 1, args.join(' '));
      t.match(stderr, sentence);
      t.notMatch(stderr, / {4}at /, 'no stack');
    }
  });

  await t.test('a directory that can never be made is refused, and not tried for ever', async (t) => {
    const toNowhere = join(dir.path, 'link');
    await symlink(join(dir.path, 'gone'), toNowhere);
    const inNowhere = join(toNowhere, 'x');
    const away = { NATS_URL: 'nats://127.0.0.1:1', DATABASE_URL: 'postgres://127.0.0.1:1/x' };
    const calls: [string[], Record<string, string>][] = [
      [['backup', inNowhere], away],
      [['backup', toNowhere], away],
      [['backup', join(repository, 'package.json')], away],
      [['schemas', '--dir', inNowhere], {}],
      [['dev'], { DATA_DIR: inNowhere, PORT: '0' }],
      [['serve'], { DATA_DIR: inNowhere, ...away }],
      [['cluster'], { DATA_DIR: inNowhere }],
    ];
    for (const [args, more] of calls) {
      const { code, stderr } = await parley(args, { ...env, ...more });
      t.equal(code, 1, args.join(' '));
      t.match(stderr, /cannot be used as a directory: /);
      t.notMatch(stderr, / {4}at /, 'no stack');
    }
  });

  await t.test('whoever reads may end before the command does', async (t) => {
    t.same(await runUnread(['--help'], env), { code: 0, stderr: '' });
  });

  await t.test('check-config shows every variable, hides secrets, and fails on errors', async (t) => {
    const secret = 'correct horse battery';
    const good = await parley(['check-config'], {
      ...env,
      PARLEY_ADMIN_EMAIL: 'ann@example.org',
      PARLEY_ADMIN_PASSWORD: secret,
      DATABASE_URL: `postgres://parley:${encodeURIComponent(secret)}@db/parley`,
    });
    t.equal(good.code, 0);
    t.match(good.stdout, /^PARLEY_ADMIN_EMAIL +ann@example.org +unset/m);
    t.notMatch(good.stdout, /correct/);
    t.match(
      good.stdout,
      /^PARLEY_RATE_LIMIT {2,40}off {2,40}on {2,40}`off` lifts/m,
      'one long value widens no other row',
    );
    const bad = await parley(['check-config', '--json'], { ...env, PORT: '-1', PARLEY_BOGUS: 'x' });
    t.equal(bad.code, 1);
    const { variables, errors, warnings } = JSON.parse(bad.stdout);
    t.ok(variables.length > 20);
    t.match(errors, [/^PORT /]);
    t.match(warnings, [/^PARLEY_BOGUS /]);
  });

  await t.test('schemas writes the same files each time, and notices a difference', async (t) => {
    const first = join(dir.path, 'one');
    t.equal((await parley(['schemas', '--dir', first])).code, 0);
    t.equal((await parley(['schemas', '--check', '--dir', first])).code, 0);
    const differing = await parley(['schemas', '--check', '--dir', dir.path]);
    t.equal(differing.code, 1);
    t.match(differing.stderr, /not up to date: openapi.json/);
  });

  await t.test('what schemas/ holds is up to date', async (t) => {
    const { code, stderr } = await parley(['schemas', '--check', '--dir', join(repository, 'schemas')]);
    t.equal(code, 0, stderr);
  });
});

const positionsIn = (lines: string): number[] =>
  lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).position);

t.test('commands over servers', async (t) => {
  const [nats, database] = [await startNats(t), await startPostgres(t, { isBare: true })];
  const dir = await temporaryDir('commands');
  t.teardown(dir.remove);
  const env = {
    DATA_DIR: dir.path,
    NATS_URL: `nats://${nats.user}:${nats.pass}@${new URL(nats.url).host}`,
    DATABASE_URL: database.url,
  };

  await t.test('migrate tells what it would do, does it, and has nothing left', async (t) => {
    const dry = JSON.parse((await parley(['migrate', '--dry-run', '--json'], env)).stdout);
    t.ok(dry.migrations.length >= 2);
    t.equal(dry.ran, false);
    const ran = (await parley(['migrate', '--json'], env)).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    t.same(ran.pop(), { ...dry, ran: true });
    t.same(
      ran.map(({ migration, number }) => [migration, number]),
      dry.migrations.map((name: string, index: number) => [name, index + 1]),
    );
    t.match(ran[0], { total: dry.migrations.length, ms: Number });
    t.match((await parley(['migrate'], env)).stdout, /nothing to do/);
  });

  const node = await startNode({ nats, database }, t);
  const account = await signUp(node);
  const at = ['--url', node.url];

  await t.test('doctor finds the servers well', async (t) => {
    const { code, stdout } = await parley(['doctor', '--json'], env);
    t.equal(code, 0, stdout);
    const found = new Map(JSON.parse(stdout).map((one: { check: string }) => [one.check, one]));
    for (const check of [
      'node',
      'nats',
      'jetstream',
      'streams',
      'stream configuration',
      'nats storage',
      'projection',
      'nats clock',
      'postgres',
      'postgres connections',
      'migrations',
      'tenant walls',
      'webhooks',
      'postgres clock',
    ]) {
      t.match(found.get(check), { status: 'ok' }, check);
    }
  });

  await t.test('doctor says what is wrong and what to do', async (t) => {
    const away = { ...env, NATS_URL: 'nats://127.0.0.1:1', DATABASE_URL: 'postgres://127.0.0.1:1/x' };
    const { code, stdout } = await parley(['doctor'], away);
    t.equal(code, 1);
    t.match(stdout, /^FAIL {2}nats .*\n +-> is NATS_URL right/m);
    t.match(stdout, /^FAIL {2}postgres .*\n +-> is DATABASE_URL right/m);
    t.match(stdout, /\n\d+ ok, \d+ warned of, \d+ failed\n$/);
    const wrong = await parley(['doctor', '--json'], { ...env, PORT: 'many', PARLEY_BOGUS: 'x' });
    t.equal(wrong.code, 1);
    const ofConfiguration = JSON.parse(wrong.stdout).filter(
      ({ check }: { check: string }) => check === 'configuration',
    );
    t.match(ofConfiguration, [
      { status: 'fail', found: /^PORT must be/, remedy: /check-config/ },
      { status: 'warn', found: /^PARLEY_BOGUS/ },
    ]);
    // Warnings alone (no credentials for services, replicas) end with 1 only where that is asked for.
    t.equal((await parley(['doctor', '--strict'], env)).code, 1);
  });

  await t.test('doctor finds what somebody changed about the streams', async (t) => {
    const connection = await connect({ servers: nats.url, user: nats.user, pass: nats.pass });
    t.teardown(() => connection.close());
    const streams = (await jetstreamManager(connection)).streams;
    const usual = (await streams.info('CONV_1')).config;
    const asked = async () => {
      const { code, stdout } = await parley(['doctor', '--json'], env);
      const [finding] = JSON.parse(stdout).filter(
        ({ check }: { check: string }) => check === 'stream configuration',
      );
      return { code, ...finding };
    };
    await streams.update('CONV_1', { ...usual, max_bytes: 1e9 });
    t.match(await asked(), { code: 0, status: 'warn', found: 'CONV_1: max_bytes is 1000000000, not -1' });
    await streams.update('CONV_1', { ...usual, max_age: 3_600_000_000_000 });
    t.match(await asked(), { code: 1, status: 'fail', found: /^CONV_1: max_age is 3600000000000, not 0/ });
    await streams.update('CONV_1', usual);
    t.match(await asked(), { code: 0, status: 'ok' });
  });

  await t.test('token: by password, and by principal over the database', async (t) => {
    const login = ['token', ...at, '--email', account.email, '--password', account.password];
    const byPassword = await parley(login, env);
    const byPrincipal = await parley(
      ['token', '--json', '--tenant', account.tenant, '--principal', account.id],
      env,
    );
    for (const token of [byPassword.stdout.trim(), JSON.parse(byPrincipal.stdout).access_token]) {
      const me = await fetch(`${node.url}/auth/me`, { headers: { authorization: `Bearer ${token}` } });
      t.equal(me.status, 200);
    }
    const whole = JSON.parse((await parley([...login, '--json'], env)).stdout);
    t.same(Object.keys(whole), ['access_token', 'refresh_token', 'expires_in']);
    t.equal(whole.expires_in, 900);
    const wrong = await parley([...login.slice(0, -1), 'not it at all'], env);
    t.equal(wrong.code, 1);
    t.match(wrong.stderr, /wrong password/);
  });

  await t.test('bench posts, checks every delivery, and takes away what it made', async (t) => {
    const speaker = { ...env, PARLEY_URL: node.url, PARLEY_TOKEN: account.token };
    const small = ['--seconds', '1', '--posters', '3', '--conversations', '2', '--readers', '2', '--json'];
    const { code, stdout, stderr } = await parley(['bench', ...small], speaker);
    t.equal(code, 0, stderr);
    const { posts, deliveries, connects, processor } = JSON.parse(stdout);
    t.ok(posts.count > 0 && posts.p99 > 0);
    t.match(deliveries, {
      count: posts.count * 2,
      expected: posts.count * 2,
      lost: 0,
      doubled: 0,
      out_of_order: 0,
    });
    t.equal(connects.count, 5);
    t.ok(processor.node_sec > 0);
    const ask = async (path: string): Promise<unknown> =>
      (await fetch(`${node.url}${path}`, { headers: { authorization: `Bearer ${account.token}` } })).json();
    const made: number[] = [];
    const stopped = openStage(accountOfToken(node.url, account.token), {
      ...{ posters: 500, conversations: 500, seconds: 1 },
      isStopped: () => made.push(1) === 2, // Ctrl-C
    });
    await t.rejects(stopped, /ended before the load began/);
    t.notMatch(JSON.stringify(await ask('/api/conversations')), 'parley bench');
    t.notMatch(JSON.stringify(await ask('/auth/agents')), 'parley bench');
    t.notMatch(JSON.stringify(await ask('/auth/api-keys')), 'parley bench');
    const refused = await parley(['bench', ...small], { ...speaker, PARLEY_TOKEN: 'nonsense' });
    t.match(JSON.parse(refused.stderr), { error: { message: /^the node refused the token/, exit_code: 1 } });
  });

  await t.test('send, tail and replay of one conversation', async (t) => {
    const speaker = { ...env, PARLEY_URL: node.url, PARLEY_TOKEN: account.token };
    const first = await parley(['send', '--json', '--name', 'a talk', 'one'], speaker);
    const { conversation } = JSON.parse(first.stdout);
    const named = ['--conversation', conversation];
    const tail = startParley(t, ['tail', '--json', ...named, '--after', '0'], speaker);
    await tail.says(/"content":"one"/);
    await parley(['send', ...named, 'two'], speaker);
    await tail.says(/"content":"two"/);
    const positions = tail
      .printed()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).position);
    t.same(positions, [1, 2, 3]);

    const replayed = await parley(['replay', ...named, '--from', '2', '--json'], speaker);
    t.same(
      replayed.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).data.content),
      ['one', 'two'],
    );
    t.equal((await parley(['replay', ...named, '--from', '4'], speaker)).stdout, '');
    const part = await parley(['replay', ...named, '--from', '1', '--to', '2', '--json'], speaker);
    t.same(positionsIn(part.stdout), [1, 2]);
    const posts = await parley(['replay', ...named, '--types', 'message.posted', '--json'], speaker);
    t.same(positionsIn(posts.stdout), [2, 3]);
    t.equal((await parley(['replay', ...named, '--since', '2999-01-01'], speaker)).stdout, '');

    const heard = await openListener(t, node.url);
    const paged = await parley(['replay', ...named, '--json'], { ...speaker, PARLEY_URL: heard.url });
    t.same(positionsIn(paged.stdout), [1, 2, 3]);
    t.notMatch(heard.text(), '{"ev":', 'nothing is pushed, which a slow reader would have to be sent again');
    t.equal(heard.text().split('"type":"message.posted"').length - 1, 2, 'each event is transferred once');

    const log = ['replay', '--tenant', account.tenant, '--json'];
    const ofTenant = await parley(log, env);
    t.equal(ofTenant.code, 0, ofTenant.stderr);
    const ours = ofTenant.stdout.split('\n').filter((line) => line.includes(conversation));
    t.same(positionsIn(ours.join('\n')), [1, 2, 3]);
    t.equal((await parley([...log, ...named], env)).stdout.trim(), ours.join('\n'));
    const nobody = await parley(['replay', '--tenant', 'nobody', '--json'], env);
    t.match(JSON.parse(nobody.stderr), { error: { message: /holds nothing of a tenant nobody/ } });

    const stranger = { ...speaker, PARLEY_TOKEN: (await signUp(node)).token };
    for (const command of [['tail'], ['replay'], ['send', 'x']]) {
      const refused = await parley([...command, ...named], stranger);
      t.equal(refused.code, 1);
      t.match(refused.stderr, /there is no conversation/);
    }
    const unsent = await parley(['send', '--json', ...named, 'x'], stranger);
    t.equal(unsent.code, 1);
    t.match(JSON.parse(unsent.stderr), { error: { code: 'not_found', exit_code: 1 } });
    const bad = await parley(['send', ...named, 'x'], { ...speaker, PARLEY_TOKEN: 'nonsense' });
    t.equal(bad.code, 1);
    t.match(bad.stderr, /refused the token/);
    const unread = ['tail', '--json', ...named, '--after', '0'];
    t.match(await runUnread(unread, speaker), { code: 0, stderr: /^following [^\n]+\n$/ });
    t.same(await runUnread(['replay', '--json', ...named], speaker), { code: 0, stderr: '' });
    t.same(await runUnread(log, env), { code: 0, stderr: '' });
    const elsewhere = await parley(['token', '--url', 'http://127.0.0.1:1'], env);
    t.equal(elsewhere.code, 2);
    t.match(elsewhere.stderr, /or start `parley dev`/);
    const forgotten = ['--email', account.email, '--password', 'not it at all'];
    const unknown = await parley(['tail', ...at, ...forgotten], env);
    t.equal(unknown.code, 1);
    t.match(unknown.stderr, /wrong password/);
    const login = ['--email', account.email, '--password', account.password];
    const byLogin = await parley(['replay', '--json', ...at, ...login, ...named, '--from', '3'], env);
    t.same(positionsIn(byLogin.stdout), [3], byLogin.stderr);

    const beyond = await parley(['tail', '--json', ...named, '--after', '99'], speaker);
    t.match([beyond.code, beyond.stderr], [1, /"cursor_expired".* ends before that position/]);

    const owner = { authorization: `Bearer ${account.token}` };
    await fetch(`${node.url}/api/conversations/${conversation}`, { method: 'DELETE', headers: owner });
    t.equal(await tail.exited, 0, 'there is nothing more to come');
    t.match(tail.stderr(), /was deleted/);
  });
});

/** Stands before a node, and keeps all that the node says. */
async function openListener(t: Teardown, nodeUrl: string) {
  const { hostname, port } = new URL(nodeUrl);
  let said = '';
  const server = createServer((client) => {
    const node = connectTo(Number(port), hostname);
    node.on('data', (bytes) => (said += bytes.toString('latin1')));
    for (const side of [client, node]) side.on('error', () => undefined);
    client.pipe(node).pipe(client);
    client.on('close', () => node.destroy());
    node.on('close', () => client.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, text: () => said };
}
