/** Whatever way search_messages() takes, it finds what a plain statement finds. */
import t from 'tap';
import { migrate } from '../../../../src/adapters/postgres/migrate.ts';
import { openPool } from '../../../../src/adapters/postgres/pool.ts';
import { openMessageSearch } from '../../../../src/adapters/postgres/search/message-search.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { readSearchedWords } from '../../../../src/domain/searched-words.ts';
import type { TenantMessageQuery } from '../../../../src/ports/conversations/message-search.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { type Owner, openOwner } from '../../../kit/servers/owner.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';

t.setTimeout(180_000);

const conversations = 40;
const messages = 12_000;

/** `everyone` is in all conversations, `some` in every fourth, `few` in one. */
async function load(sql: Owner): Promise<void> {
  await sql`
    insert into conversations (tenant_id, conversation_id, status, position, seq, updated_us)
    select 'a', 'c' || n, 'open', 301, 300, 0 from generate_series(0, ${conversations - 1}::int) n`;
  await sql`
    insert into participants (
      tenant_id, conversation_id, principal_id, active, kind, role, joined_us, joined_seq, position, role_position
    )
    select 'a', 'c' || n, who, true, 'user', 'member', 1, 0, 1, 1
    from generate_series(0, ${conversations - 1}::int) n, unnest(array['everyone', 'some', 'few']) who
    where who = 'everyone' or (who = 'some' and n % 4 = 0) or (who = 'few' and n = 3)`;
  await sql`
    insert into messages (
      tenant_id, conversation_id, seq, position, log_seq, event_id, message_id, kind, sender_id, sender_kind, at_us,
      content, content_type, data, searchable, deleted_us
    )
    select 'a', 'c' || (i % ${conversations}::int), i / ${conversations}::int + 1, i / ${conversations}::int + 2, i,
      'e' || i, 'm' || i, 'message', 'p' || (i % 7), 'user', 1000000 + (i / 3) * 10,
      'word' || (hashint4(i) & 3) || ' part' || (hashint4(i + 1) & 63) || case when i < 900 then ' early' else '' end
        || case when i % 2500 = 9 then ' rare' else '' end,
      'text', case when i % 11 = 0 then '{"metadata":{"is_internal":true}}' else '{"metadata":{}}' end::json, true,
      case when i % 13 = 0 then 5 end
    from generate_series(0, ${messages - 1}::int) i`;
  await sql`insert into blocks values ('a', 'everyone', 'p3', 1), ('a', 'some', 'p4', 1)`;
  await sql`insert into conversation_marks values ('a', 'everyone', 'c5', 250), ('a', 'some', 'c4', 290)`;
  await sql`analyze`;
}

/** Slow and obvious. */
async function plainly(
  sql: Owner,
  reader: string | null,
  query: TenantMessageQuery,
  words: string,
  limit: number,
): Promise<string[]> {
  const rows = await sql<{ message_id: string }[]>`
    select m.message_id from messages m
    where m.tenant_id = ${query.tenant} and m.search @@ websearch_to_tsquery('simple', ${words})
      and m.deleted_us is null and m.data -> 'metadata' ->> 'is_internal' is null
      and (${reader}::text is null or exists (
        select from participants p where p.tenant_id = m.tenant_id and p.conversation_id = m.conversation_id
          and p.principal_id = ${reader} and p.active
      ))
      and not exists (
        select from blocks b where b.tenant_id = m.tenant_id and b.principal_id = ${reader}
          and b.blocked_id = m.sender_id
      )
      and not exists (
        select from conversation_marks k where k.tenant_id = m.tenant_id and k.principal_id = ${reader}
          and k.conversation_id = m.conversation_id and k.cleared_seq >= m.seq
      )
      and (${query.sender}::text is null or m.sender_id = ${query.sender}::text)
      and (${query.conversation}::text is null or m.conversation_id = ${query.conversation}::text)
    order by m.at_us desc, m.message_id desc limit ${limit}`;
  return rows.map(({ message_id }) => message_id);
}

t.test('rare and common words, of readers of much and of little, page by page', async (t) => {
  const { url } = await startPostgres(t);
  await migrate(url, silentLogger());
  const sql = openOwner(t, url);
  await load(sql);
  const pool = openPool({ url, role: 'parley_requests', max: 1, log: silentLogger() });
  t.teardown(() => pool.close());
  const search = openMessageSearch(pool);
  const narrower = [{}, { sender: 'p2' }, { conversation: 'c4' }] as const;
  for (const reader of ['everyone', 'some', 'few', 'nobody', null])
    for (const words of [
      'word1',
      'part9',
      'early',
      'rare',
      'word1 part9',
      'early or rare',
      'word1 -part9',
      'absent',
    ])
      for (const narrow of narrower) {
        const query: TenantMessageQuery = {
          ...{
            tenant: 'a',
            isPerson: true,
            words: readSearchedWords(words),
            env: null,
            service: null,
          },
          ...{
            conversation: null,
            beforeSeq: null,
            sender: null,
            contentType: null,
            after: null,
            before: null,
          },
          ...{ below: null, limit: 10, ...narrow },
        };
        const found: string[] = [];
        let { below } = query;
        for (let page = 0; page < 3; page += 1) {
          const answer =
            reader === null
              ? await search.findInTenant({ ...query, below })
              : await search.find({ ...query, reader, below });
          if (answer instanceof Problem) throw answer;
          for (const { event } of answer.entries)
            if (event.type === 'message.posted') found.push(event.data.message_id);
          below = answer.next;
          if (below === null) break;
        }
        const wanted = await plainly(sql, reader, query, words, 30);
        t.same(found, wanted, `${reader ?? 'all'}: ${words} ${JSON.stringify(narrow)}: ${wanted.length}`);
      }
});
