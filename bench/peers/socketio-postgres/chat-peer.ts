/** The Socket.IO and PostgreSQL chat server on loopback with a PostgreSQL of its own; close() leaves nothing of it. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPostgres } from '../../../src/adapters/embedded/postgres-server.ts';
import { startBeside } from '../../kit/beside-process.ts';
import type { Closers } from '../../kit/closers.ts';
import { type CpuReader, cpuOf, descendantsCpuMs } from '../../kit/references/process-usage.ts';
import { makeToken } from './chat-tokens.ts';

export type ChatPeer = {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** The same database, but a commit is answered before it is on the disk. */
  readonly unsyncedUrl: string;
  /** Of the server, of PostgreSQL with its backends. */
  readonly cpu: { readonly server: CpuReader; readonly postgres: CpuReader };
  /** A user's bearer token; any UUID is a user. */
  token(user: string): Promise<string>;
};

type Ready = { readonly url: string };

/** PostgreSQL has its default settings: an answered commit is on the disk. What is opened is given to `closers`. */
export async function openChatPeer(closers: Closers): Promise<ChatPeer> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-bench-chat-'));
  closers.add(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  await chmod(dir, 0o711); // PostgreSQL runs as another account where we are root
  const postgres = await openPostgres({ dataDir: dir });
  closers.add(() => postgres.close());
  const secret = randomBytes(32).toString('hex');
  const start = async (synchronousCommit: 'on' | 'off') => {
    const script = fileURLToPath(new URL('./serve-chat.js', import.meta.url));
    const started = await startBeside<Ready>('the Socket.IO and PostgreSQL server', script, [], {
      environment: {
        CHAT_DATABASE_URL: postgres.url,
        CHAT_SECRET: secret,
        CHAT_SYNCHRONOUS_COMMIT: synchronousCommit,
      },
      // As Parley is started.
      run: { execArgv: ['--enable-source-maps', '--max-semi-space-size=32', '--heap-growing-percent=100'] },
    });
    closers.add(() => started.close());
    return started;
  };
  const server = await start('on');
  const unsynced = await start('off');
  const backends = (): number | undefined => descendantsCpuMs(postgres.pid);
  return {
    url: server.ready.url,
    unsyncedUrl: unsynced.ready.url,
    cpu: {
      server: cpuOf(server.pid),
      postgres: () => (cpuOf(postgres.pid)() ?? 0) + (backends() ?? 0),
    },
    token: (user) => makeToken(secret, user),
  };
}
