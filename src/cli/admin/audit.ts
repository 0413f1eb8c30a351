/** `parley admin audit`: the same entries as GET /api/admin/audit, for who has the database. */
import { Command } from 'commander';
import { limits } from '../../domain/limits.ts';
import { formatMicros } from '../../domain/time.ts';
import type { AuditRecord } from '../../ports/audit.ts';
import { explain } from '../help.ts';
import { columns, print, printJson } from '../output.ts';
import { wholeNumber } from '../talk/option-values.ts';
import { done, onDatabase } from './database.ts';

type AuditOptions = {
  readonly tenant?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly limit: number;
  readonly json?: boolean;
};

export function auditCommand(): Command {
  const command = new Command('audit')
    .description('who did what, newest first')
    .option('--tenant <id>', 'only of this tenant')
    .option('--actor <id>', 'only by this principal')
    .option('--action <name>', 'only this: key.created, user.suspended…')
    .option('--limit <n>', 'so many entries', (text) => wholeNumber(text, 1, limits.listPageMax), 50)
    .option('--json', 'print a line of JSON for each')
    .action(async ({ json, ...query }: AuditOptions) => {
      const { records } = await onDatabase(async ({ audit }) => done(await audit.list(query)));
      if (json === true) for (const record of records) printJson(toJson(record));
      else if (records.length > 0) print(columns(records.map(toRow)));
    });
  return explain(command, {
    json: 'a line for each: `{"id","at","tenant","actor":{"id","kind"}|null,"on_behalf_of","action","subject","detail","address","request_id"}`.',
    examples: [
      ['admin audit', 'the newest 50 entries of all tenants'],
      ['admin audit --tenant TENANT --action key.created', 'which keys were made there'],
    ],
  });
}

function toJson({ at, requestId, onBehalfOf, ...record }: AuditRecord): object {
  return { ...record, at: formatMicros(at), request_id: requestId, on_behalf_of: onBehalfOf };
}

function toRow({ at, tenant, actor, action, subject, detail }: AuditRecord): readonly string[] {
  return [formatMicros(at), tenant ?? '-', actor?.id ?? '-', action, subject ?? '-', JSON.stringify(detail)];
}
