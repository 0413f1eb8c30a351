import { noEntity } from '../../../../domain/state.ts';
import { parseMicros } from '../../../../domain/time.ts';
import type { StoredSeal } from '../../../../ports/projection/stored-seal.ts';
import type { Transaction } from '../../pool.ts';
import { booleans, numbers, texts } from '../array-literal.ts';
import { storedControl } from '../conversation-row.ts';
import type { ConversationFold } from '../fold/conversation-fold.ts';

export async function writeConversations(
  sql: Transaction,
  folds: readonly ConversationFold[],
): Promise<void> {
  const moved = folds.filter((fold) => fold.isMoved);
  const restructured = folds.filter(({ structure }) => structure.areFieldsChanged);
  await Promise.all([moveWatermarks(sql, moved), writeFields(sql, restructured)]);
}

/**
 * Every conversation of a batch. A deleted one has no seq and no control state, so that its row is
 * the same when its log, purged to the deletion alone, is projected again.
 */
async function moveWatermarks(sql: Transaction, folds: readonly ConversationFold[]): Promise<void> {
  if (folds.length === 0) return;
  const isDeleted = (fold: ConversationFold): boolean => fold.structure.status === 'deleted';
  await sql`
    update conversations c set
      position = v.position, seq = v.seq, log_seq = v.log_seq, updated_us = v.updated_us,
      last_node = v.last_node,
      recount_position = case when v.seq = 0 then 0 else greatest(c.recount_position, v.recount_position) end,
      -- A large control state that nobody changed is not written again.
      control = case when v.is_control_changed then v.control else c.control end
    from unnest(
      ${texts(folds.map(({ ref }) => ref.tenant))}::text[],
      ${texts(folds.map(({ ref }) => ref.conversation))}::text[],
      ${numbers(folds.map(({ state }) => state.position))}::bigint[],
      ${numbers(folds.map((fold) => (isDeleted(fold) ? 0 : fold.state.seq)))}::bigint[],
      ${numbers(folds.map(({ state }) => state.logSeq))}::bigint[],
      ${numbers(folds.map(({ state }) => state.at))}::bigint[],
      ${texts(folds.map(({ state }) => state.lastNode ?? ''))}::text[],
      ${numbers(folds.map(({ recountPosition }) => recountPosition))}::bigint[],
      ${booleans(folds.map((fold) => isDeleted(fold) || fold.isControlChanged))}::boolean[],
      ${texts(folds.map((fold) => (isDeleted(fold) ? null : controlOf(fold))))}::json[]
    ) as v (
      tenant_id, conversation_id, position, seq, log_seq, updated_us, last_node, recount_position, is_control_changed,
      control
    )
    where c.tenant_id = v.tenant_id and c.conversation_id = v.conversation_id`;
}

function controlOf(fold: ConversationFold): string | null {
  const control = fold.isControlChanged ? storedControl(fold.state) : null;
  return control === null ? null : JSON.stringify(control);
}

