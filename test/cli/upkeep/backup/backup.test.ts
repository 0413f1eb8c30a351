/** `parley backup` under load, and `parley restore` on empty servers: what comes back is what was there. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import t from 'tap';
import { signUp } from '../../../kit/clients/accounts.ts';
import { call } from '../../../kit/clients/http-client.ts';
import { NativeClient } from '../../../kit/clients/native-client.ts';
import { until } from '../../../kit/log-entries.ts';
import { runParley } from '../../../kit/processes/parley-process.ts';
import { startNats, type TestNats } from '../../../kit/servers/nats.ts';
import { startNode } from '../../../kit/servers/node.ts';
import { type Owner, openOwner } from '../../../kit/servers/owner.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';
import { temporaryDir } from '../../../kit/temporary.ts';

t.setTimeout(180_000);

const projection = ['conversations', 'participants', 'messages', 'message_versions', 'reactions'];

t.test('a backup that was taken under load comes back whole', async (t) => {
  const dir = await temporaryDir('backup');
  t.teardown(dir.remove);
  const backup = join(dir.path, 'backup');
  const [nats, database] = [await startNats(t), await startPostgres(t)];
  const node = await startNode({ nats, database }, t);
  const account = await signUp(node);
  const client = await NativeClient.connect(node, account.token);
  const quiet = await converse(client);
  const busy = (await client.ask('create', { type: 'group', participants: [] }))['conversation'].id;

  let last = 0;
  let isOver = false;
  const load = (async () => {
    while (!isOver) {
      last = (await client.ask('post', { conversation: busy, content: `load ${last}` }))['position'];
    }
  })();
  await until(() => last > 50);
  const before = last;
  const saved = await runParley(['backup', backup, '--json'], envOf(nats, database));
  isOver = true;
  await load;
  t.equal(saved.code, 0, saved.stderr);
  t.match(JSON.parse(saved.stdout), { streams: 2 });
  t.match(await runParley(['backup', backup], envOf(nats, database)), { code: 1, stderr: /is not empty/ });

  const [otherNats, otherDatabase] = [await startNats(t), await startPostgres(t, { isBare: true })];
  const other = envOf(otherNats, otherDatabase);
  const restored = await runParley(['restore', backup], other);
  t.equal(restored.code, 0, restored.stderr);
  t.match(restored.stdout, /restored: \d+ events in 2 streams/);

  await t.test(
    'every event of every stream is the same, and nothing acknowledged before is missing',
    async (t) => {
      const [old, now] = [await readStreams(nats), await readStreams(otherNats)];
      t.equal(now.size, 2);
      for (const [name, messages] of now) t.same(messages, old.get(name)?.slice(0, messages.length), name);
      const kept = [...now.values()].flat().filter(({ subject }) => subject.includes(busy)).length;
      t.ok(kept > before, `${kept} events of the busy conversation, ${before} were acknowledged before`);
    },
  );

  const [was, is] = [openOwner(t, database.url), openOwner(t, otherDatabase.url)];
  await t.test('what Postgres alone knows is the same', async (t) => {
    const tables = (await tablesOf(was)).filter(
      (name) =>
        ![
          ...projection,
          'unread_counts',
          'projector_marks',
          'identity_changes',
          'schema_migrations',
        ].includes(name),
    );
    t.ok(tables.length > 20);
    for (const table of tables) t.same(await rowsOf(is, table), await rowsOf(was, table), table);
    t.ok((await rowsOf(is, 'principals')).length > 0);
    t.ok((await rowsOf(is, 'read_cursors')).length > 0);
  });

  await t.test('the projection is the same', async (t) => {
    const where = `conversation_id = '${quiet.conversation}'`;
    await until(async () => (await rowsOf(was, 'messages', where)).length === 22);
    for (const table of projection)
      t.same(await rowsOf(is, table, where), await rowsOf(was, table, where), table);
  });

  await t.test('a client logs in, is told that its cursor is void, and goes on', async (t) => {
    const again = await startNode({ nats: otherNats, database: otherDatabase }, t);
    const { email, password } = account;
    const login = await call(again, 'POST', '/auth/login', { body: { email, password } });
    t.equal(login.status, 200);
    const client = await NativeClient.connect(again, login.body.access_token);
    const { conversation, cursor, position } = quiet;
    t.match(await client.ask('open', { conversation, after: cursor }), {
      refused: [{ code: 'cursor_expired' }],
    });
    const [opened] = (await client.ask('open', { conversation }))['conversations'];
    const marks = await restoredMarks(otherNats);
    t.ok(
      marks.some((mark) => opened.epoch.endsWith(mark)),
      'whatever time nats-server gives the stream',
    );
    t.match(await client.ask('post', { conversation, content: 'after' }), { position: position + 1 });
    const made = await client.ask('create', { type: 'group', participants: [] });
    t.ok(made['conversation'].id);
    await client.close();
  });

  await t.test('a damaged backup, and servers that are not empty, are refused', async (t) => {
    t.match(await runParley(['restore', backup], other), { code: 1, stderr: /database is not empty/ });
    const bare = await startPostgres(t, { isBare: true });
    t.match(await runParley(['restore', backup], envOf(otherNats, bare)), {
      code: 1,
      stderr: /holds a log already/,
    });
    await appendFile(join(backup, 'CONV_0.tar.s2'), 'x');
    t.match(await runParley(['restore', backup], other), { code: 1, stderr: /CONV_0.tar.s2 is damaged/ });
    t.match(await runParley(['restore', dir.path], other), { code: 1, stderr: /no manifest/ });
  });
  await client.close();
});

/** A conversation with posts, edits, deletions, reactions and a read mark; nothing happens in it any more. */
async function converse(client: NativeClient) {
  const conversation: string = (
    await client.ask('create', { type: 'group', name: 'quiet', participants: [] })
  )['conversation'].id;
  const posted: string[] = [];
  for (let index = 0; index < 22; index += 1) {
    const reply = await client.ask('post', { conversation, content: `words\t${index} \\ "quoted"\n` });
    posted.push(reply['message_id']);
  }
  const [first, second, third] = posted;
  await client.ask('edit', { conversation, message: first, content: 'better words' });
  await client.ask('react', { conversation, message: second, emoji: '👍' });
  const deleted = await client.ask('delete', { conversation, message: third });
  await client.ask('read', { conversation, up_to: 5 });
  const opened = await client.ask('open', { conversation, after: 0 });
  return {
    conversation,
    position: deleted['position'] as number,
    cursor: opened['conversations'][0].cursor as string,
  };
}

