/**
 * A canary in every text of class phi and secret, through every door: authorised readers hear it on every
 * node, after a restart and a rebuild; logs, rows, files of PostgreSQL and files of JetStream do not.
 */
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import t from 'tap';
import { makeAgent, signUp } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { until } from '../kit/log-entries.ts';
import { type ParleyProcess, runParley, startParley } from '../kit/processes/parley-process.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startPostgresServer } from '../kit/servers/postgres.ts';

t.setTimeout(240_000);

const canary = 'canary-yellow';
/** In the clear on purpose: proves that the searches below find what is there. */
const sparrow = 'sparrow-brown';

const nats = await startNats(t);
const postgres = await startPostgresServer(t);
const env = {
  HOST: '127.0.0.1',
  PORT: '0',
  NATS_URL: `nats://${nats.user}:${nats.pass}@${new URL(nats.url).host}`,
  DATABASE_URL: postgres.url,
  PARLEY_PARTITIONS: '2',
  PARLEY_RATE_LIMIT: 'off',
  PARLEY_MASTER_KEY: 'ab'.repeat(32),
  LOG_LEVEL: 'trace',
};
const processes: ParleyProcess[] = [];

async function startNode(): Promise<{ url: string; process: ParleyProcess }> {
  const process = startParley(t, ['serve'], env);
  processes.push(process);
  await process.says(/"listening"[^\n]*\n/);
  const line =
    process
      .printed()
      .split('\n')
      .find((one) => one.includes('"listening"')) ?? '{}';
  return { url: (JSON.parse(line) as { url: string }).url, process };
}

let sql = await connected();
t.teardown(() => sql.end());

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  return client;
}

/** Every row of every table, as text. */
async function rows(): Promise<string> {
  const tables = await sql.query("select tablename from pg_tables where schemaname = 'public'");
  let text = '';
  for (const { tablename } of tables.rows) {
    const found = await sql.query(`select t::text as row from "${tablename}" t`);
    for (const { row } of found.rows) text += `${row}\n`;
  }
  return text;
}

/** The files below a directory that hold a text. What its server takes away meanwhile holds none. */
async function filesWith(dir: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of (await unlessGone(readdir(dir, { withFileTypes: true }))) ?? []) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) found.push(...(await filesWith(path, text)));
    else if (entry.isFile() && (await unlessGone(readFile(path)))?.includes(text)) found.push(path);
  }
  return found;
}

const unlessGone = <T>(reading: Promise<T>): Promise<T | null> =>
  reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });

async function projected(conversation: string, position: number): Promise<void> {
  const query = 'select 1 from conversations where conversation_id = $1 and position >= $2';
  await until(async () => ((await sql.query(query, [conversation, position])).rowCount ?? 0) > 0);
}

