/** A database with two tenants, `a` and `b`. What belongs to `a` says so: its texts hold the word canary. */
import { migrate } from '../../../../src/adapters/postgres/migrate.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';
import { type Owner, openOwner } from '../../../kit/servers/owner.ts';
import { startPostgres } from '../../../kit/servers/postgres.ts';
import type { Teardown } from '../../../kit/temporary.ts';

/** Ids of a's things. Those of b end in `b`. */
export const ids = {
  session: '00000000-0000-7000-8000-00000000000a',
  key: '00000000-0000-7000-8000-0000000000aa',
  conversation: 'conversation-a',
  message: 'message-a',
  /** Of the conversation; what ended; what nobody needs any more. */
  opened: '00000000-0000-4000-8000-00000000000a',
  ended: '00000000-0000-4000-8000-0000000000aa',
  spent: '00000000-0000-4000-8000-000000000aaa',
  /** Timed sessions: one that goes on, one that is removed, one whose time is up. */
  timed: '00000000-0000-4000-8000-0000000000ac',
  timedOut: '00000000-0000-4000-8000-0000000000ad',
  timedLate: '00000000-0000-4000-8000-0000000000ae',
  server: '00000000-0000-4000-8000-0000000000b1',
  serverRemoved: '00000000-0000-4000-8000-0000000000b2',
  /** A job that is under way, and one that is removed. */
  job: '00000000-0000-4000-8000-0000000000af',
  jobGone: '00000000-0000-4000-8000-0000000000ba',
  world: '00000000-0000-4000-8000-00000000aaaa',
  /** An endpoint, and one that is removed. */
  webhook: '00000000-0000-4000-8000-00000000aaab',
  /** An invite that is revoked: the beginning of its digest. */
  inviteGone: Buffer.from('the gone').toString('hex'),
  webhookGone: '00000000-0000-4000-8000-00000000aaac',
} as const;

export const digest = (text: string): Buffer => Buffer.from(text.padEnd(32, '.'));
/** Far ahead of every clock. */
export const endUs = 4_000_000_000_000_000;

export async function startTwoTenants(t: Teardown): Promise<{ url: string; sql: Owner }> {
  const { url } = await startPostgres(t);
  await migrate(url, silentLogger());
  const sql = openOwner(t, url);
  await seedIdentity(sql);
  await seedProjection(sql);
  return { url, sql };
}

async function seedIdentity(sql: Owner): Promise<void> {
  await sql`
    insert into tenants (id, name, slug, created_us)
    values ('a', 'canary of a', 'a', 1), ('b', 'tenant b', 'b', 1)`;
  await sql`
    insert into principals (tenant_id, id, kind, display_name, role, is_default_agent, created_us) values
      ('a', 'ann', 'user', 'canary Ann', 'owner', false, 1), ('a', 'robot', 'agent', 'canary robot', 'member', true, 2),
      ('a', 'spare', 'agent', 'canary spare', 'member', false, 3),
      ('a', 'guest', 'user', 'canary guest', 'member', false, 0),
      ('b', 'ben', 'user', 'Ben', 'owner', false, 1), ('b', 'bot', 'agent', 'bot', 'member', true, 2)`;
  await sql`insert into agent_characters values ('a', 'robot', '{"name":"canary robot"}', 1)`;
  await sql`
    insert into credentials (email, password_hash, tenant_id, principal_id, changed_us) values
      ('ann@canary.example', 'hash of ann', 'a', 'ann', 1), ('ben@example.org', 'hash of ben', 'b', 'ben', 1)`;
  await sql`
    insert into sessions (id, tenant_id, principal_id, created_us, expires_us, ends_us) values
      (${ids.session}, 'a', 'ann', 1, ${endUs}, ${endUs}),
      ('00000000-0000-7000-8000-00000000000b', 'b', 'ben', 1, ${endUs}, ${endUs})`;
  await sql`
    insert into api_keys (id, tenant_id, principal_id, name, prefix, sha256, kind, scopes, created_by, created_us)
    values (${ids.key}, 'a', 'robot', 'canary key', 'canary', ${digest('key a')}, 'agent', '{}', 'ann', 1)`;
  await sql`
    insert into invites (sha256, tenant_id, role, email, created_by, created_us, expires_us)
    values (${digest('invite a')}, 'a', 'member', 'canary@example.org', 'ann', 1, ${endUs}),
      (${digest('the gone one')}, 'a', 'member', 'gone@canary.example', 'ann', 1, ${endUs})`;
  await sql`insert into data_keys values ('a', 1, 'canary', 1, null, null)`;
  await sql`insert into tenant_limits values ('a', 7, 7, 7, 1)`;
  await sql`insert into tenant_settings values ('a', 'canary', 1)`;
  await sql`insert into worlds values ('a', 'robot', ${ids.world}, 'canary', null, '{}', 1)`;
  await sql`insert into audit_entries (tenant_id, action, subject) values ('a', 'key.created', 'canary key')`;
  await sql`
    insert into webhooks (
      tenant_id, id, url, description, event_types, status, secret, created_us, created_by, changed_us
    ) values
      ('a', ${ids.webhook}, 'https://canary.example', 'canary', '{}', 'active', 'canary', 1, 'ann', 1),
      ('a', ${ids.webhookGone}, 'https://canary.example', 'canary', '{}', 'paused', 'canary', 1, 'ann', 1)`;
  await sql`
    insert into webhook_dead_letters values
      ('a', ${ids.webhook}, 'canary 1', 'canary', null, 1, 1, 'message.posted', 10, 500, 'status', 7),
      ('a', ${ids.webhook}, 'canary 2', 'canary', null, 2, 2, 'message.posted', 10, 500, 'status', 8)`;
}

