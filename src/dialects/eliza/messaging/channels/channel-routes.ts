/** Channels: made, shown, changed, deleted (eliza.md §3). */
import type { Static } from '@sinclair/typebox';
import { type Operation, operation, type Reply } from '../../../../contract/operation.ts';
import type { PrincipalId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { callerOf } from '../../caller.ts';
import type { ElizaDeps } from '../../deps.ts';
import { defaultServer } from '../../wire.ts';
import { contextOf, managerOf, refuseUnmanaged, type Said, saidIn } from '../acting.ts';
import { aliased } from '../declared.ts';
import { channelFactsOf, withChannelFacts } from '../kept.ts';
import { decodeMetadata, decodeWord, invalid, isGiven, uuidIn } from '../messages/decode-message.ts';
import { errors, succeeded } from '../refusals.ts';
import { refuseServer } from '../servers/message-server.ts';
import { replaceParticipants } from './change-participants.ts';
import { type Channel, inWords, readableChannel } from './channel.ts';
import { createChannel } from './create-channel.ts';
import { deleteChannel } from './delete-channel.ts';
import { encodeChannel } from './encode-channel.ts';
import { ByChannel, ChannelChange, ChannelRequest, OneChannel } from './wire.ts';

const path = '/api/messaging/channels';

export function channelRoutes(deps: ElizaDeps): readonly Operation[] {
  return [
    ...aliased(create(deps), `${path}/central`, '/api/messaging/group-channels'),
    ...aliased(show(deps), `${path}/:channelId/info`),
    ...[...aliased(change(deps)), ...aliased(remove(deps))],
  ];
}

export function answerChannel({ ref, state }: Channel, status = 200): Reply {
  return succeeded(encodeChannel(ref, state, state.participants.keys()), status);
}

/** Null: it is no list of UUIDs. Each once, in lower case. */
function decodeIds(value: unknown): readonly PrincipalId[] | null | Problem {
  if (!Array.isArray(value)) return null;
  if (value.length > limits.participantsMax) {
    return invalid(`A channel has at most ${limits.participantsMax} participants`);
  }
  const ids = value.map(uuidIn);
  return ids.includes(null) ? null : [...new Set(ids as readonly PrincipalId[])];
}

function create(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.createChannel',
      method: 'POST',
      path,
      summary: 'Makes a channel: of the first person that it names, else of the caller',
      access: 'principal',
      schemas: { body: ChannelRequest },
      responses: {
        201: { description: 'Made', schema: OneChannel },
        ...errors(400, 401, 404, 409, 413, 429, 503),
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const wanted = decodeNew(request.body, caller);
      if (wanted instanceof Problem) return wanted;
      const refused = await refuseServer(deps, caller.tenant, wanted.server);
      if (refused !== null) return refused;
      const id = deps.bus.newConversationId();
      const made = await createChannel(deps, caller, { ...wanted, id, isUnique: false }, saidIn(request));
      return made instanceof Problem ? made : answerChannel(made, 201);
    },
  );
}

const badPayload =
  'Invalid payload. Required: name, message_server_id (UUID or "0"), participantCentralUserIds (array of UUIDs). Optional: type, metadata.';

function decodeNew(body: Static<typeof ChannelRequest>, caller: Principal) {
  const named = isGiven(body.message_server_id) ? body.message_server_id : body.server_id;
  const server = isGiven(named) ? uuidIn(named) : defaultServer;
  const participants = body.participantCentralUserIds ?? [caller.id];
  const ids = decodeIds(participants);
  if (ids instanceof Problem) return ids;
  const { name } = body;
  if (typeof name !== 'string' || name === '' || server === null || ids === null) return invalid(badPayload);
  const named255 = refuseName(name);
  if (named255 !== null) return named255;
  const type = decodeWord(body.type, 'type');
  if (type instanceof Problem) return type;
  const metadata = decodeMetadata(body.metadata);
  if (metadata instanceof Problem) return metadata;
  const all = ids.length > 0 ? ids : [caller.id];
  return { server, name, facts: { type: type ?? 'GROUP' }, metadata, participants: all };
}

function refuseName(name: string): Problem | null {
  const { nameCharsMax: max } = limits;
  return name.length <= max ? null : invalid(`name must have at most ${max} characters`);
}

