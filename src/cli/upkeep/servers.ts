/** Which NATS and which Postgres a command works on: the environment's, else those of a running `parley dev`. */
import { readDevFile } from '../dev-file.ts';
import { Failure } from '../failure.ts';

export interface Servers {
  /** Null: neither set nor running. */
  readonly natsUrl: string | null;
  /** Path of a credentials file for it. */
  readonly natsCreds: string | null;
  readonly databaseUrl: string | null;
}

export async function findServers(
  config: Pick<Servers, 'natsUrl' | 'natsCreds' | 'databaseUrl'>,
  dataDir: string,
): Promise<Servers> {
  const dev = await readDevFile(dataDir);
  return {
    natsUrl: config.natsUrl ?? dev?.natsUrl ?? null,
    natsCreds: config.natsUrl === null ? dev?.natsCreds || null : config.natsCreds,
    databaseUrl: config.databaseUrl ?? dev?.databaseUrl ?? null,
  };
}

/** The Postgres that a command cannot do without. */
export function needDatabase({ databaseUrl }: Servers): string {
  if (databaseUrl !== null) return databaseUrl;
  throw new Failure('set DATABASE_URL, or start `parley dev` first (then its database is used)');
}

/** The NATS that a command cannot do without. */
export function needNats({ natsUrl }: Servers): string {
  if (natsUrl !== null) return natsUrl;
  throw new Failure('set NATS_URL, or start `parley dev` first (then its nats-server is used)');
}