async function seedProjection(sql: Owner): Promise<void> {
  const { conversation, message } = ids;
  await sql`
    insert into conversations (
      tenant_id, conversation_id, status, name, metadata, created_by, position, seq, log_seq, updated_us
    ) values (
      'a', ${conversation}, 'open', 'canary',
      '{"channel":{"type":"telegram","connectionId":"c","chatId":"canary"}}', 'ann', 3, 1, 30, 3
    )`;
  await sql`
    insert into conversations (tenant_id, conversation_id, status, position, former_participants)
    values ('a', 'conversation-gone', 'deleted', 4, '["ann"]')`;
  await sql`
    insert into participants (
      tenant_id, conversation_id, principal_id, active, kind, role, joined_us, joined_seq, position, role_position
    ) values
      ('a', ${conversation}, 'ann', true, 'user', 'owner', 1, 0, 1, 1),
      ('a', ${conversation}, 'robot', true, 'agent', 'member', 1, 0, 1, 1)`;
  await sql`
    insert into messages (
      tenant_id, conversation_id, seq, position, log_seq, event_id, message_id, kind, sender_id, sender_kind, at_us,
      client_id, content_hash, content, content_type, data, edit_count, edited_us, searchable
    ) values (
      'a', ${conversation}, 1, 2, 20, 'event-a', ${message}, 'message', 'robot', 'agent', 2,
      'client-a', 1, 'canary text', 'text', '{"metadata":{},"priority":"normal","data_class":"none"}', 1, 3, true
    )`;
  await sql`
    insert into message_versions (
      tenant_id, conversation_id, message_seq, position, log_seq, event_id, type, at_us, actor_id, actor_kind,
      content, metadata, edit_count
    ) values
      ('a', ${conversation}, 1, 2, 20, 'event-a', 'message.posted', 2, 'robot', 'agent', 'canary once', '{}', 0),
      ('a', ${conversation}, 1, 3, 30, 'edit-a', 'message.edited', 3, 'robot', 'agent', 'canary text', '{}', 1)`;
  await sql`insert into reactions values ('a', ${conversation}, 1, 'ann', 'canary', 3)`;
  await sql`insert into read_cursors values ('a', ${conversation}, 'robot', 1, 1)`;
  await sql`insert into conversation_marks values ('a', 'ann', ${conversation}, 1, 7, 7)`;
  await sql`insert into unread_counts values ('a', 'ann', ${conversation}, 7, 7, 7, 7, 7)`;
  await sql`
    insert into stored_replies values
      ('a', 'ann', 'route', 'done', 1, 'attempt-a', 1, true, 'canary'),
      ('a', 'ann', 'route', 'open', 1, 'attempt-a', 1, false, null)`;
  await sql`
    insert into conversation_sessions values
      ('a', ${ids.opened}, ${conversation}, 'ann', ${ids.session}, 1, ${endUs - 1}, ${endUs}, 3),
      ('a', ${ids.ended}, 'canary ended', 'ann', ${ids.session}, 1, 2, 2, 3),
      ('a', ${ids.spent}, 'canary spent', 'ann', null, 1, null, null, 0)`;
  await sql`
    insert into timed_sessions values
      ('a', ${ids.timed}, ${conversation}, 'robot', 'ann', 'c{"canary":1}', 1, 1, ${endUs}, 0, 30, true, 720, 5),
      ('a', ${ids.timedOut}, ${conversation}, 'robot', 'ann', 'c{"canary":1}', 1, 1, ${endUs}, 0, 30, true, 720, 5),
      ('a', ${ids.timedLate}, ${conversation}, 'robot', 'ann', 'c{"canary":1}', 1, 1, 2, 0, 30, true, 720, 5)`;
  await sql`
    insert into session_notices values
      ('a', ${ids.timed}, 'session.expired', 0, ${conversation}, 'ann', ${endUs}, ${endUs}, 0)`;
  await sql`
    insert into jobs values
      ('a', ${ids.job}, ${conversation}, 'robot', 'ann', 'message-a', null, 'pending', null, 'c{"canary":1}', 1, 2, null),
      ('a', ${ids.jobGone}, ${conversation}, 'robot', 'ann', 'message-a', null, 'pending', null, 'c', 1, 2, null)`;
  await sql`
    insert into message_servers values
      ('a', ${ids.server}, 'canary', 'canary', null, '{"canary":1}', 1, 1),
      ('a', ${ids.serverRemoved}, 'canary', 'canary', null, '{"canary":1}', 1, 1)`;
  await sql`
    insert into message_server_agents values
      ('a', ${ids.server}, 'canary', 1), ('a', ${ids.server}, 'other canary', 1)`;
  await sql`
    insert into agent_runs values (
      'a', 'run-a', 'robot', ${conversation}, 'room', ${message}, 'ann', 'started', null, 1, null, 0, 0, 0, 0,
      '{"canary":true}', '[]'
    )`;
  await sql`
    insert into agent_logs values
      ('a', ${ids.opened}, 'robot', 1, 'canary', 'info', '{}', ${conversation}, 'room', 'ann', 'run-a'),
      ('a', ${ids.ended}, 'robot', 2, 'canary', 'info', '{}', null, null, null, null)`;
  await sql`
    insert into agent_memories values
      ('a', ${ids.opened}, 'robot', 'messages', 'room', ${conversation}, ${message}, 'ann', null, '{"text":"canary"}',
        true, '{}', 1),
      ('a', ${ids.ended}, 'robot', 'messages', 'room', null, null, 'ann', null, '{"text":"canary"}', true, '{}', 1)`;
  await sql`insert into blocks values ('a', 'ann', 'robot', 1)`;
  await sql`
    insert into media (
      tenant_id, id, uploader_id, filename, content_type, size_bytes, status, blob, thumbnail, conversation_id,
      message_id, created_us, expires_us
    ) values
      ('a', 'media-a', 'ann', 'canary', 'image/png', 1, 'ready', 'canary', 'due', null, null, 1, 1),
      ('a', 'media-p', 'ann', 'canary', 'image/png', 1, 'pending', 'canary', 'none', null, null, 1, 1),
      ('a', 'media-q', 'ann', 'canary', 'image/png', 1, 'pending', 'canary', 'none', null, null, 1, 1),
      ('a', 'media-c', 'ann', 'canary', 'image/png', 1, 'ready', 'canary', 'none', 'canary', 'message-c', 1, 1),
      ('a', 'media-d', 'ann', 'canary', 'image/png', 1, 'ready', 'canary', 'none', 'canary', 'message-d', 1, 1)`;
}

/** Every row of these tenants, in every table that has tenants. */
export async function rowsOf(sql: Owner, tenants: readonly string[]): Promise<readonly string[]> {
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r'
      and exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant_id') order by 1`;
  const rows = await sql<{ row: string }[]>`
    select 'tenants ' || row_to_json(t)::text as row from tenants t where id = any(${[...tenants]}) order by 1`;
  const all = rows.map(({ row }) => row);
  for (const { name } of tables) {
    const some = await sql<{ row: string }[]>`
      select ${name} || ' ' || row_to_json(t)::text as row from ${sql(name)} t
      where tenant_id = any(${[...tenants]}) order by 1`;
    all.push(...some.map(({ row }) => row));
  }
  return all;
}
