/** What Postgres alone knows, of one moment, as one file for each table. Nodes may work meanwhile. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { asOwner, type OwnerTransaction } from './owner-connection.ts';
import { truthTables } from './truth-tables.ts';

export interface DumpedTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly file: string;
}

export interface DatabaseDump {
  /** Names of the migrations that the schema has run. */
  readonly migrations: readonly string[];
  /** In the order in which they can be filled. */
  readonly tables: readonly DumpedTable[];
}

const newline = 10;

/** Writes `<table>.copy.gz` into the directory. Rejects when Postgres is away. */
export function dumpTables(
  url: string,
  dir: string,
  onTable: (done: number, total: number) => void = () => undefined,
): Promise<DatabaseDump> {
  return asOwner(url, (sql) =>
    sql.begin('isolation level repeatable read read only', async (tx) => {
      const ran = await tx<{ name: string }[]>`select name from schema_migrations order by id`;
      const tables: DumpedTable[] = [];
      const names = await truthTables(tx);
      for (const name of names) {
        tables.push(await dumpTable(tx, name, dir));
        onTable(tables.length, names.length);
      }
      return { migrations: ran.map((row) => row.name), tables };
    }),
  );
}

async function dumpTable(tx: OwnerTransaction, name: string, dir: string): Promise<DumpedTable> {
  const found = await tx<{ column: string }[]>`
    select attname as column from pg_attribute
    where attrelid = ${name}::regclass and attnum > 0 and not attisdropped and attgenerated = ''
    order by attnum`;
  const columns = found.map(({ column }) => column);
  const file = `${name}.copy.gz`;
  let rows = 0;
  // A line of COPY is a row: line ends in texts are escaped.
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) rows += 1;
      done(null, chunk);
    },
  });
  const lines = await tx`copy ${tx(name)} (${tx(columns)}) to stdout`.readable();
  await pipeline(
    lines,
    count,
    createGzip(),
    createWriteStream(join(dir, file), { flags: 'wx', mode: 0o600 }),
  );
  // The driver stops reading its connection when the stream is full, and goes on when somebody asks the stream for more.
  // Nobody does when the last rows filled it: then the end of this statement would never be read.
  lines._read(0);
  return { name, columns, rows, file };
}
