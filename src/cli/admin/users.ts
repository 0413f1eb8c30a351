/** `parley admin users suspend|activate`: when nobody of the tenant can or may. */
import { Command } from 'commander';
import { changedFields } from '../../core/identity/changed-fields.ts';
import { canonicalEmail } from '../../core/identity/new-records.ts';
import type { PrincipalStatus } from '../../ports/identity/identity-records.ts';
import { Failure } from '../failure.ts';
import { explain } from '../help.ts';
import { print, printJson } from '../output.ts';
import { done, entryOfCommand, onDatabase } from './database.ts';

export function usersCommand(): Command {
  return new Command('users')
    .description('suspend or activate a person')
    .addCommand(statusCommand('suspend', 'suspended'))
    .addCommand(statusCommand('activate', 'active'));
}

function statusCommand(name: 'suspend' | 'activate', status: PrincipalStatus): Command {
  const command = new Command(name)
    .description(meanings[name])
    .argument('<email>', 'as the person logs in')
    .option('--json', 'print the person as JSON')
    .action(async (email: string, { json }: { json?: boolean }) => {
      const { tenant, id } = await setStatus(name, email, status);
      if (json === true) printJson({ tenant_id: tenant, id, status });
      else print(`${id} of tenant ${tenant} is ${status}`);
    });
  return explain(command, {
    json: '`{"tenant_id","id","status"}`.',
    examples: [[`admin users ${name} ann@example.com`, 'within a second, on every node and open socket']],
  });
}

const meanings = {
  suspend: 'let a person in nowhere any more, and end all of its connections',
  activate: 'let a person in again',
} as const;

function setStatus(name: string, email: string, status: PrincipalStatus) {
  return onDatabase(async ({ store }) => {
    const credential = done(await store.principals.credential(canonicalEmail(email)));
    if (credential === null) throw new Failure(`nobody logs in as ${email}`);
    const { tenant, principal: id } = credential;
    return done(
      await store.principals.change(
        tenant,
        id,
        'user',
        () => ({ status }),
        (former, present) => {
          if (former.status === status) return null;
          const action = status === 'suspended' ? 'user.suspended' : 'user.activated';
          const detail = changedFields(former, present);
          return entryOfCommand(`users ${name}`, { tenant, action, subject: id, detail });
        },
      ),
    );
  });
}
