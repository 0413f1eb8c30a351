/** `parley admin tenants`: which there are, and what each may have and do at most. */
import { Command } from 'commander';
import { limitsDetail } from '../../core/limits/limits-administration.ts';
import { limitsWith, type TenantOverrides } from '../../domain/limiting/tenant-limits.ts';
import { explain } from '../help.ts';
import { wholeNumber } from '../talk/option-values.ts';
import { done, entryOfCommand, onDatabase } from './database.ts';
import { allRows } from './operator.ts';
import { type JsonOption, printOne, printRows, timeOf } from './rows.ts';

export function tenantsCommand(): Command {
  return new Command('tenants')
    .description('which tenants there are, and what each may have at most')
    .addCommand(listCommand())
    .addCommand(limitsCommand());
}

function listCommand(): Command {
  const command = new Command('list')
    .description('all tenants, oldest first')
    .option('--json', 'print a line of JSON for each')
    .action(async ({ json }: JsonOption) => {
      const tenants = await onDatabase(({ store }) => allRows((query) => store.principals.tenants(query)));
      printRows(
        tenants.map(({ id, slug, createdAt, name }) => ({ id, slug, created_at: timeOf(createdAt), name })),
        json,
      );
    });
  return explain(command, {
    json: 'a line for each: `{"id","slug","created_at","name"}`.',
    examples: [['admin tenants list', 'ids, names and when they were made']],
  });
}

/** Option -> field. A limit that is not set has the default of this version. */
const settable = {
  conversations: 'conversations',
  participants: 'participants',
  messagesPerSecond: 'messages_per_second',
} as const satisfies Record<keyof TenantOverrides, string>;

type LimitsOptions = JsonOption & { readonly [Field in keyof TenantOverrides]?: number | 'default' };

function limitsCommand(): Command {
  const command = new Command('limits')
    .description('show or set what a tenant may have and do at most')
    .argument('<tenant>', 'its id')
    .option('--conversations <n>', 'conversations that are not deleted', limitValue)
    .option('--participants <n>', 'participants of a conversation', limitValue)
    .option('--messages-per-second <n>', 'posts a second of all together', limitValue)
    .option('--json', 'print the limits as JSON')
    .action(async (tenant: string, { json, ...given }: LimitsOptions) => {
      const overrides = await readOrChange(tenant, changesOf(given));
      const fields = Object.keys(settable) as (keyof TenantOverrides)[];
      const overridden = fields.filter((field) => overrides[field] !== null).map((field) => settable[field]);
      const { conversations, participants, messagesPerSecond } = limitsWith(overrides);
      const limits = { conversations, participants, messages_per_second: messagesPerSecond };
      printOne({ tenant_id: tenant, ...limits, overridden }, json);
    });
  return explain(command, {
    notes: [
      '`default` instead of a number takes a limit back to that of this version. Nodes follow within a second.',
    ],
    json: '`{"tenant_id","conversations","participants","messages_per_second","overridden":[…]}`: what holds, and which of it was set.',
    examples: [
      ['admin tenants limits TENANT', 'what holds'],
      [
        'admin tenants limits TENANT --conversations 500 --messages-per-second default',
        'set one, take back another',
      ],
    ],
  });
}

const limitMax = 1_000_000_000;

/** A word and not null: commander makes an empty text of that. */
function limitValue(text: string): number | 'default' {
  return text === 'default' ? text : wholeNumber(text, 1, limitMax);
}

function changesOf(given: Omit<LimitsOptions, 'json'>): Partial<TenantOverrides> {
  const changes = Object.entries(given).map(([field, value]) => [field, value === 'default' ? null : value]);
  return Object.fromEntries(changes);
}

function readOrChange(tenant: string, changes: Partial<TenantOverrides>): Promise<TenantOverrides> {
  return onDatabase(async ({ tenantLimits }) => {
    if (Object.keys(changes).length === 0) return done(await tenantLimits.read(tenant));
    return done(
      await tenantLimits.change(tenant, changes, (former, present) =>
        entryOfCommand('tenants limits', {
          ...{ tenant, action: 'limits.changed', subject: tenant, detail: limitsDetail(former, present) },
        }),
      ),
    );
  });
}
