/** `parley admin users`: people, when nobody of their tenant can or may. */
import { Argument, Command } from 'commander';
import type { TenantRole } from '../../domain/principal.ts';
import type { PrincipalRecord, PrincipalStatus } from '../../ports/identity/identity-records.ts';
import { explain } from '../help.ts';
import { print, printJson } from '../output.ts';
import { type Database, done, entryOfCommand, onDatabase } from './database.ts';
import { allRows, asOperator, operator } from './operator.ts';
import { type JsonOption, printRows, timeOf, withTenant } from './rows.ts';
import { credentialOf } from './sessions.ts';

export function usersCommand(): Command {
  return new Command('users')
    .description('people: list, suspend, activate, change a role, sign out')
    .addCommand(listCommand())
    .addCommand(statusCommand('suspend', 'suspended'))
    .addCommand(statusCommand('activate', 'active'))
    .addCommand(roleCommand())
    .addCommand(signOutCommand());
}

function listCommand(): Command {
  const command = withTenant(new Command('list').description('the people of a tenant, oldest first'))
    .option('--json', 'print a line of JSON for each')
    .action(async ({ tenant, json }: JsonOption & { tenant: string }) => {
      const people = await asOperator('users list', (administration) =>
        allRows((query) => administration.users(operator, tenant, query)),
      );
      printRows(people.map(rowOf), json);
    });
  return explain(command, {
    json: 'a line for each: `{"id","email","role","status","super_admin","created_at","display_name"}`.',
    examples: [['admin users list --tenant TENANT', 'who is there, and as what']],
  });
}

function rowOf({ id, email, role, status, superAdmin, createdAt, displayName }: PrincipalRecord) {
  return {
    ...{ id, email, role, status, super_admin: superAdmin },
    ...{ created_at: timeOf(createdAt), display_name: displayName },
  };
}

const meanings = {
  suspend: 'let a person in nowhere any more, and end all of its connections',
  activate: 'let a person in again',
} as const;

function statusCommand(name: 'suspend' | 'activate', status: PrincipalStatus): Command {
  const command = new Command(name)
    .description(meanings[name])
    .argument('<email>', 'as the person logs in')
    .option('--json', 'print the person as JSON')
    .action(async (email: string, { json }: JsonOption) => {
      const { tenant, id } = await change(`users ${name}`, email, { status });
      if (json === true) printJson({ tenant_id: tenant, id, status });
      else print(`${id} of tenant ${tenant} is ${status}`);
    });
  return explain(command, {
    json: '`{"tenant_id","id","status"}`.',
    examples: [[`admin users ${name} ann@example.com`, 'within a second, on every node and open socket']],
  });
}

const roles = ['owner', 'admin', 'member'] as const satisfies readonly TenantRole[];

function roleCommand(): Command {
  const command = new Command('role')
    .description('make a person owner, admin or member of its tenant')
    .argument('<email>', 'as the person logs in')
    .addArgument(new Argument('<role>', 'what it is from now on').choices(roles))
    .option('--json', 'print the person as JSON')
    .action(async (email: string, role: TenantRole, { json }: JsonOption) => {
      const { tenant, id } = await change('users role', email, { role });
      if (json === true) printJson({ tenant_id: tenant, id, role });
      else print(`${id} of tenant ${tenant} is ${role}`);
    });
  return explain(command, {
    notes: ['A tenant keeps at least one owner.'],
    json: '`{"tenant_id","id","role"}`.',
    examples: [['admin users role ann@example.com owner', 'when the only owner has left']],
  });
}

function signOutCommand(): Command {
  const command = new Command('sign-out')
    .description('end every session of a person, which may log in again')
    .argument('<email>', 'as the person logs in')
    .option('--json', 'print how many sessions ended as JSON')
    .action(async (email: string, { json }: JsonOption) => {
      const { credential, sessions } = await onDatabase((database) => signOut(database, email));
      const { tenant, principal: id } = credential;
      if (json === true) printJson({ tenant_id: tenant, id, sessions });
      else print(`${sessions} sessions of ${id} of tenant ${tenant} have ended`);
    });
  return explain(command, {
    notes: [
      'Access tokens, refresh tokens, cookies and sockets of all of them end within a second; API keys belong to agents and services, and stay. One of them alone: `parley admin sessions`.',
    ],
    json: '`{"tenant_id","id","sessions"}`.',
    examples: [['admin users sign-out ann@example.com', 'after a lost laptop']],
  });
}

async function signOut({ store, clock }: Database, email: string) {
  const credential = await credentialOf(store, email);
  const { tenant, principal: subject } = credential;
  const sessions = done(
    await store.sessions.revokeAll(tenant, subject, clock.nowMicros(), (count) =>
      entryOfCommand('users sign-out', {
        ...{ tenant, action: 'sessions.revoked', subject, detail: { sessions: count } },
      }),
    ),
  );
  return { credential, sessions };
}

function change(
  command: string,
  email: string,
  changes: { readonly status?: PrincipalStatus; readonly role?: TenantRole },
): Promise<PrincipalRecord> {
  return asOperator(command, async (administration, { store }) => {
    const { tenant, principal } = await credentialOf(store, email);
    return done(await administration.changeUser(operator, tenant, principal, changes));
  });
}
