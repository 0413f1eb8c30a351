/** `parley admin invites`: how somebody comes into a tenant that is there. */
import { Command, InvalidArgumentError } from 'commander';
import type { ListedInvite } from '../../ports/identity/identity-records.ts';
import { explain } from '../help.ts';
import { print, printJson } from '../output.ts';
import { durationSec } from '../talk/option-values.ts';
import { done } from './database.ts';
import { allRows, asOperator, operator } from './operator.ts';
import { type JsonOption, printRows, timeOf, withTenant } from './rows.ts';

type CreateOptions = JsonOption & {
  readonly tenant: string;
  readonly role: 'admin' | 'member';
  readonly email?: string;
  readonly expiresIn: number;
};

const weekSec = 7 * 86_400;

export function invitesCommand(): Command {
  return new Command('invites')
    .description('let people into a tenant: list, create, revoke')
    .addCommand(listCommand())
    .addCommand(createCommand())
    .addCommand(revokeCommand());
}

function listCommand(): Command {
  const command = withTenant(new Command('list').description('invites that can still be used, oldest first'))
    .option('--json', 'print a line of JSON for each')
    .action(async ({ tenant, json }: JsonOption & { tenant: string }) => {
      const invites = await asOperator('invites list', (administration) =>
        allRows((query) => administration.invites(operator, tenant, query)),
      );
      printRows(invites.map(rowOf), json);
    });
  return explain(command, {
    json: 'a line for each: `{"id","role","email","created_by","created_at","expires_at"}`; never the token.',
    examples: [['admin invites list --tenant TENANT', 'who may still come in']],
  });
}

function rowOf({ id, role, email, createdBy, createdAt, expiresAt }: ListedInvite) {
  return {
    ...{ id, role, email, created_by: createdBy },
    ...{ created_at: timeOf(createdAt), expires_at: timeOf(expiresAt) },
  };
}

function revokeCommand(): Command {
  const command = withTenant(new Command('revoke').description('let nobody in with an invite any more'))
    .argument('<id>', 'of the invite, not its token (`parley admin invites list`)')
    .option('--json', 'print the id as JSON')
    .action(async (id: string, { tenant, json }: JsonOption & { tenant: string }) => {
      await asOperator('invites revoke', async (administration) =>
        done(await administration.revokeInvite(operator, tenant, id)),
      );
      if (json === true) printJson({ tenant_id: tenant, id, revoked: true });
      else print(`${id} lets nobody in any more`);
    });
  return explain(command, {
    json: '`{"tenant_id","id","revoked":true}`.',
    examples: [['admin invites revoke --tenant TENANT ID', 'it was sent to the wrong person']],
  });
}

function createCommand(): Command {
  const command = withTenant(new Command('create').description('make an invite and print its token, once'))
    .option('--role <role>', 'admin or member', roleValue, 'member')
    .option('--email <email>', 'only who signs up with this address may use it')
    .option('--expires-in <time>', 'it ends after so long: 12h, 7d (default: 7d)', durationSec, weekSec)
    .option('--json', 'print the token and its end as JSON')
    .action(async ({ tenant, role, email, expiresIn, json }: CreateOptions) => {
      const { token, expiresAt } = await asOperator('invites create', async (administration) =>
        done(
          await administration.invite(operator, tenant, {
            ...{ role, email: email ?? null, v2Role: null, expiresInSec: expiresIn },
          }),
        ),
      );
      if (json === true)
        printJson({ tenant_id: tenant, role, invite_token: token, expires_at: timeOf(expiresAt) });
      else print(token);
    });
  return explain(command, {
    notes: [
      'Used once, as `invite_token` of `POST /auth/signup`. Who is to be an owner is made one afterwards: `parley admin users role`.',
    ],
    json: '`{"tenant_id","role","invite_token","expires_at"}`.',
    examples: [
      ['admin invites create --tenant TENANT --email ann@example.com --role admin', 'for one person'],
    ],
  });
}

function roleValue(text: string): 'admin' | 'member' {
  if (text !== 'admin' && text !== 'member') throw new InvalidArgumentError('admin or member is wanted');
  return text;
}
