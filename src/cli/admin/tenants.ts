/** `parley admin tenants list`. */
import { Command } from 'commander';
import { formatMicros } from '../../domain/time.ts';
import type { PageStart, TenantRecord } from '../../ports/identity/identity-records.ts';
import { explain } from '../help.ts';
import { columns, print, printJson } from '../output.ts';
import { done, onDatabase } from './database.ts';

const pageMax = 1_000;

export function tenantsCommand(): Command {
  const list = new Command('list')
    .description('all tenants, oldest first')
    .option('--json', 'print a line of JSON for each')
    .action(async ({ json }: { json?: boolean }) => {
      const tenants = await allTenants();
      const rows = tenants.map(({ id, slug, createdAt, name }) => [id, slug, formatMicros(createdAt), name]);
      if (json !== true) return print(columns([['ID', 'SLUG', 'CREATED', 'NAME'], ...rows]));
      for (const { id, slug, name, createdAt } of tenants) {
        printJson({ id, slug, name, created_at: formatMicros(createdAt) });
      }
    });
  explain(list, {
    json: 'a line for each: `{"id","slug","name","created_at"}`.',
    examples: [['admin tenants list', 'ids, names and when they were made']],
  });
  return new Command('tenants').description('what tenants there are').addCommand(list);
}

function allTenants(): Promise<readonly TenantRecord[]> {
  return onDatabase(async ({ store }) => {
    const all: TenantRecord[] = [];
    let after: PageStart | null = null;
    do {
      const page: { rows: readonly TenantRecord[]; next: PageStart | null } = done(
        await store.principals.tenants({ limit: pageMax, after }),
      );
      all.push(...page.rows);
      after = page.next;
    } while (after !== null);
    return all;
  });
}
