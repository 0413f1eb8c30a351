import type { AgentLogEntry, AgentMemory, TurnRecords } from '../../../ports/agents/agent-records.ts';
import type { Sql } from '../pool.ts';
import { booleans, numbers, texts } from '../projection/array-literal.ts';

/**
 * One statement. What is there already stays, except that a run that was only begun ends. Of messages that are deleted
 * by now nothing is remembered: the projector, which has deleted what there was, does not come again.
 */
export async function addTurn(sql: Sql, { run, logs, memories }: TurnRecords): Promise<null> {
  const { counts } = run;
  const { tenant, columns } = logColumns(logs);
  const kept = memoryColumns(memories);
  await sql`
    with run as (
      insert into agent_runs as r (
        tenant_id, run_id, agent_id, conversation_id, room_id, message_id, entity_id, status, outcome, started_us,
        ended_us, actions, model_calls, errors, evaluators, metadata, events
      ) values (
        ${run.tenant}, ${run.id}, ${run.agent}, ${run.conversation}, ${run.room}, ${run.message}, ${run.entity},
        ${run.status}, ${run.outcome}, ${run.startedAt}, ${run.endedAt}, ${counts.actions}, ${counts.modelCalls},
        ${counts.errors}, ${counts.evaluators}, ${JSON.stringify(run.metadata)}::text::json,
        ${JSON.stringify(run.events)}::text::json
      )
      on conflict (tenant_id, run_id) do update set
        status = excluded.status, outcome = excluded.outcome, ended_us = excluded.ended_us,
        actions = excluded.actions, model_calls = excluded.model_calls, errors = excluded.errors,
        evaluators = excluded.evaluators, metadata = excluded.metadata, events = excluded.events
      where r.status = 'started' and excluded.status <> 'started'
    ),
    memory as (
      insert into agent_memories (
        tenant_id, id, agent_id, table_name, room_id, conversation_id, message_id, entity_id, world_id, content,
        is_unique, metadata, created_us
      )
      select v.*
      from unnest(
        ${kept.tenant}::text[], ${kept.id}::uuid[], ${kept.agent}::text[], ${kept.table}::text[],
        ${kept.room}::text[], ${kept.conversation}::text[], ${kept.message}::text[], ${kept.entity}::text[],
        ${kept.world}::text[], ${kept.content}::json[], ${kept.unique}::boolean[], ${kept.metadata}::json[],
        ${kept.at}::bigint[]
      ) as v (
        tenant_id, id, agent_id, table_name, room_id, conversation_id, message_id, entity_id, world_id, content,
        is_unique, metadata, created_us
      )
      where not exists (
        select from messages m
        where m.tenant_id = v.tenant_id and m.conversation_id = v.conversation_id
          and m.message_id = v.message_id and m.deleted_us is not null
      ) and not exists (
        select from conversations c
        where c.tenant_id = v.tenant_id and c.conversation_id = v.conversation_id and c.status = 'deleted'
      )
      on conflict (tenant_id, id) do nothing
    )
    insert into agent_logs (
      tenant_id, id, agent_id, at_us, type, level, body, conversation_id, room_id, entity_id, run_id
    )
    select * from unnest(
      ${tenant}::text[], ${columns.id}::uuid[], ${columns.agent}::text[], ${columns.at}::bigint[],
      ${columns.type}::text[], ${columns.level}::text[], ${columns.body}::json[], ${columns.conversation}::text[],
      ${columns.room}::text[], ${columns.entity}::text[], ${columns.run}::text[]
    )
    on conflict (tenant_id, id) do nothing`;
  return null;
}

function logColumns(logs: readonly AgentLogEntry[]) {
  const columns = {
    id: texts(logs.map(({ id }) => id)),
    agent: texts(logs.map(({ agent }) => agent)),
    at: numbers(logs.map(({ at }) => at)),
    type: texts(logs.map(({ type }) => type)),
    level: texts(logs.map(({ level }) => level)),
    body: texts(logs.map(({ body }) => JSON.stringify(body))),
    conversation: texts(logs.map(({ conversation }) => conversation)),
    room: texts(logs.map(({ room }) => room)),
    entity: texts(logs.map(({ entity }) => entity)),
    run: texts(logs.map(({ run }) => run)),
  };
  return { tenant: texts(logs.map(({ tenant }) => tenant)), columns };
}

function memoryColumns(memories: readonly AgentMemory[]) {
  return {
    tenant: texts(memories.map(({ tenant }) => tenant)),
    id: texts(memories.map(({ id }) => id)),
    agent: texts(memories.map(({ agent }) => agent)),
    table: texts(memories.map(({ table }) => table)),
    room: texts(memories.map(({ room }) => room)),
    conversation: texts(memories.map(({ conversation }) => conversation)),
    message: texts(memories.map(({ message }) => message)),
    entity: texts(memories.map(({ entity }) => entity)),
    world: texts(memories.map(({ world }) => world)),
    content: texts(memories.map(({ content }) => JSON.stringify(content))),
    unique: booleans(memories.map(({ isUnique }) => isUnique)),
    metadata: texts(memories.map(({ metadata }) => JSON.stringify(metadata))),
    at: numbers(memories.map(({ createdAt }) => createdAt)),
  };
}
