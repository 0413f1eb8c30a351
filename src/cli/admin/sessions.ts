/** `parley admin sessions`: where a person is signed in. */
import { Command } from 'commander';
import { canonicalEmail } from '../../core/identity/new-records.ts';
import { isUuid } from '../../domain/ids.ts';
import type { SessionRecord } from '../../ports/identity/identity-records.ts';
import type { Credential } from '../../ports/identity/identity-store.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { print, printJson } from '../output.ts';
import { type Database, done, entryOfCommand, onDatabase } from './database.ts';
import { allRows } from './operator.ts';
import { type JsonOption, printRows, timeOf } from './rows.ts';

export function sessionsCommand(): Command {
  return new Command('sessions')
    .description('where a person is signed in: list, end')
    .addCommand(listCommand())
    .addCommand(endCommand());
}

/** Who logs in so; ends the command when nobody does. */
export async function credentialOf(store: Database['store'], email: string): Promise<Credential> {
  const credential = done(await store.principals.credential(canonicalEmail(email)));
  if (credential === null) throw new Failure(`nobody logs in as ${email}`);
  return credential;
}

function listCommand(): Command {
  const command = new Command('list')
    .description('the live sessions of a person, oldest first')
    .argument('<email>', 'as the person logs in')
    .option('--json', 'print a line of JSON for each')
    .action(async (email: string, { json }: JsonOption) => {
      const sessions = await onDatabase(async ({ store, clock }) => {
        const { tenant, principal } = await credentialOf(store, email);
        return allRows((query) => store.sessions.list(tenant, principal, clock.nowMicros(), query));
      });
      printRows(sessions.map(rowOf), json);
    });
  return explain(command, {
    notes: [
      'One for each login. Each use of its refresh token or cookie moves `expires_at`, but never beyond `ends_at`.',
    ],
    json: 'a line for each: `{"id","created_at","expires_at","ends_at"}`.',
    examples: [['admin sessions list ann@example.com', 'which there are']],
  });
}

function rowOf({ id, createdAt, expiresAt, endsAt }: SessionRecord) {
  return { id, created_at: timeOf(createdAt), expires_at: timeOf(expiresAt), ends_at: timeOf(endsAt) };
}

function endCommand(): Command {
  const command = new Command('end')
    .description('sign a person out of one session')
    .argument('<email>', 'as the person logs in')
    .argument('<id>', 'of the session (`parley admin sessions list`)')
    .option('--json', 'print the session as JSON')
    .action(async (email: string, given: string, { json }: JsonOption) => {
      const id = given.toLowerCase();
      const { tenant, principal } = await onDatabase((database) => end(database, email, id));
      if (json === true) printJson({ tenant_id: tenant, principal_id: principal, id, ended: true });
      else print(`session ${id} of ${principal} has ended`);
    });
  return explain(command, {
    notes: [
      'Its access tokens, refresh token, cookie and sockets end within a second. All of them at once: `parley admin users sign-out`.',
    ],
    json: '`{"tenant_id","principal_id","id","ended":true}`.',
    examples: [['admin sessions end ann@example.com ID', 'the laptop that was lost, and not the telephone']],
  });
}

async function end({ store, clock }: Database, email: string, id: string): Promise<Credential> {
  const credential = await credentialOf(store, email);
  const { tenant, principal } = credential;
  const found = isUuid(id) ? done(await store.sessions.load(tenant, id)) : null;
  const now = clock.nowMicros();
  const isLive =
    found !== null &&
    found.principal.id === principal &&
    found.session.revokedAt === null &&
    found.session.expiresAt > now;
  if (!isLive) throw new Failure(`${email} has no session ${id} (\`parley admin sessions list\`)`);
  const detail = { principal };
  const audit = entryOfCommand('sessions end', { tenant, action: 'session.revoked', subject: id, detail });
  done(await store.sessions.revoke(tenant, id, now, audit));
  return credential;
}
