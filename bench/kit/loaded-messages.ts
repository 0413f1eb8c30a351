/**
 * Messages of one tenant as the projector would have written them, loaded set-wise into Parley's own PostgreSQL:
 * through the log a million would take two minutes at the least. Only what reads the projection alone can be
 * measured on them.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

const batch = 100_000;
/** 1 January 2024. */
const firstUs = 1_704_067_200_000_000;

export interface Loaded {
  readonly tenant: string;
  readonly conversations: number;
  readonly messages: number;
  /** In all conversations. */
  readonly everywhere: string;
  /** In every tenth conversation. */
  readonly somewhere: string;
}

/** Of the embedded server below `dataDir`; its postmaster.pid tells the port. */
export async function databaseUrl(dataDir: string): Promise<string> {
  const dir = join(dataDir, 'postgres');
  const [password, pidFile] = await Promise.all([
    readFile(join(dir, 'password'), 'utf8'),
    readFile(join(dir, 'data', 'postmaster.pid'), 'utf8'),
  ]);
  return `postgres://parley:${password.trim()}@127.0.0.1:${pidFile.split('\n')[3]}/parley`;
}

/**
 * Twelve words of a vocabulary of 50,000 each, and of them all: `common` in 30 %, `frequent` in 3 %, `usual` in 1 %,
 * `seldom` in 0.1 %, `needle` in one of 50,000.
 */
export async function loadMessages(dataDir: string, loaded: Loaded): Promise<void> {
  const { tenant, conversations, messages, everywhere, somewhere } = loaded;
  const client = new pg.Client({ connectionString: await databaseUrl(dataDir) });
  await client.connect();
  try {
    await client.query(
      `insert into conversations (tenant_id, conversation_id, status, position, seq, updated_us)
       select $1, 'bench-' || n, 'open', $3::int + 1, $3::int, $4 from generate_series(0, $2::int - 1) n`,
      [tenant, conversations, Math.ceil(messages / conversations), firstUs + messages * 1_000_000],
    );
    await client.query(
      `insert into participants (tenant_id, conversation_id, principal_id, active, kind, role, joined_us,
         joined_seq, position, role_position)
       select $1, 'bench-' || n, who, true, 'user', 'member', 1, 0, 1, 1
       from generate_series(0, $2::int - 1) n, unnest(array[$3, $4]) who where who = $3 or n % 10 = 0`,
      [tenant, conversations, everywhere, somewhere],
    );
    for (let from = 0; from < messages; from += batch) await loadBatch(client, loaded, from);
    // What waits for the index on words enters it, and the planner learns of what there is.
    await client.query('vacuum analyze messages, conversations, participants');
  } finally {
    await client.end();
  }
}

async function loadBatch(client: pg.Client, { tenant, conversations, messages }: Loaded, from: number) {
  await client.query(
    `insert into messages (tenant_id, conversation_id, seq, position, log_seq, event_id, message_id, kind,
       sender_id, sender_kind, at_us, content, content_type, data, searchable)
     select $1, 'bench-' || (hashint4(i + 1000003) & 2147483647) % $2::int, i, i + 1, i, 'e' || i, 'm' || i, 'message',
       'sender-' || i % 50, 'user', $3::bigint + i * 1000000::bigint,
       (
         select string_agg('w' || floor(50000 * power((hashint4(i * 13 + k) & 65535) / 65536.0, 3)), ' ')
         from generate_series(1, 12) k
       )
       || case when hashint4(i) & 1023 < 307 then ' common' else '' end
       || case when hashint4(i + 7) & 1023 < 31 then ' frequent phrase' else '' end
       || case when hashint4(i + 8) & 1023 < 10 then ' usual' else '' end
       || case when hashint4(i + 9) & 1023 < 1 then ' seldom' else '' end
       || case when i % 50000 = 17 then ' needle' else '' end,
       'text', '{"metadata":{},"priority":"normal","data_class":"none"}', true
     from generate_series($4::int, $5::int) i`,
    [tenant, conversations, firstUs, from, Math.min(from + batch, messages) - 1],
  );
}
