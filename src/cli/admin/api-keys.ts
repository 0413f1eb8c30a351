/** `parley admin keys`: API keys of agents and services. */
import { Command, InvalidArgumentError } from 'commander';
import { type Scope, scopes } from '../../domain/principal.ts';
import type { ApiKeyKind, ApiKeyRecord } from '../../ports/identity/identity-records.ts';
import { explain } from '../help.ts';
import { print, printJson } from '../output.ts';
import { durationSec } from '../talk/option-values.ts';
import { done } from './database.ts';
import { allRows, asOperator, operator } from './operator.ts';
import { type JsonOption, printRows, timeOf, withTenant } from './rows.ts';

export function apiKeysCommand(): Command {
  return new Command('keys')
    .description('API keys of agents and services: list, create, revoke')
    .addCommand(listCommand())
    .addCommand(createCommand())
    .addCommand(revokeCommand());
}

function listCommand(): Command {
  const command = withTenant(new Command('list').description('the live API keys of a tenant, oldest first'))
    .option('--json', 'print a line of JSON for each')
    .action(async ({ tenant, json }: JsonOption & { tenant: string }) => {
      const keys = await asOperator('keys list', (administration) =>
        allRows((query) => administration.apiKeys(operator, tenant, query)),
      );
      printRows(keys.map(rowOf), json);
    });
  return explain(command, {
    json: 'a line for each: `{"id","prefix","principal_id","kind","scopes":[…],"service_id","created_at","expires_at","name"}`; never the key.',
    examples: [['admin keys list --tenant TENANT', 'ids and what each begins with']],
  });
}

function rowOf({
  id,
  prefix,
  principal,
  kind,
  scopes: held,
  service,
  createdAt,
  expiresAt,
  name,
}: ApiKeyRecord) {
  return {
    ...{ id, prefix, principal_id: principal, kind, scopes: held, service_id: service },
    ...{ created_at: timeOf(createdAt), expires_at: timeOf(expiresAt), name },
  };
}

type CreateOptions = JsonOption & {
  readonly tenant: string;
  readonly name: string;
  readonly principal?: string;
  readonly kind?: ApiKeyKind;
  readonly scopes?: readonly Scope[];
  readonly service?: string;
  readonly expiresIn?: number;
};

function createCommand(): Command {
  const command = withTenant(new Command('create').description('make an API key and print it, once'))
    .requiredOption('--name <name>', 'what it is for; also the name of a new agent or service')
    .option('--principal <id>', 'an agent or service that is there (default: a new one)')
    .option('--kind <kind>', 'agent or service (default: service, or what the principal is)', kindValue)
    .option(
      '--scopes <scopes>',
      `with commas, of ${scopes.join(', ')} (default: what its kind needs)`,
      scopesValue,
    )
    .option('--service <id>', 'bound to this service: it sees no conversation of another')
    .option('--expires-in <time>', 'it ends after so long: 90d, 12h (default: never)', durationSec)
    .option('--json', 'print the key and its facts as JSON')
    .action(async ({ tenant, json, name, ...given }: CreateOptions) => {
      const { key, secret } = await asOperator('keys create', async (administration) =>
        done(
          await administration.createApiKey(operator, tenant, {
            ...{ name, principal: given.principal ?? null, kind: given.kind ?? null },
            ...{ scopes: given.scopes ?? null, service: given.service ?? null },
            expiresInSec: given.expiresIn ?? null,
          }),
        ),
      );
      if (json === true) printJson({ ...rowOf(key), key: secret });
      else print(secret);
    });
  return explain(command, {
    notes: ['It is stored as a digest and never shown again. It is good for HTTP, sockets and NATS.'],
    json: 'as `keys list`, and `key`.',
    examples: [
      ['admin keys create --tenant TENANT --name importer', 'a service of its own'],
      ['admin keys create --tenant TENANT --name night-shift --kind agent --expires-in 90d', 'an agent'],
    ],
  });
}

function revokeCommand(): Command {
  const command = withTenant(
    new Command('revoke').description('end an API key and what is connected with it'),
  )
    .argument('<id>', 'of the key, not the key itself (`parley admin keys list`)')
    .option('--json', 'print the id as JSON')
    .action(async (id: string, { tenant, json }: JsonOption & { tenant: string }) => {
      await asOperator('keys revoke', async (administration) =>
        done(await administration.deleteApiKey(operator, tenant, id)),
      );
      if (json === true) printJson({ tenant_id: tenant, id, revoked: true });
      else print(`${id} has ended`);
    });
  return explain(command, {
    json: '`{"tenant_id","id","revoked":true}`.',
    examples: [
      ['admin keys revoke --tenant TENANT ID', 'within a second, on every node, socket and NATS connection'],
    ],
  });
}

function kindValue(text: string): ApiKeyKind {
  if (text !== 'agent' && text !== 'service') throw new InvalidArgumentError('agent or service is wanted');
  return text;
}

function scopesValue(text: string): readonly Scope[] {
  const asked = text.split(',').map((one) => one.trim());
  const unknown = asked.filter((one) => !(scopes as readonly string[]).includes(one));
  if (unknown.length > 0)
    throw new InvalidArgumentError(`there is no ${unknown.join(', ')}; there are ${scopes.join(', ')}`);
  return asked as Scope[];
}