function show(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.showChannel',
      method: 'GET',
      path: `${path}/:channelId/details`,
      summary: 'A channel',
      access: 'principal',
      schemas: { params: ByChannel },
      responses: { 200: { description: 'As it is', schema: OneChannel }, ...errors(400, 401, 404, 429, 503) },
    },
    async (request) => {
      const id = uuidIn(request.params.channelId);
      if (id === null) return invalid('Invalid channelId');
      const found = await readableChannel(deps, callerOf(request), id, request);
      return found instanceof Problem ? found : answerChannel(found);
    },
  );
}

function change(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.updateChannel',
      method: 'PATCH',
      path: `${path}/:channelId`,
      summary: 'Changes a channel (services, its owner and admins)',
      access: 'principal',
      schemas: { params: ByChannel, body: ChannelChange },
      responses: {
        200: { description: 'As it is now', schema: OneChannel },
        ...errors(400, 401, 403, 404, 409, 413, 429, 503),
      },
    },
    async (request) => {
      const id = uuidIn(request.params.channelId);
      if (id === null) return invalid('Invalid channelId');
      const wanted = decodeChange(request.body);
      if (wanted instanceof Problem) return wanted;
      const caller = callerOf(request);
      const found = await readableChannel(deps, caller, id, request);
      if (found instanceof Problem) return found;
      const changed = await applyChange(deps, caller, found, wanted, saidIn(request));
      return changed instanceof Problem ? changed : answerChannel(changed);
    },
  );
}

interface Change {
  readonly name?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly participants?: readonly PrincipalId[];
}

function decodeChange(body: Static<typeof ChannelChange>): Change | Problem {
  const { name, metadata, participantCentralUserIds: participants } = body;
  if (isGiven(name) && typeof name !== 'string') return invalid('name must be a text');
  const refused = typeof name === 'string' ? refuseName(name) : null;
  if (refused !== null) return refused;
  const given = isGiven(metadata) ? decodeMetadata(metadata) : undefined;
  if (given instanceof Problem) return given;
  const ids = isGiven(participants) ? decodeIds(participants) : undefined;
  if (ids instanceof Problem) return ids;
  if (ids === null || ids?.length === 0) {
    return invalid('participantCentralUserIds must be an array of at least one UUID');
  }
  return {
    ...(typeof name === 'string' && name !== '' ? { name } : {}),
    ...(given === undefined ? {} : { metadata: given }),
    ...(ids === undefined ? {} : { participants: ids }),
  };
}

async function applyChange(
  deps: ElizaDeps,
  caller: Principal,
  found: Channel,
  { name, metadata, participants }: Change,
  said: Said,
): Promise<Channel | Problem> {
  let now: Channel = found;
  if (name !== undefined || metadata !== undefined) {
    const refused = refuseUnmanaged(caller, found.state);
    if (refused !== null) return refused;
    const { participantCentralUserIds: _, ...own } = (metadata ?? {}) as Record<string, unknown>;
    const update = {
      op: 'update' as const,
      ...(name === undefined ? {} : { name }),
      // Who takes part is told there, and changed elsewhere; what this API keeps of its own stays.
      ...(metadata === undefined
        ? {}
        : { metadata: withChannelFacts(own, channelFactsOf(found.state.metadata)) }),
    };
    const context = deps.bus.context(found.ref.conversation, contextOf(said));
    const outcome = inWords(await deps.bus.dispatch(managerOf(caller, found.state), update, context));
    if (outcome instanceof Problem) return outcome;
    now = outcome;
  }
  return participants === undefined ? now : await replaceParticipants(deps, caller, now, participants, said);
}

function remove(deps: ElizaDeps): Operation {
  return operation(
    {
      id: 'eliza.deleteChannel',
      method: 'DELETE',
      path: `${path}/:channelId`,
      summary: 'Deletes a channel with everything in it (services, its owner and admins)',
      access: 'principal',
      schemas: { params: ByChannel },
      responses: { 204: { description: 'Gone', schema: null }, ...errors(400, 401, 403, 404, 429, 503) },
    },
    async (request) => {
      const id = uuidIn(request.params.channelId);
      if (id === null) return invalid('Invalid channelId');
      const failed = await deleteChannel(deps, callerOf(request), id, saidIn(request));
      return failed ?? { status: 204 };
    },
  );
}
