/** GET /api/admin/audit: who did what, newest first. */
import { fieldProblem } from '../../contract/checking/field-errors.ts';
import { type Operation, operation } from '../../contract/operation.ts';
import { canonicalUuid } from '../../domain/ids.ts';
import { type FieldError, Problem } from '../../domain/problem.ts';
import { formatMicros, parseMicros } from '../../domain/time.ts';
import type { AuditQuery, AuditRecord, AuditTrail } from '../../ports/audit.ts';
import { errors } from './refuse.ts';
import { type AuditEntry, AuditPage, AuditParameters } from './wire.ts';

const pageDefault = 50;

export function auditRoutes(audit: AuditTrail): readonly Operation[] {
  return [
    operation(
      {
        id: 'admin.audit',
        method: 'GET',
        path: '/api/admin/audit',
        summary: 'Who did what to identities, keys, roles and limits, newest first',
        access: 'principal',
        rate: 'admin',
        schemas: { query: AuditParameters },
        responses: { 200: { description: 'A page', schema: AuditPage }, ...errors(400, 401, 403, 503) },
      },
      async ({ principal, orgId, query }) => {
        const asked = decodeQuery(query, orgId);
        if (asked instanceof Problem) return asked;
        const page = await audit.read(principal, asked);
        if (page instanceof Problem) return page;
        return { status: 200, body: { entries: page.records.map(encodeEntry), next_cursor: page.next } };
      },
    ),
  ];
}

/** A tenant may be named by the parameter or by X-Org-Id; two different ones contradict each other. */
function decodeQuery(query: AuditParameters, orgId: string | null): AuditQuery | Problem {
  const wrong: FieldError[] = [];
  const time = (path: 'after' | 'before'): number | undefined => {
    const text = query[path];
    if (text === undefined) return undefined;
    const micros = parseMicros(text);
    if (micros === null) wrong.push({ path, reason: 'format' });
    return micros ?? undefined;
  };
  const [after, before] = [time('after'), time('before')];
  const named = [query.tenant, orgId].flatMap((id) => (id == null ? [] : [canonicalUuid(id) ?? id]));
  if (new Set(named).size > 1) wrong.push({ path: 'tenant', reason: 'not_allowed' });
  if (wrong.length > 0) return fieldProblem(wrong);
  const [tenant] = named;
  return {
    limit: query.limit ?? pageDefault,
    ...(tenant === undefined ? {} : { tenant }),
    ...(query.actor === undefined ? {} : { actor: canonicalUuid(query.actor) ?? query.actor }),
    ...(query.action === undefined ? {} : { action: query.action }),
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
    ...(query.cursor === undefined ? {} : { olderThan: query.cursor }),
  };
}

function encodeEntry(record: AuditRecord): AuditEntry {
  const { actor } = record;
  return {
    id: record.id,
    at: formatMicros(record.at),
    tenant_id: record.tenant,
    actor:
      actor === null
        ? null
        : {
            id: actor.id,
            kind: actor.kind,
            ...(actor.tenant === undefined ? {} : { tenant_id: actor.tenant }),
          },
    on_behalf_of: record.onBehalfOf ?? null,
    action: record.action,
    subject: record.subject,
    detail: record.detail,
    address: record.address,
    request_id: record.requestId ?? null,
  };
}
