/** Whose voice `tail`, `send` and `replay` speak with: a node's address and a token for it. */
import type { Command } from 'commander';
import { ParleyProblem, type Session, signIn, type TokenSource } from '../../client/node.ts';
import { type DevFile, readDevFile } from '../dev-file.ts';
import { Failure, sentenceOf } from '../failure.ts';

export interface Account {
  /** `http(s)://host:port`, without a slash at the end. */
  readonly url: string;
  /** An access token or API key; of a login, who renews it. */
  readonly token: string | TokenSource;
  /** What it means that the node does not know this account. */
  readonly whenRefused: string;
}

/** A token for a request of one's own. */
export async function tokenOf({ token }: Account): Promise<string> {
  return typeof token === 'string' ? token : await token({ isRefused: false });
}

export interface AccountOptions {
  readonly url?: string;
  readonly token?: string;
  readonly email?: string;
  readonly password?: string;
  readonly dataDir?: string;
}

/** The options that every command has which talks to a node. */
export function withAccountOptions(command: Command): Command {
  return command
    .option('--url <url>', 'node to talk to (default: $PARLEY_URL, else the one `parley dev` runs)')
    .option('--token <token>', 'access token or API key (default: $PARLEY_TOKEN)')
    .option('--email <email>', 'log in with this address instead of a token')
    .option('--password <password>', 'password for --email (default: $PARLEY_PASSWORD)')
    .option('--data-dir <path>', 'where `parley dev` keeps its data (default: $DATA_DIR, else ./.data)');
}

/**
 * The account that the options name: a token, a login, or what `parley dev` left in its data directory.
 * The password of that file is only ever sent to the address in the same file.
 */
export async function openAccount(options: AccountOptions, env: NodeJS.ProcessEnv): Promise<Account> {
  const { url, kept, runsAt } = await nodeUrl(options, env);
  const token = options.token ?? (options.email === undefined ? env['PARLEY_TOKEN'] : undefined);
  if (token !== undefined && token !== '') return accountOfToken(url, token);
  const password = options.password ?? env['PARLEY_PASSWORD'];
  if (options.email !== undefined && password !== undefined) return byLogin(url, options.email, password);
  if (options.email !== undefined) throw new Failure('--email needs --password or $PARLEY_PASSWORD', 2);
  if (kept !== null) return byLogin(url, kept.email, kept.password);
  throw new Failure(
    `who speaks? give --token, $PARLEY_TOKEN, or --email with --password${found(url, runsAt)}`,
    2,
  );
}

/** Why the administrator of `parley dev` was not taken, which needs no words else. */
export function found(url: string, runsAt: string | null): string {
  if (runsAt === null)
    return '; or start `parley dev`, whose administrator is found by itself (in its directory, or with --data-dir)';
  return `: the administrator who is found by itself is that of ${runsAt}, and not of ${url}`;
}

/** The node that is meant; `kept` is the login that `parley dev` left for exactly this address, `runsAt` where it is. */
export async function nodeUrl(
  options: AccountOptions,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly url: string; readonly kept: DevFile | null; readonly runsAt: string | null }> {
  const kept = await readDevFile(options.dataDir ?? env['DATA_DIR'] ?? './.data');
  const url = trimmed(
    options.url ?? env['PARLEY_URL'] ?? kept?.url ?? `http://127.0.0.1:${env['PORT'] ?? '3000'}`,
  );
  const runsAt = kept === null ? null : trimmed(kept.url);
  return { url, kept: runsAt === url ? kept : null, runsAt };
}

function trimmed(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw new Failure(`not an http(s) URL: ${url}`, 2);
  return url.replace(/\/+$/, '');
}

export function accountOfToken(url: string, token: string): Account {
  return { url, token, whenRefused: 'the node refused the token: it is wrong, expired or revoked' };
}

/** Logs in when a token is needed, and again when somebody ended the session. */
function byLogin(url: string, email: string, password: string): Account {
  let session: Promise<Session> | null = null;
  const signedIn = (): Promise<Session> => {
    session ??= signIn({ url, email, password }).catch((error: unknown) => {
      session = null;
      throw error;
    });
    return session;
  };
  return {
    url,
    async token(why) {
      const used = await signedIn();
      try {
        return await used.token(why);
      } catch (error) {
        if (!(error instanceof ParleyProblem && error.code === 'unauthenticated')) throw error;
        session = null;
        return await (await signedIn()).token({ isRefused: false });
      }
    },
    whenRefused: wrongLogin(url, email),
  };
}

function wrongLogin(url: string, email: string): string {
  return `wrong password, or nobody is called ${email} at ${url}`;
}

/** A session of its own. Throws a Failure. */
export async function openSession(url: string, email: string, password: string): Promise<Session> {
  try {
    return await signIn({ url, email, password });
  } catch (error) {
    if (!(error instanceof ParleyProblem)) throw error;
    const { code, message, cause } = error;
    if (code === 'unauthenticated') throw new Failure(wrongLogin(url, email), 1, { cause: error });
    if (code === 'disconnected') throw unreachable(url, cause);
    throw new Failure(`the login at ${url} was refused: ${code}: ${message}`, 1, { cause: error });
  }
}

/** Nobody listens there: the sentence that says what to do. */
export function unreachable(url: string, error: unknown): Failure {
  return new Failure(`no Parley answers at ${url} (${sentenceOf(error)}); start one with \`parley dev\``, 1, {
    cause: error,
  });
}
