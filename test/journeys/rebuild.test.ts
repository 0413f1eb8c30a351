/** `parley rebuild-projection` under a running node: what lists and histories say is the same after it. */
import pg from 'pg';
import t from 'tap';
import { signUp } from '../kit/clients/accounts.ts';
import { call } from '../kit/clients/http-client.ts';
import { NativeClient } from '../kit/clients/native-client.ts';
import { runParley } from '../kit/processes/parley-process.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);

t.test('nodes stand aside for a rebuild and go on after it', async (t) => {
  const [nats, database] = [await startNats(t), await startPostgres(t)];
  const node = await startNode({ nats, database }, t);
  const { token } = await signUp(node);
  const client = await NativeClient.connect(node, token);
  const created = await client.ask('create', { type: 'group', participants: [] });
  const conversation: string = created['conversation'].id ?? created['conversation'];
  const post = (content: string) => client.ask('post', { conversation, content });
  for (let index = 0; index < 30; index += 1) await post(`before ${index}`);

  const sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  t.teardown(() => sql.end());
  const projected = async (position: number): Promise<void> => {
    const query = 'select 1 from conversations where conversation_id = $1 and position >= $2';
    while ((await sql.query(query, [conversation, position])).rowCount === 0);
  };
  await projected(31);
  const env = {
    NATS_URL: `nats://${nats.user}:${nats.pass}@${new URL(nats.url).host}`,
    DATABASE_URL: database.url,
  };
  const rebuilt = await runParley(['rebuild-projection', '--json'], env);
  t.equal(rebuilt.code, 0, rebuilt.stderr);
  const last = JSON.parse(rebuilt.stdout.trim().split('\n').at(-1) ?? '');
  t.match(last, { total: 31, remaining: 0, leftSec: 0 });
  t.ok(last.perSec > 0, 'says how fast it was');
  t.equal((await post('after'))['position'], 32);
  await projected(32);
  const page = await call(node, 'GET', `/api/conversations/${conversation}/messages?limit=200`, { token });
  t.equal(page.body.length, 31);
  await client.close();
});
