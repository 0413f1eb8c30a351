/** kill -9 of the node that is about to tell what became of sessions: another one tells it, once. */
import t from 'tap';
import { call } from '../kit/clients/http-client.ts';
import { openCuttableProxy } from '../kit/links/cuttable-proxy.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode, startNodeProcess } from '../kit/servers/node.ts';
import { openOwner } from '../kit/servers/owner.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(180_000);

const key = 'a server key';
const user = 'a0000000-0000-4000-8000-000000000001';
const eliza = 'b850bc30-45f8-0041-a00a-83df46d8555d';
const env = { ELIZA_SERVER_AUTH_TOKEN: key };
const path = '/api/messaging/sessions';

t.test(
  'what was claimed, and what was said but not written down, is told once by another node',
  async (t) => {
    const [nats, database] = [await startNats(t), await startPostgres(t)];
    const proxy = await openCuttableProxy(t, nats.port);
    const behindProxy = { ...nats, url: `nats://127.0.0.1:${proxy.port}` };
    const doomed = await startNodeProcess({ nats: behindProxy, database, env }, t);
    const sql = openOwner(t, database.url);

    const begin = async (): Promise<{ id: string; channel: string }> => {
      const { body } = await call(doomed, 'POST', path, {
        token: key,
        body: { agentId: eliza, userId: user },
      });
      return { id: body.sessionId, channel: body.channelId };
    };
    const [claimed, said, renewed] = [await begin(), await begin(), await begin()];
    /** 25 of its 30 minutes have passed. */
    const age = ({ id }: { id: string }) =>
      sql`update session_notices set due_us = due_us - 1500000000 where session_id = ${id} and name = 'session.expiring'`;
    const told = async ({ channel }: { channel: string }) => {
      const rows = await sql<{ event: string }[]>`
      select data ->> 'event' as event from messages where conversation_id = ${channel} and kind = 'control'`;
      return rows.map(({ event }) => event);
    };
    const pending = async ({ id }: { id: string }, name: string): Promise<number> => {
      const [row] = await sql<{ claimed: number }[]>`
      select claimed_until_us::float8 as claimed from session_notices where session_id = ${id} and name = ${name}`;
      return row?.claimed ?? -1;
    };

    // Nobody writes down that this one was said, as long as the lock is held.
    await sql`
    create function wait_here() returns trigger language plpgsql as
    $$ begin
      if old.session_id = ${sql.unsafe(`'${said.id}'`)} then perform pg_advisory_xact_lock(7); end if;
      return old;
    end $$`;
    await sql`create trigger waiting before delete on session_notices for each row execute function wait_here()`;
    const lock = await sql.reserve();
    await lock`select pg_advisory_lock(7)`;
    await age(said);
    await until(async () => (await told(said)).length === 1, 60_000);

    proxy.cut();
    await age(claimed);
    const beat = await call(doomed, 'POST', `${path}/${renewed.id}/heartbeat`, { token: key });
    t.match(beat, { status: 200, body: { renewalCount: 1 } }, 'what is in Postgres counts');
    await until(async () => (await pending(claimed, 'session.expiring')) > 0, 60_000);
    await doomed.kill();
    // PostgreSQL would carry out what it was asked last: nobody tells a backend that waits for a lock that its client died.
    const waiting = () => sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'`;
    await until(async () => (await waiting()).length === 0);
    await lock`select pg_advisory_unlock(7)`;
    lock.release();
    await sql`drop trigger waiting on session_notices`;
    t.same([await told(claimed), await told(renewed)], [[], []]);
    t.ok((await pending(said, 'session.expiring')) > 0);

    await startNode({ nats, database, env }, t);
    await until(async () => {
      const open = [
        await pending(claimed, 'session.expiring'),
        await pending(said, 'session.expiring'),
        await pending(renewed, 'session.renewed'),
      ];
      return open.every((one) => one === -1);
    }, 90_000);
    await until(async () => (await told(claimed)).length + (await told(renewed)).length === 2);
    t.same(
      [await told(claimed), await told(said), await told(renewed)],
      [['session.expiring'], ['session.expiring'], ['session.renewed']],
    );
  },
);