function envOf(nats: TestNats, { url }: { readonly url: string }) {
  return { NATS_URL: nats.url, NATS_CREDS: nats.credsFile, DATABASE_URL: url };
}

async function tablesOf(sql: Owner): Promise<string[]> {
  const rows =
    await sql`select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`;
  return rows.map(({ relname }) => relname as string);
}

async function rowsOf(sql: Owner, table: string, where = 'true'): Promise<string[]> {
  const rows = await sql.unsafe(
    `select row_to_json(t)::text as row from ${table} t where ${where} order by 1`,
  );
  return rows.map(({ row }) => row as string);
}

/** Everything that the streams of the log hold, by their names. */
async function readStreams({ url, user, pass }: TestNats) {
  const connection = await connect({ servers: new URL(url).host, user, pass });
  const manager = await jetstreamManager(connection);
  const streams = new Map<string, { seq: number; subject: string; body: string; headers: string }[]>();
  for await (const { config, state } of manager.streams.list('conv.>')) {
    const messages = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
      const message = await manager.streams.getMessage(config.name, { seq }).catch(() => null);
      if (message === null) continue; // erased
      const headers = JSON.stringify([...(message.header ?? [])]);
      messages.push({ seq, subject: message.subject, body: message.string(), headers });
    }
    streams.set(config.name, messages);
  }
  await connection.close();
  return streams;
}

/** What the restore wrote into each stream. */
async function restoredMarks({ url, user, pass }: TestNats): Promise<string[]> {
  const connection = await connect({ servers: new URL(url).host, user, pass });
  const marks: string[] = [];
  for await (const { config } of (await jetstreamManager(connection)).streams.list('conv.>')) {
    marks.push(String(config.metadata?.['parley_restored']));
  }
  await connection.close();
  return marks;
}
