/** Bodies of requests -> commands. Each answers a Problem in the words of this API instead of a command. */
import type { ControlCommand, EditCommand, PostCommand, UpdateCommand } from '../../domain/command.ts';
import type { ConversationType, ParticipantRole, Priority } from '../../domain/event.ts';
import type { PrincipalId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { Fields, invalid, isPriority, isRole } from './fields.ts';
import type {
  AddParticipantBody,
  ControlBody,
  CreateConversationBody,
  EditMessageBody,
  PostMessageBody,
  UpdateConversationBody,
} from './wire.ts';

/** A participant as asked for; null: the client does not say what it is. Its kind follows from the directory. */
export interface AskedParticipant {
  readonly id: PrincipalId;
  readonly userType: 'user' | 'agent' | null;
}

export interface AskedConversation {
  readonly type: ConversationType;
  readonly name: string | null;
  readonly description: string | null;
  readonly metadata: Record<string, unknown>;
  readonly participants: readonly AskedParticipant[];
}

export function decodeCreate(body: CreateConversationBody): AskedConversation | Problem {
  const { type } = body;
  if (type !== 'private' && type !== 'group') return invalid('type', 'Invalid conversation type');
  const fields = new Fields();
  const name = fields.text(body.name, 'name', limits.nameCharsMax);
  if (type === 'group' && !name) fields.refuse('name', 'Group conversations require a name');
  const asked: AskedConversation = {
    type,
    name,
    description: fields.text(body.description, 'description', limits.descriptionCharsMax),
    metadata: fields.metadata(body.metadata) ?? {},
    participants: decodeParticipants(body.participants, fields),
  };
  return fields.problem ?? asked;
}

function decodeParticipants(value: unknown, fields: Fields): readonly AskedParticipant[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return fields.refuse('participants', 'participants must be an array') ?? [];
  const max = limits.participantsMax;
  if (value.length > max) fields.refuse('participants', `A conversation has at most ${max} participants`);
  const participants: AskedParticipant[] = [];
  for (const one of value.slice(0, max) as readonly unknown[]) {
    const { userId, userType } = (one ?? {}) as { userId?: unknown; userType?: unknown };
    const id = fields.principalId(userId, 'userId');
    // Entries without a userId are skipped, as upstream does.
    if (id !== null) participants.push({ id, userType: decodeUserType(userType, fields) });
  }
  return participants;
}

function decodeUserType(value: unknown, fields: Fields): 'user' | 'agent' | null {
  if (value === undefined || value === null || value === '') return null;
  return value === 'user' || value === 'agent'
    ? value
    : fields.refuse('userType', 'userType must be user or agent');
}

export function decodeUpdate(body: UpdateConversationBody): UpdateCommand | Problem {
  const fields = new Fields();
  const name = fields.text(body.name, 'name', limits.nameCharsMax);
  const description = fields.text(body.description, 'description', limits.descriptionCharsMax);
  const metadata = fields.metadata(body.metadata) ?? {};
  const command: UpdateCommand = {
    op: 'update',
    ...(body.name === undefined ? {} : { name }),
    ...(body.description === undefined ? {} : { description }),
    ...(body.metadata === undefined ? {} : { metadata }),
  };
  return fields.problem ?? command;
}

export function decodeAdd(
  body: AddParticipantBody,
): (AskedParticipant & { readonly role: ParticipantRole }) | Problem {
  const fields = new Fields();
  const id = fields.principalId(body.userId, 'userId') ?? '';
  if (id === '') fields.refuse('userId', 'userId is required');
  const userType = decodeUserType(body.userType, fields);
  const role = decodeRole(body.role ?? 'member');
  return fields.problem ?? (role instanceof Problem ? role : { id, userType, role });
}

export function decodeRole(value: unknown): ParticipantRole | Problem {
  return isRole(value) ? value : invalid('role', 'role must be owner, admin or member');
}

/** A command and the trace id that is recorded with it. */
export interface Traced<C> {
  readonly command: C;
  readonly trace: string | null;
}

/** `mayBeEmpty`: the socket takes messages without a text, as upstream; REST does not. */
export function decodePost(
  body: PostMessageBody,
  idempotencyKey: string | null,
  mayBeEmpty = false,
): Traced<PostCommand> | Problem {
  const fields = new Fields();
  const content = fields.content(body.content, mayBeEmpty);
  const contentType = fields.text(body.contentType, 'contentType', 50) || 'text';
  if (contentType === 'event') fields.refuse('contentType', 'Use /control for stream events');
  const interruptible = body.interruptible ?? true;
  const isBoolean = typeof interruptible === 'boolean';
  if (!isBoolean) fields.refuse('interruptible', 'interruptible must be true or false');
  const command: PostCommand = {
    op: 'post',
    content,
    contentType,
    clientId: fields.text(idempotencyKey, 'Idempotency-Key', limits.clientIdCharsMax),
    messageId: fields.uuid(body.id, 'id'),
    replyTo: fields.uuid(body.replyTo, 'replyTo'),
    run: fields.uuid(body.runId, 'runId'),
    endRun: false,
    priority: decodePriority(body.priority),
    interruptible: !isBoolean || interruptible,
    preemptedBy: fields.uuid(body.preemptedBy, 'preemptedBy'),
    metadata: fields.metadata(body.metadata) ?? {},
    mayJoin: true,
  };
  const trace = fields.text(body.traceId, 'traceId', limits.traceCharsMax);
  return fields.problem ?? { command, trace };
}

/** Absent: the conversation's own priority. An unknown value silently means normal. */
function decodePriority(value: unknown): Priority | null {
  if (value === undefined || value === null || value === '') return null;
  return isPriority(value) ? value : 'normal';
}

export function decodeEdit(
  body: EditMessageBody,
  message: string,
  mayBeEmpty = false,
): EditCommand | Problem {
  const fields = new Fields();
  const content = fields.content(body.content, mayBeEmpty);
  const metadata = fields.metadata(body.metadata);
  return fields.problem ?? { op: 'edit', message, content, metadata };
}

export function decodeControl(body: ControlBody): Traced<ControlCommand> | Problem {
  const { event } = body;
  if (typeof event !== 'string' || event === '') return invalid('event', 'Control event is required');
  const fields = new Fields();
  const metadata = fields.metadata(body.metadata) ?? {};
  const priority = body.priority ?? metadata['priority'];
  const command: ControlCommand = {
    op: 'control',
    event,
    target: decodeTarget(body.target, fields),
    reason: fields.text(body.reason, 'reason', limits.reasonCharsMax),
    run: fields.uuid(body.runId, 'runId'),
    priority: event === 'stream.priority' && isPriority(priority) ? priority : null,
    preemptedBy: fields.text(body.preemptedBy, 'preemptedBy', limits.principalIdCharsMax),
    metadata,
    roleSuffices: false,
  };
  const trace = fields.text(body.traceId, 'traceId', limits.traceCharsMax);
  return fields.problem ?? { command, trace };
}

/** `{principalId, principalType}`, or a bare string: the principal of that id. */
function decodeTarget(value: unknown, fields: Fields): PrincipalId | null {
  if (value === undefined || value === null) return null;
  const isObject = typeof value === 'object' && !Array.isArray(value);
  const id = isObject ? (value as { principalId?: unknown }).principalId : value;
  return fields.principalId(id, 'target') ?? fields.refuse('target', 'target needs a principalId');
}
