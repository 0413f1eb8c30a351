/** What the chat server keeps in PostgreSQL. Each statement is prepared once a connection, and one round trip. */
import pg from 'pg';

/** As the server answers and broadcasts it. */
export type MessageRow = {
  readonly id: string;
  readonly conversation_id: string;
  /** 1, 2, 3… without a gap in each conversation. */
  readonly sequence: number;
  readonly sender_id: string;
  readonly sender_type: string;
  readonly content: string;
  readonly content_type: string;
  readonly reply_to: string | null;
  readonly metadata: object;
  readonly created_at: string;
};

export type Page = { readonly limit: number; readonly after: number; readonly isDescending: boolean };

/** A connection for each core twice over would be four here; more lets commits share a flush of the log. */
const connectionsMax = 20;

const schema = `
  create table if not exists conversations (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    last_sequence integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create table if not exists participants (
    conversation_id uuid not null references conversations on delete cascade,
    user_id uuid not null,
    primary key (conversation_id, user_id)
  );
  create table if not exists messages (
    id uuid primary key default gen_random_uuid(),
    conversation_id uuid not null references conversations on delete cascade,
    sequence integer not null,
    sender_id uuid not null,
    sender_type text not null,
    content text not null,
    content_type text not null default 'text',
    reply_to uuid,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default clock_timestamp(),
    unique (conversation_id, sequence)
  );`;

const columns = `id, conversation_id, sequence, sender_id, sender_type, content, content_type, reply_to, metadata,
  created_at`;

/** One statement is one transaction: the number is taken and the message stored, or neither. */
const insertMessage = `
  with numbered as (
    update conversations set last_sequence = last_sequence + 1, updated_at = now()
    where id = $1 and exists (select from participants where conversation_id = $1 and user_id = $2)
    returning last_sequence
  )
  insert into messages (conversation_id, sequence, sender_id, sender_type, content, metadata)
  select $1, last_sequence, $2, 'user', $3, $4 from numbered
  returning ${columns}`;

const readPage = (order: 'asc' | 'desc'): string => `
  select ${columns} from messages
  where conversation_id = $1 and sequence > $3
    and exists (select from participants where conversation_id = $1 and user_id = $2)
  order by sequence ${order} limit $4`;

export class ChatStore {
  readonly #pool: pg.Pool;

  private constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** `synchronousCommit` off: a commit is answered before it is on the disk. Makes the schema where it is missing. */
  static async open(url: string, synchronousCommit: 'on' | 'off'): Promise<ChatStore> {
    const options = `-c synchronous_commit=${synchronousCommit}`;
    const pool = new pg.Pool({ connectionString: url, max: connectionsMax, options });
    pool.on('error', (error) => console.error('an idle connection to PostgreSQL failed:', error.message));
    await pool.query(schema);
    return new ChatStore(pool);
  }

  /** Its id; `users` may read it and write to it. */
  async createConversation(name: string, users: readonly string[]): Promise<string> {
    const text = `
      with made as (insert into conversations (name) values ($1) returning id),
      joined as (insert into participants select made.id, who from made, unnest($2::uuid[]) who)
      select id from made`;
    const { rows } = await this.#pool.query<{ id: string }>(text, [name, [...new Set(users)]]);
    return rows[0]!.id;
  }

  async isParticipant(conversation: string, user: string): Promise<boolean> {
    const text = 'select from participants where conversation_id = $1 and user_id = $2';
    const { rowCount } = await this.#pool.query({ name: 'participant', text, values: [conversation, user] });
    return rowCount === 1;
  }

  /** The message as stored; null for one who does not take part. */
  async insert(
    conversation: string,
    user: string,
    content: string,
    metadata: object,
  ): Promise<MessageRow | null> {
    const values = [conversation, user, content, metadata];
    const { rows } = await this.#pool.query<MessageRow>({ name: 'insert', text: insertMessage, values });
    return rows[0] ?? null;
  }

  /** Null for one who does not take part. */
  async read(conversation: string, user: string, page: Page): Promise<readonly MessageRow[] | null> {
    const order = page.isDescending ? 'desc' : 'asc';
    const values = [conversation, user, page.after, page.limit];
    const { rows } = await this.#pool.query<MessageRow>({
      name: `read ${order}`,
      text: readPage(order),
      values,
    });
    return rows.length > 0 || (await this.isParticipant(conversation, user)) ? rows : null;
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
