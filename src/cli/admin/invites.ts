/** `parley admin invites`: how somebody comes into a tenant that is there. */
import { Command, InvalidArgumentError } from 'commander';
import { explain } from '../help.ts';
import { print, printJson } from '../output.ts';
import { durationSec } from '../talk/option-values.ts';
import { done } from './database.ts';
import { asOperator, operator } from './operator.ts';
import { type JsonOption, timeOf, withTenant } from './rows.ts';

type CreateOptions = JsonOption & {
  readonly tenant: string;
  readonly role: 'admin' | 'member';
  readonly email?: string;
  readonly expiresIn: number;
};

const weekSec = 7 * 86_400;

export function invitesCommand(): Command {
  return new Command('invites').description('let people into a tenant').addCommand(createCommand());
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
