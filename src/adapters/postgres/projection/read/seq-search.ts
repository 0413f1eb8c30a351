import type { ConversationRef } from '../../../../domain/event.ts';
import type { Sql } from '../../pool.ts';

/**
 * Recursive CTE `<name> (low, high)` whose last row (low = high) holds the greatest seq of the
 * conversation whose `column` is at most `value`, 0 for none. Positions and times grow with seq, so
 * this is a binary search: one probe of the primary key a step, 20 for a million messages.
 */
export function seqSearch(
  sql: Sql,
  name: string,
  ref: ConversationRef,
  column: 'position' | 'at_us',
  value: number,
) {
  return sql`
    ${sql(name)} (low, high) as (
      select 0::bigint, coalesce(max(c.seq), 0) from conversations c
      where c.tenant_id = ${ref.tenant} and c.conversation_id = ${ref.conversation}
      union all
      select
        case when is_before then middle else low end,
        case when is_before then high else middle - 1 end
      from (
        select s.low, s.high, middle, coalesce(probed.value <= ${value}::bigint, true) as is_before
        from ${sql(name)} s
        cross join lateral (select (s.low + s.high + 1) / 2 as middle) as half
        left join lateral (
          select ${sql(`m.${column}`)} as value from messages m
          where m.tenant_id = ${ref.tenant} and m.conversation_id = ${ref.conversation} and m.seq <= middle
          order by m.seq desc limit 1
        ) as probed on true
        where s.low < s.high
      ) as step
    )`;
}

/** What the search found. */
export function foundSeq(sql: Sql, name: string) {
  return sql`(select low from ${sql(name)} where low = high)`;
}
