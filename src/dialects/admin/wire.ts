/** Bodies of the administration API. */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../contract/examples/values.ts';
import { limits } from '../../domain/limits.ts';

const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const Shown = (...examples: readonly unknown[]) => Type.String({ examples });

export const ErrorBody = Type.Object({ error: Type.String(), message: Type.String() }, { title: 'Error' });

export const AuditEntry = Type.Object(
  {
    id: Shown('4711'),
    at: Type.String({ format: 'date-time', description: 'RFC 3339, UTC, six fraction digits' }),
    tenant_id: nullable(Shown(example.tenant)),
    actor: nullable(
      Type.Object({
        id: Shown(example.user),
        kind: Type.String({ description: '`user`, `agent` or `service`', examples: ['user'] }),
        tenant_id: Type.Optional(Type.String({ description: 'Where it is not that of the entry' })),
      }),
    ),
    on_behalf_of: Type.Union([Type.String(), Type.Null()], { examples: [null] }),
    action: Type.String({ description: '`key.created`, `user.suspended`…', examples: ['key.created'] }),
    subject: nullable(Shown('0193a1e4-77b0-7f3c-8a21-9e0d4c5b6f78')),
    detail: Type.Record(Type.String(), Type.Unknown(), { examples: [{ name: 'ingest', kind: 'service' }] }),
    address: nullable(Shown('192.0.2.1')),
    request_id: nullable(Shown('0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b77')),
  },
  { title: 'AuditEntry' },
);
export type AuditEntry = Static<typeof AuditEntry>;

export const AuditPage = Type.Object({
  entries: Type.Array(AuditEntry),
  next_cursor: nullable(Shown('4710')),
});

const name = (description: string, maxLength: number) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }));

export const AuditParameters = Type.Object({
  tenant: name('Of this tenant; a super admin without it: of all', limits.principalIdCharsMax),
  actor: name('Done by this principal', limits.principalIdCharsMax),
  action: name('Exactly this action', 64),
  after: name('From this time on', 64),
  before: name('Before this time', 64),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.listPageMax, description: 'Default 50' })),
  cursor: Type.Optional(
    Type.String({ pattern: '^[1-9]\\d{0,14}$', description: 'The former `next_cursor`' }),
  ),
});
export type AuditParameters = Static<typeof AuditParameters>;

export const TenantPath = Type.Object({
  id: Type.String({ minLength: 1, maxLength: limits.principalIdCharsMax }),
});

export const EraseDataKey = Type.Object({
  confirm: Type.Optional(Type.String({ maxLength: limits.principalIdCharsMax, description: 'The id again' })),
});

export const RotatedDataKey = Type.Object({ version: Type.Integer({ minimum: 1 }) });
export const ErasedDataKey = Type.Object({
  erased: Type.Integer({ minimum: 0, description: 'Versions that were destroyed' }),
});
