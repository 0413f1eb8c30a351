/** `parley token`: an access token for scripts, by password or, for who has the database, without one. */
import { Command } from 'commander';
import { openClock } from '../../adapters/system/clock.ts';
import { openIdSource } from '../../adapters/system/id-source.ts';
import { openIdentitySide } from '../../compose/identity/identity-side.ts';
import { keyWrapOf } from '../../compose/key-wrap-of.ts';
import { openReleases } from '../../compose/releases.ts';
import { openIdentityPools } from '../../compose/servers/postgres-side.ts';
import { ownIssuer } from '../../config/external-identity-variables.ts';
import { Problem } from '../../domain/problem.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { findMasterKey } from '../master-key.ts';
import { print, printJson } from '../output.ts';
import { quietLogger } from '../quiet-logger.ts';
import { readConfig } from '../read-config.ts';
import { findServers, needDatabase } from '../upkeep/servers.ts';
import { type AccountOptions, found, nodeUrl, openSession, withAccountOptions } from './account.ts';

type TokenOptions = AccountOptions & {
  readonly principal?: string;
  readonly tenant?: string;
  readonly json?: boolean;
};

interface Issued {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

export function tokenCommand(): Command {
  const command = new Command('token')
    .description('print an access token for scripts, of a login, or with the database of anybody')
    .option('--principal <id>', 'the person, without a password; needs --tenant and DATABASE_URL')
    .option('--tenant <id>', 'the tenant of --principal')
    .option('--json', 'print access token, refresh token and lifetime as JSON');
  withAccountOptions(command).action(async (options: TokenOptions) => {
    const issued = await issue(options);
    if (options.json === true) printJson(issued);
    else print(issued.access_token);
  });
  return explain(command, {
    notes: [
      'It is valid for 15 minutes. Programs that run for longer use API keys: `parley admin keys create`.',
    ],
    json: '`{"access_token","refresh_token","expires_in"}`, the last in seconds.',
    examples: [
      ['token', 'of the administrator of the running `parley dev`'],
      [
        'token --url https://chat.example.com --email ann@example.com',
        'with the password in $PARLEY_PASSWORD',
      ],
      ['token --tenant TENANT --principal ID', 'of anybody, without a password, through DATABASE_URL'],
    ],
  });
}

async function issue(options: TokenOptions): Promise<Issued> {
  const { principal, tenant } = options;
  if ((principal === undefined) !== (tenant === undefined)) {
    throw new Failure('--principal and --tenant go together', 2);
  }
  if (principal !== undefined && tenant !== undefined) return fromDatabase(tenant, principal);
  const { url, email, password } = await loginOf(options);
  const session = await openSession(url, email, password);
  const access_token = await session.token({ isRefused: false });
  return { access_token, refresh_token: session.kept.refresh_token, expires_in: session.expiresInSec };
}

async function loginOf(options: TokenOptions): Promise<{ url: string; email: string; password: string }> {
  const { url, kept, runsAt } = await nodeUrl(options, process.env);
  const password = options.password ?? process.env['PARLEY_PASSWORD'];
  if (options.email !== undefined && password !== undefined) return { url, email: options.email, password };
  if (options.email === undefined && kept !== null)
    return { url, email: kept.email, password: kept.password };
  const advice = options.email === undefined ? found(url, runsAt) : ' or $PARLEY_PASSWORD';
  throw new Failure(`give --principal with --tenant, or --email with --password${advice}`, 2);
}

/** Opens a session as a login does, with the keys that every node signs with. */
async function fromDatabase(tenant: string, principal: string): Promise<Issued> {
  const config = readConfig();
  const url = needDatabase(await findServers(config, config.dataDir));
  const masterKey = await findMasterKey(config, url);
  const releases = openReleases(quietLogger);
  try {
    const identity = await openIdentitySide(
      {
        pools: await openIdentityPools(url, quietLogger, releases),
        link: alone,
        clock: openClock(),
        ids: openIdSource(),
        logger: quietLogger,
        issuer: ownIssuer(config),
        refreshReuseGraceMs: config.refreshReuseGraceMs,
        isRateLimited: false,
        wrap: keyWrapOf({ ...config, masterKey }),
      },
      releases,
    );
    const issued = await identity.signIn.issueTokenFor(tenant, principal);
    if (issued instanceof Problem) throw new Failure(`no token: ${issued.message}`);
    const { accessToken, refreshToken, expiresInSec } = issued.tokens;
    return { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresInSec };
  } finally {
    await releases.close();
  }
}

/** This command is no node: nobody asks it, and a new session is nothing others must know of. */
const alone: NodeLink = {
  node: 'parley-token',
  ask: async () => null,
  askAny: async () => false,
  tell: () => undefined,
  onAsk: () => undefined,
  onTell: () => undefined,
};
