/** Behind the policies of their roles, lists and look-ups walk indexes. */
import t from 'tap';
import { openPool, type Transaction } from '../../../src/adapters/postgres/pool.ts';
import { surveyedColumns } from '../../../src/adapters/postgres/survey/survey-filter.ts';
import { answered, startProjection } from '../../kit/projection.ts';

type Line = { readonly 'QUERY PLAN': string };

t.test('no look-up of a survey reads the whole table', async (t) => {
  const { requests, url, logger } = await startProjection(t);
  const platform = openPool({ url, role: 'parley_platform', max: 1, log: logger });
  t.teardown(() => platform.close());
  // An empty table is read as a whole unless that is forbidden; what no index can serve is read so anyway.
  const planned = async (
    sql: Transaction,
    explain: (sql: Transaction) => Promise<Line[]>,
  ): Promise<string> => {
    await sql`select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)`;
    return (await explain(sql)).map((line) => line['QUERY PLAN']).join('\n');
  };
  const channel = await requests.transacting('a', (tx) =>
    planned(
      tx,
      (sql) => sql<Line[]>`
        explain select ${surveyedColumns(sql)} from conversations c
        where c.tenant_id = ${'a'} and c.status = 'open'
          and c.channel = channel_key(${'t'}::text, ${'c'}::text, ${'1'}::text)`,
    ),
  );
  t.match(answered(channel), /conversations_by_channel[\s\S]*Index Cond: .*channel/);
  const activity = await requests.transacting('a', (tx) =>
    planned(
      tx,
      (sql) => sql<Line[]>`
        explain select ${surveyedColumns(sql)} from conversations c
        where c.status = 'open' and c.tenant_id = ${'a'}
        order by c.active_slot desc, c.updated_us desc, c.conversation_id desc limit 50`,
    ),
  );
  t.match(answered(activity), /Presorted Key: .*active_slot[\s\S]*conversations_by_(activity|slot)/);
  const all = await platform.transacting((tx) =>
    planned(
      tx,
      (sql) => sql<Line[]>`
        explain select ${surveyedColumns(sql)} from conversations c where c.status = 'open'
        order by c.active_slot desc, c.updated_us desc, c.conversation_id desc limit 50`,
    ),
  );
  t.match(answered(all), /Presorted Key: .*active_slot[\s\S]*conversations_by_slot/);
  const one = await platform.transacting((tx) =>
    planned(
      tx,
      (sql) => sql<Line[]>`
        explain select ${surveyedColumns(sql)} from conversations c where c.conversation_id = ${'x'}`,
    ),
  );
  t.match(answered(one), /conversations_by_id/);
});

t.test('who sees all tenants changes nothing', async (t) => {
  const { url, logger } = await startProjection(t);
  const platform = openPool({ url, role: 'parley_platform', max: 1, log: logger });
  t.teardown(() => platform.close());
  t.match(await platform.answering((sql) => sql`delete from participants`), { code: 'internal' });
  t.match(await platform.answering((sql) => sql`select * from messages`), { code: 'internal' });
});
