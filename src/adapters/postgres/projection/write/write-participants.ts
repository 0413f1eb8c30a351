import type { ConversationRef } from '../../../../domain/event.ts';
import type { Transaction } from '../../pool.ts';
import { booleans, numbers, texts } from '../array-literal.ts';
import type { ConversationFold } from '../fold/conversation-fold.ts';
import type { FoldedMembership } from '../fold/structure-fold.ts';

interface PlacedMembership {
  readonly ref: ConversationRef;
  readonly principal: string;
  readonly membership: FoldedMembership;
}

/** Additions, removals and roles, each on condition that the row has not seen a later one. */
export async function writeParticipants(sql: Transaction, folds: readonly ConversationFold[]): Promise<void> {
  await Promise.all([correctJoins(sql, folds), upsertMemberships(sql, folds), updateRoles(sql, folds)]);
}

/** The same position is written again: only the projector knows `joined_seq` exactly, an inline writer guesses. */
async function upsertMemberships(sql: Transaction, folds: readonly ConversationFold[]): Promise<void> {
  const placed = folds.flatMap(({ ref, structure }) =>
    [...structure.memberships].map(
      ([principal, membership]): PlacedMembership => ({ ref, principal, membership }),
    ),
  );
  if (placed.length === 0) return;
  const rows = placed.map(({ membership }) => membership);
  await sql`
    insert into participants as p (
      tenant_id, conversation_id, principal_id, active, kind, role, joined_us, joined_seq,
      position, role_position, ordinal
    )
    select * from unnest(
      ${texts(placed.map(({ ref }) => ref.tenant))}::text[],
      ${texts(placed.map(({ ref }) => ref.conversation))}::text[],
      ${texts(placed.map(({ principal }) => principal))}::text[],
      ${booleans(rows.map(({ active }) => active))}::boolean[],
      ${texts(rows.map(({ kind }) => kind))}::text[],
      ${texts(rows.map(({ role }) => role))}::text[],
      ${numbers(rows.map(({ joinedAt }) => joinedAt))}::bigint[],
      ${numbers(rows.map(({ joinedSeq }) => joinedSeq))}::bigint[],
      ${numbers(rows.map(({ position }) => position))}::bigint[],
      ${numbers(rows.map(({ rolePosition }) => rolePosition))}::bigint[],
      ${numbers(rows.map(({ ordinal }) => ordinal))}::integer[]
    )
    on conflict (tenant_id, conversation_id, principal_id) do update set
      active = case when excluded.position >= p.position then excluded.active else p.active end,
      kind = case when excluded.position >= p.position then excluded.kind else p.kind end,
      joined_us = case when excluded.position >= p.position then excluded.joined_us else p.joined_us end,
      joined_seq = case when excluded.position >= p.position then excluded.joined_seq else p.joined_seq end,
      ordinal = case when excluded.position >= p.position then excluded.ordinal else p.ordinal end,
      position = greatest(excluded.position, p.position),
      role = case when excluded.role_position >= p.role_position then excluded.role else p.role end,
      role_position = greatest(excluded.role_position, p.role_position)`;
}

async function updateRoles(sql: Transaction, folds: readonly ConversationFold[]): Promise<void> {
  const placed = folds.flatMap(({ ref, structure }) =>
    [...structure.roles].map(([principal, role]) => ({ ref, principal, role })),
  );
  if (placed.length === 0) return;
  await sql`
    update participants p set role = v.role, role_position = v.position
    from unnest(
      ${texts(placed.map(({ ref }) => ref.tenant))}::text[],
      ${texts(placed.map(({ ref }) => ref.conversation))}::text[],
      ${texts(placed.map(({ principal }) => principal))}::text[],
      ${texts(placed.map(({ role }) => role.value))}::text[],
      ${numbers(placed.map(({ role }) => role.position))}::bigint[]
    ) as v (tenant_id, conversation_id, principal_id, role, position)
    where p.tenant_id = v.tenant_id and p.conversation_id = v.conversation_id
      and p.principal_id = v.principal_id and v.position >= p.role_position
      -- A role of somebody who is no participant (any more) means nothing.
      and p.active`;
}

/** See StructureFold.missedSeq(). Runs before the memberships of the batch itself are written. */
async function correctJoins(sql: Transaction, folds: readonly ConversationFold[]): Promise<void> {
  const placed = folds.flatMap(({ ref, structure }) => structure.missed.map((missed) => ({ ref, missed })));
  if (placed.length === 0) return;
  await sql`
    with late as (
      select p.tenant_id, p.conversation_id, p.principal_id, max(v.seq) as seq
      from unnest(
        ${texts(placed.map(({ ref }) => ref.tenant))}::text[],
        ${texts(placed.map(({ ref }) => ref.conversation))}::text[],
        ${numbers(placed.map(({ missed }) => missed.position))}::bigint[],
        ${numbers(placed.map(({ missed }) => missed.seq))}::bigint[]
      ) as v (tenant_id, conversation_id, position, seq)
      join participants p using (tenant_id, conversation_id)
      where p.active and p.position > v.position and p.joined_seq < v.seq
      group by p.tenant_id, p.conversation_id, p.principal_id
    )
    update participants p set joined_seq = late.seq from late
    where p.tenant_id = late.tenant_id and p.conversation_id = late.conversation_id
      and p.principal_id = late.principal_id`;
}