t.test('a canary is heard by readers and by nobody else', async (t) => {
  let [one, other] = [await startNode(), await startNode()];
  const owner = await signUp(one, 'ann');
  const agent = await makeAgent(one, owner, 'robot');
  const phi = { 'X-Data-Class': 'phi', 'X-Policy-Ref': 'policy-7' };
  const rest = (method: string, path: string, body?: unknown, headers: Record<string, string> = phi) =>
    call(one, method, path, { token: owner.token, headers, ...(body === undefined ? {} : { body }) });

  const created = await rest('POST', '/api/conversations', {
    type: 'group',
    name: `${canary} name`,
    description: `${canary} description`,
    metadata: { note: `${canary} of the conversation` },
    participants: [{ userId: agent.id, userType: 'agent' }],
  });
  t.equal(created.status, 201);
  const conversation: string = created.body.id;
  const path = `/api/conversations/${conversation}`;

  const reader = await NativeClient.connect(other, owner.token);
  await reader.ask('open', { conversation });
  const posted = await rest('POST', `${path}/messages`, {
    content: `${canary} posted`,
    metadata: { note: `${canary} beside it` },
  });
  t.equal(posted.status, 201);
  t.equal(
    (await rest('PATCH', `${path}/messages/${posted.body.id}`, { content: `${canary} edited` }, {})).status,
    200,
  );
  t.equal((await rest('PATCH', path, { description: `${canary} changed` })).status, 200);
  t.equal((await rest('POST', `${path}/messages`, { content: sparrow }, {})).status, 201);

  const socket = await NativeClient.connect(one, owner.token);
  const secret = { conversation, data_class: 'secret', policy_ref: 'policy-8' };
  const message = randomUUID();
  t.match(
    await socket.ask('post', {
      ...secret,
      content: `${canary} by socket`,
      message_id: message,
      client_id: 'c1',
      metadata: { note: canary },
    }),
    { ok: true },
  );
  t.match(await socket.ask('edit', { conversation, message, content: `${canary} edited by socket` }), {
    ok: true,
  });
  t.match(await socket.ask('control', { ...secret, event: 'stream.pause', reason: `${canary} reason` }), {
    ok: true,
  });
  t.match(await socket.ask('control', { ...secret, event: 'stream.resume' }), { ok: true });
  t.match(await socket.ask('post', { ...secret, data_class: 'private', content: 'x' }), { ok: false });

  const robot = await NativeClient.connect(other, agent.token);
  const delta = (message_id: string, run: string, index: number, text: string, data_class?: string) =>
    robot.send({
      op: 'delta',
      conversation,
      message_id,
      run,
      index,
      text,
      ...(data_class === undefined ? {} : { data_class }),
    });
  const [whole, broken] = [randomUUID(), randomUUID()];
  delta(whole, 'r1', 0, `${canary} streamed, `, 'phi');
  delta(whole, 'r1', 1, 'half');
  delta(broken, 'r2', 0, `${canary} interrupted, `, 'secret');
  delta(broken, 'r2', 1, 'for good');
  await reader.find((frame) => JSON.stringify(frame['delta'] ?? '').includes('for good'));
  t.match(
    await robot.ask('post', {
      conversation,
      content: `${canary} streamed, whole`,
      message_id: whole,
      run: 'r1',
    }),
    { ok: true },
  );
  const cancelled = await socket.ask('control', { conversation, event: 'stream.cancel', run: 'r2' });
  t.match(cancelled, { ok: true });
  const last = Number(cancelled['position']);
  await reader.event(conversation, last);
  await projected(conversation, last);

  const heard = [
    `${canary} edited`,
    sparrow,
    `${canary} edited by socket`,
    'stream.pause',
    'stream.resume',
    `${canary} streamed, whole`,
    `${canary} interrupted, for good`,
    'stream.cancel',
  ];
  const listens = async (at: { url: string }, what: string): Promise<void> => {
    const { body } = await call(at, 'GET', `${path}/messages`, { token: owner.token });
    t.same(
      body.map((row: { content: string }) => row.content),
      heard,
      what,
    );
    t.equal(body[3].metadata.control.reason, `${canary} reason`, what);
    t.match((await call(at, 'GET', path, { token: owner.token })).body, {
      name: `${canary} name`,
      description: `${canary} changed`,
      metadata: { note: `${canary} of the conversation` },
    });
    const client = await NativeClient.connect(at, owner.token);
    const { events } = await client.ask('history', { conversation, include: ['edits'] });
    t.match(events[0].data, { content: `${canary} posted`, metadata: { note: `${canary} beside it` } }, what);
    await client.ask('open', { conversation, after: 0 });
    await client.event(conversation, last);
    t.same(
      client.events(conversation).map(({ data }) => JSON.stringify(data).includes('"sealed"')),
      Array.from({ length: last }, () => false),
      what,
    );
    const again = await client.ask('post', {
      ...secret,
      content: `${canary} by socket`,
      message_id: message,
      client_id: 'c1',
      metadata: { note: canary },
    });
    t.match(again, { ok: true, duplicate: true }, what);
    const changed = await client.ask('post', { ...secret, content: `${canary} changed`, client_id: 'c1' });
    t.match(changed, { ok: false, problem: { code: 'conflict' } }, what);
    await client.close();
  };
  await listens(one, 'the writing node');
  await listens(other, 'another node');
  t.equal(
    reader.events(conversation).filter(({ data }) => JSON.stringify(data).includes(canary)).length,
    8,
    'live',
  );

  const isSilent = async (): Promise<void> => {
    const inRows = await rows();
    t.ok(inRows.includes(sparrow), 'a search of the rows finds what is there');
    t.notOk(inRows.includes(canary), 'no row');
    t.notOk(inRows.includes(Buffer.from(canary).toString('hex')), 'no bytes of a row');
    // The WAL is written a moment after the commit: fsync is off here.
    await until(async () => (await filesWith(postgres.dataDir, sparrow)).length > 0);
    t.same(await filesWith(postgres.dataDir, canary), [], 'no file of PostgreSQL, nor its WAL');
    t.ok((await filesWith(nats.dataDir, sparrow)).length > 0);
    t.same(await filesWith(nats.dataDir, canary), [], 'no file of JetStream');
    for (const { printed, stderr } of processes) {
      t.ok(printed().length > 0);
      t.notOk(printed().includes(canary) || stderr().includes(canary), 'no line of a log');
    }
    const found = await sql.query(
      "select 1 from messages where search @@ plainto_tsquery('simple', 'canary yellow')",
    );
    t.equal(found.rowCount, 0, 'no search');
  };
  await isSilent();

  for (const client of [reader, socket, robot]) await client.close();
  for (const { process } of [one, other]) {
    process.signal('SIGTERM');
    await process.exited;
  }
  // A clean end writes every page: what is in the files now is all that there is.
  await sql.end();
  await postgres.restart();
  sql = await connected();
  await isSilent();
  const rebuilt = await runParley(['rebuild-projection'], env);
  t.equal(rebuilt.code, 0, rebuilt.stderr);
  t.notOk((rebuilt.stdout + rebuilt.stderr).includes(canary));
  [one, other] = [await startNode(), await startNode()];
  await listens(other, 'after a rebuild and a restart');
  await isSilent();

  const root = `/api/admin/tenants/${owner.tenant}/data-key`;
  t.equal((await rest('DELETE', root)).status, 400, 'never by a slip');
  t.match((await rest('POST', `${root}/rotate`)).body, { version: 2 });
  await listens(one, 'after a rotation');
  t.match((await rest('DELETE', `${root}?confirm=${owner.tenant}`)).body, { erased: 2 });
  for (const at of [one, other]) {
    await until(async () => {
      const { status, body } = await call(at, 'GET', `${path}/messages`, { token: owner.token });
      return status === 200 && !JSON.stringify(body).includes(canary);
    });
    const { body } = await call(at, 'GET', `${path}/messages`, { token: owner.token });
    t.match(body[0], { content: '', metadata: { sealed: 'erased' } });
    t.equal(body[1].content, sparrow);
    t.match((await call(at, 'GET', path, { token: owner.token })).body, {
      name: null,
      metadata: { sealed: 'erased' },
    });
  }
  const next = await rest('POST', `${path}/messages`, { content: `${canary} is back` });
  t.equal(next.status, 201);
  const { body } = await call(other, 'GET', `${path}/messages`, { token: owner.token });
  t.equal(body.at(-1).content, `${canary} is back`);
  const actions = await call(one, 'GET', '/api/admin/audit', { token: owner.token });
  const entries = (actions.body.entries as { action: string }[]).map(({ action }) => action);
  t.ok(entries.includes('data_key.rotated') && entries.includes('data_key.erased'));
});

t.test('nothing but numbers and names is left of an erased key', async (t) => {
  const { rows: keys } = await sql.query(
    'select version, wrapped is null as gone from data_keys order by version',
  );
  t.same(keys, [
    { version: 1, gone: true },
    { version: 2, gone: true },
    { version: 3, gone: false },
  ]);
});
