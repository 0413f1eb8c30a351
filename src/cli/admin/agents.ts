/** `parley admin agents`: those of a tenant. */
import { Command } from 'commander';
import type { PrincipalRecord } from '../../ports/identity/identity-records.ts';
import { explain } from '../help.ts';
import { print, printJson } from '../output.ts';
import { done } from './database.ts';
import { allRows, asOperator, operator } from './operator.ts';
import { type JsonOption, printRows, timeOf, withTenant } from './rows.ts';

export function agentsCommand(): Command {
  return new Command('agents')
    .description('agents of a tenant: list, create, delete')
    .addCommand(listCommand())
    .addCommand(createCommand())
    .addCommand(deleteCommand());
}

function listCommand(): Command {
  const command = withTenant(new Command('list').description('the agents of a tenant, oldest first'))
    .option('--json', 'print a line of JSON for each')
    .action(async ({ tenant, json }: JsonOption & { tenant: string }) => {
      const agents = await asOperator('agents list', (administration) =>
        allRows((query) => administration.agents(operator, tenant, query)),
      );
      printRows(agents.map(rowOf), json);
    });
  return explain(command, {
    json: 'a line for each: `{"id","status","is_default","runs_here","created_at","display_name"}`.',
    examples: [
      ['admin agents list --tenant TENANT', 'which there are, and which of them Parley answers for'],
    ],
  });
}

function rowOf({ id, status, isDefaultAgent, runs, createdAt, displayName }: PrincipalRecord) {
  return {
    ...{ id, status, is_default: isDefaultAgent, runs_here: runs },
    ...{ created_at: timeOf(createdAt), display_name: displayName },
  };
}

type CreateOptions = JsonOption & {
  readonly tenant: string;
  readonly name: string;
  readonly id?: string;
  readonly bio?: string;
  readonly default?: boolean;
};

function createCommand(): Command {
  const command = withTenant(
    new Command('create').description('make an agent that a program of yours speaks for'),
  )
    .requiredOption('--name <name>', 'what people see')
    .option('--id <id>', 'its id (default: a new one)')
    .option('--bio <text>', 'what it is for')
    .option('--default', 'it becomes the default agent of the tenant')
    .option('--json', 'print the agent as JSON')
    .action(async ({ tenant, name, id, bio, default: isDefaultAgent = false, json }: CreateOptions) => {
      const made = await asOperator('agents create', async (administration) =>
        done(
          await administration.createAgent(operator, tenant, {
            ...{ displayName: name, id: id ?? null, jobTitle: null, bio: bio ?? null, isDefaultAgent },
          }),
        ),
      );
      if (json === true) printJson({ tenant_id: tenant, ...rowOf(made) });
      else print(made.id);
    });
  return explain(command, {
    notes: ['It speaks with an API key: `parley admin keys create --principal ID`.'],
    json: 'as `agents list`, and `tenant_id`.',
    examples: [['admin agents create --tenant TENANT --name "Night shift"', 'prints its id']],
  });
}

function deleteCommand(): Command {
  const command = withTenant(
    new Command('delete').description('end an agent and its keys; what it said stays'),
  )
    .argument('<id>', 'of the agent')
    .option('--json', 'print the id as JSON')
    .action(async (id: string, { tenant, json }: JsonOption & { tenant: string }) => {
      await asOperator('agents delete', async (administration) =>
        done(await administration.deleteAgent(operator, tenant, id)),
      );
      if (json === true) printJson({ tenant_id: tenant, id, deleted: true });
      else print(`${id} has ended`);
    });
  return explain(command, {
    notes: ['A tenant keeps one agent. When it was the default, the newest other one takes its place.'],
    json: '`{"tenant_id","id","deleted":true}`.',
    examples: [['admin agents delete --tenant TENANT ID', 'within a second, everywhere']],
  });
}
