/** Fields of checked frames -> commands, cursors and ranges. Refuses what a schema cannot say. */
import type { Static } from '@sinclair/typebox';
import type { Cursor } from '../../core/bus.ts';
import type { ControlCommand, NewParticipant, PostCommand } from '../../domain/command.ts';
import { canonicalUuid, type PrincipalId, type TenantId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { Directory } from '../../ports/identity/identity-service.ts';
import type { ControlFrame, ParticipantFields, Post } from './wire.ts';

/** UUIDs compare without case; every other id is what it is. */
export const normalId = (id: string): string => canonicalUuid(id) ?? id;

function tooLarge(path: string, limit: number): Problem {
  const fields = [{ path, reason: 'too_large', limit }];
  return new Problem('too_large', `${path} is larger than ${limit} bytes.`, { fields });
}

/** Bytes in UTF-8 without encoding: most texts are far below the bound, and then their length tells. */
export function isOver(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return false;
  if (text.length > bytesMax) return true;
  return new TextEncoder().encode(text).length > bytesMax;
}

/** Null when content and metadata are within their bounds. */
export function checkSizes(content: string, metadata: object | undefined): Problem | null {
  if (isOver(content, limits.contentBytesMax)) return tooLarge('content', limits.contentBytesMax);
  if (metadata === undefined) return null;
  return isOver(JSON.stringify(metadata), limits.metadataBytesMax)
    ? tooLarge('metadata', limits.metadataBytesMax)
    : null;
}

export function decodePost(fields: Static<typeof Post>): PostCommand | Problem {
  const refused = checkSizes(fields.content, fields.metadata);
  if (refused !== null) return refused;
  return {
    op: 'post',
    content: fields.content,
    contentType: fields.content_type ?? 'text',
    clientId: fields.client_id ?? null,
    messageId: fields.message_id === undefined ? null : normalId(fields.message_id),
    replyTo: fields.reply_to == null ? null : normalId(fields.reply_to),
    ...(fields.to === undefined ? {} : { to: fields.to.map(normalId) }),
    run: fields.run ?? null,
    endRun: fields.end_run ?? false,
    priority: fields.priority ?? null,
    interruptible: fields.interruptible ?? true,
    preemptedBy: null,
    metadata: fields.metadata ?? {},
  };
}

export function decodeControl(fields: Static<typeof ControlFrame>): ControlCommand | Problem {
  const refused = checkSizes('', fields.metadata);
  if (refused !== null) return refused;
  const { target } = fields;
  const fromMetadata = fields.metadata?.['priority'];
  return {
    op: 'control',
    event: fields.event,
    target: target == null ? null : normalId(typeof target === 'string' ? target : target.id),
    reason: fields.reason ?? null,
    run: fields.run ?? null,
    // common.md: the priority of stream.priority may stand in the metadata.
    priority: fields.priority ?? (isPriority(fromMetadata) ? fromMetadata : null),
    preemptedBy: fields.preempted_by ?? null,
    metadata: fields.metadata ?? {},
    roleSuffices: true,
  };
}

function isPriority(value: unknown): value is 'low' | 'normal' | 'high' | 'critical' {
  return value === 'low' || value === 'normal' || value === 'high' || value === 'critical';
}

/** `"<epoch>:<position>"` or a bare position. */
export function decodeCursor(cursor: string | number): Cursor | Problem {
  if (typeof cursor === 'number') return { epoch: null, position: cursor };
  const match = /^([0-9a-z]{1,20}):(\d{1,15})$/.exec(cursor);
  if (match !== null) return { epoch: match[1] ?? '', position: Number(match[2]) };
  return new Problem('invalid_request', 'A cursor is "<epoch>:<position>" or a position.', {
    fields: [{ path: 'after', reason: 'format' }],
  });
}

/**
 * Participants with their kinds: a principal of the tenant is what the directory says it is; any
 * other id is an opaque string, of the kind that the caller gives it.
 */
export async function decodeParticipants(
  directory: Directory,
  tenant: TenantId,
  fields: readonly Static<typeof ParticipantFields>[],
): Promise<NewParticipant[] | Problem> {
  if (fields.length === 0) return [];
  const ids = fields.map((one) => normalId(one.id) as PrincipalId);
  const known = await directory.principalsOf(tenant, ids);
  if (known instanceof Problem) return known;
  return fields.map((one, index) => {
    const id = ids[index] ?? one.id;
    return { id, kind: known.get(id)?.kind ?? one.kind ?? 'user', role: one.role ?? 'member' };
  });
}