/** Creations, changes and deletions. What a fold did not change keeps its value and its position. */
async function writeFields(sql: Transaction, folds: readonly ConversationFold[]): Promise<void> {
  if (folds.length === 0) return;
  const fields = folds.map(fieldsOf);
  await sql`
    update conversations c set
      status = v.status,
      type = coalesce(v.type, c.type), env = coalesce(v.env, c.env),
      created_by = coalesce(v.created_by, c.created_by), created_us = coalesce(v.created_us, c.created_us),
      -- Of a deleted one nothing is left, whichever of its events come later.
      changed_us = case when v.status = 'deleted' then 0 else greatest(c.changed_us, v.changed_us) end,
      entity_type = case when v.status = 'deleted' then null else coalesce(v.entity_type, c.entity_type) end,
      entity_id = case when v.status = 'deleted' then null else coalesce(v.entity_id, c.entity_id) end,
      name = case when v.name_position > 0 then v.name else c.name end,
      name_position = greatest(c.name_position, v.name_position),
      description = case when v.description_position > 0 then v.description else c.description end,
      description_position = greatest(c.description_position, v.description_position),
      metadata = case when v.metadata_position > 0 then v.metadata else c.metadata end,
      metadata_position = greatest(c.metadata_position, v.metadata_position),
      stage = case when v.stage_position > 0 then v.stage else c.stage end,
      stage_position = greatest(c.stage_position, v.stage_position),
      control = case when v.status = 'deleted' then null else c.control end,
      former_participants = coalesce(v.former_participants, c.former_participants),
      -- A field that is in the clear now takes its seal away.
      sealed = nullif(jsonb_strip_nulls(coalesce(c.sealed, '{}') || v.sealed::jsonb), '{}')
    from unnest(
      ${texts(folds.map(({ ref }) => ref.tenant))}::text[],
      ${texts(folds.map(({ ref }) => ref.conversation))}::text[],
      ${texts(fields.map(({ status }) => status))}::text[],
      ${texts(fields.map(({ type }) => type))}::text[],
      ${texts(fields.map(({ env }) => env))}::text[],
      ${texts(fields.map(({ createdBy }) => createdBy))}::text[],
      ${numbers(fields.map(({ createdAt }) => createdAt))}::bigint[],
      ${texts(fields.map(({ name }) => name.value))}::text[],
      ${numbers(fields.map(({ name }) => name.position))}::bigint[],
      ${texts(fields.map(({ description }) => description.value))}::text[],
      ${numbers(fields.map(({ description }) => description.position))}::bigint[],
      ${texts(fields.map(({ metadata }) => metadata.value))}::json[],
      ${numbers(fields.map(({ metadata }) => metadata.position))}::bigint[],
      ${texts(fields.map(({ stage }) => stage.value))}::text[],
      ${numbers(fields.map(({ stage }) => stage.position))}::bigint[],
      ${numbers(fields.map(({ changedAt }) => changedAt))}::bigint[],
      ${texts(fields.map(({ entity }) => entity.type))}::text[],
      ${texts(fields.map(({ entity }) => entity.id))}::text[],
      ${texts(fields.map(sealsOf))}::text[], ${texts(folds.map(formerOf))}::json[]
    ) as v (
      tenant_id, conversation_id, status, type, env, created_by, created_us,
      name, name_position, description, description_position, metadata, metadata_position,
      stage, stage_position, changed_us, entity_type, entity_id, sealed,
      former_participants
    )
    where c.tenant_id = v.tenant_id and c.conversation_id = v.conversation_id`;
}

/** Null: it was not deleted in this batch. */
function formerOf({ structure }: ConversationFold): string | null {
  return structure.deletedPosition === null ? null : JSON.stringify(structure.formerParticipants);
}

const unset: WrittenField = { value: null, position: 0 };

interface WrittenField {
  readonly value: string | null;
  readonly position: number;
  readonly seal?: StoredSeal | null;
}

/** Of the fields that change: their seals, null where they are in the clear. */
function sealsOf(fields: ReturnType<typeof fieldsOf>): string {
  const { name, description, metadata } = fields;
  const changed = Object.entries({ name, description, metadata }).filter(([, { position }]) => position > 0);
  return JSON.stringify(Object.fromEntries(changed.map(([field, { seal }]) => [field, seal ?? null])));
}

/** Null and position 0: stays as it is. */
function fieldsOf({ structure }: ConversationFold) {
  const { status, created, deletedPosition: position } = structure;
  if (position !== null) {
    const cleared: WrittenField = { value: null, position };
    const plain = { type: 'group', env: 'dev', createdBy: '', createdAt: 0, changedAt: 0, entity: noEntity };
    const fields = { name: cleared, description: cleared, metadata: { ...cleared, value: '{}' } };
    return { status, ...plain, ...fields, stage: { ...cleared, value: 'active' } };
  }
  const { name, description, metadata, stage, changedAt } = structure;
  return {
    status,
    type: created?.data.type ?? null,
    env: created?.data.env ?? null,
    createdBy: created?.actor.id ?? null,
    createdAt: created === null ? null : parseMicros(created.at),
    changedAt,
    entity: created?.data.entity ?? noEntity,
    name: name ?? unset,
    description: description ?? unset,
    metadata: metadata === null ? unset : { ...metadata, value: JSON.stringify(metadata.value) },
    stage: stage ?? unset,
  };
}
