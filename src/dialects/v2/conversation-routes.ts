/** /api/v2/conversations: list, create, read, change. */
import { Type } from '@sinclair/typebox';
import { type Operation, operation, type Reply } from '../../contract/operation.ts';
import type { Outcome } from '../../core/bus.ts';
import type { NewParticipant } from '../../domain/command.ts';
import type { PrincipalId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import { parseMicros } from '../../domain/time.ts';
import { admit, inOrganization, type V2Deps } from './caller.ts';
import { canonical } from './decode.ts';
import { encodeConversation, encodeMessage, type Shown } from './encode.ts';
import { type Reading, readingOf, readMessages } from './reading.ts';
import { entry, errors, hidden, say, Unprocessable } from './refuse.ts';
import {
  v2BodyBytesMax as bodyBytesMax,
  Conversation,
  ConversationCreate,
  ConversationPath,
  ConversationUpdate,
  ListQuery,
} from './wire.ts';

const path = '/api/v2/conversations';
/** Beyond it there is nothing, and an offset is no number that PostgreSQL takes. */
const pageMax = 1_000_000_000;

export function conversationRoutes(deps: V2Deps): readonly Operation[] {
  return [list(deps), create(deps), read(deps), update(deps)];
}

export const truncated = (isTruncated: boolean): Pick<Reply, 'headers'> =>
  isTruncated ? { headers: { 'X-Messages-Truncated': 'true' } } : {};

function list(deps: V2Deps): Operation {
  return operation(
    {
      id: 'v2.listConversations',
      method: 'GET',
      path,
      summary: 'Conversations the caller takes part in, the newest first, each with its newest messages',
      access: 'principal',
      admit,
      schemas: { query: ListQuery },
      responses: {
        200: {
          description: 'A bare array; X-Messages-Truncated: true where messages were left out',
          schema: Type.Array(Conversation),
        },
        ...errors(401, 403),
      },
    },
    async ({ principal, env, query }) => {
      const { organization_id, entity_type: type = null, entity_id, page = 1, limit = 50 } = query;
      if (page > pageMax) return { status: 200, body: [] };
      const organization = organization_id === undefined ? null : canonical(organization_id);
      const caller =
        (organization === null ? null : inOrganization(deps, principal, organization)) ?? principal;
      const entity = { type, id: entity_id === undefined ? null : canonical(entity_id) };
      await deps.projectedNow();
      const found = await deps.bus.byCreation(caller, {
        ...{ entity, env, limit, offset: (page - 1) * limit, isEverywhere: organization === null },
      });
      if (found instanceof Problem) return found;
      const { ids } = deps;
      const body = found.map(({ conversation, newest, readers }) => {
        const messages = newest.entries.flatMap(({ event }) =>
          event.type === 'message.posted' ? encodeMessage(ids, conversation.ref, event, readers) : [],
        );
        return encodeConversation(ids, conversation.ref, conversation, messages);
      });
      return { status: 200, body, ...truncated(found.some(({ newest }) => newest.hasMore)) };
    },
  );
}

function create(deps: V2Deps): Operation {
  return operation(
    {
      id: 'v2.createConversation',
      method: 'POST',
      path,
      summary: 'Creates a conversation; the caller takes part',
      access: 'principal',
      admit,
      schemas: { body: ConversationCreate },
      responses: {
        201: { description: 'The conversation', schema: Conversation },
        ...errors(400, 401, 403, 404, 413),
      },
      bodyBytesMax,
    },
    async (request) => {
      const { body, env, dataClass, policyRef } = request;
      const caller = await creator(deps, request.principal, canonical(body.organization_id));
      if (caller instanceof Problem) return caller;
      const participants = await members(deps, caller, body.participant_user_ids ?? []);
      if (participants instanceof Problem) return participants;
      const service = request.serviceId ?? caller.service;
      const entity = {
        type: body.entity_type ?? null,
        id: body.entity_id == null ? null : canonical(body.entity_id),
      };
      const outcome = await deps.bus.dispatch(
        caller,
        {
          ...{ op: 'create', type: 'group', name: body.subject ?? null, description: null, metadata: {} },
          ...(entity.type === null && entity.id === null ? {} : { entity }),
          ...{ env: env ?? 'dev', service, participants },
        },
        deps.bus.context(deps.bus.newConversationId(), { env, dataClass, policyRef }),
      );
      if (outcome instanceof Problem) return outcome;
      return { status: 201, body: encodeConversation(deps.ids, outcome.ref, outcome.state, []) };
    },
  );
}

/** The caller in the organization of the new conversation. */
async function creator(
  deps: V2Deps,
  principal: Principal,
  organization: string,
): Promise<Principal | Problem> {
  const caller = inOrganization(deps, principal, organization);
  if (caller === null) return say('forbidden', 'Cannot create conversation for different organization');
  if (caller === principal) return caller;
  const isThere = await deps.directory.hasTenant(caller.tenant);
  if (isThere instanceof Problem) return isThere;
  return isThere ? caller : say('not_found', 'Organization not found');
}

/** Active members of the organization, and super admins. Why another one may not take part is nobody's business. */
async function members(
  { directory }: V2Deps,
  caller: Principal,
  asked: readonly string[],
): Promise<readonly NewParticipant[] | Problem> {
  const ids = asked.map(canonical);
  const known = await directory.principalsOf(caller.tenant, ids);
  if (known instanceof Problem) return known;
  const strangers = ids.filter((id) => !known.has(id) && id !== caller.id);
  const superAdmins = await directory.superAdmins([...new Set(strangers)]);
  if (superAdmins instanceof Problem) return superAdmins;
  const mayJoin = (id: PrincipalId): boolean =>
    id === caller.id || known.get(id)?.status === 'active' || superAdmins.has(id);
  const refused = ids.flatMap((id, index) => {
    const loc = ['body', 'participant_user_ids', index];
    const msg = 'Value error, participant must be an active member of the organization';
    return mayJoin(id) ? [] : [entry('value_error', loc, msg, asked[index])];
  });
  if (refused.length > 0) return new Unprocessable(refused);
  return [...new Set(ids)].map((id) => ({ id, kind: known.get(id)?.kind ?? 'user', role: 'member' }));
}

function read(deps: V2Deps): Operation {
  return operation(
    {
      id: 'v2.getConversation',
      method: 'GET',
      path: `${path}/:conversation_id`,
      summary: 'A conversation with its messages',
      access: 'principal',
      admit,
      schemas: { params: ConversationPath },
      responses: {
        200: { description: 'X-Messages-Truncated: true where messages were left out', schema: Conversation },
        ...errors(401, 403, 404),
      },
    },
    async (request) => {
      const reading = await readingOf(deps, request);
      return reading instanceof Problem ? reading : await whole(deps, reading, null);
    },
  );
}

function update(deps: V2Deps): Operation {
  return operation(
    {
      id: 'v2.updateConversation',
      method: 'PATCH',
      path: `${path}/:conversation_id`,
      summary: 'Changes subject or status; only given fields change',
      access: 'principal',
      admit,
      schemas: { params: ConversationPath, body: ConversationUpdate },
      responses: {
        200: { description: 'The conversation, with its messages', schema: Conversation },
        ...errors(400, 401, 403, 404, 413),
      },
      bodyBytesMax,
    },
    async (request) => {
      const reading = await readingOf(deps, request);
      if (reading instanceof Problem) return reading;
      const { subject, status } = request.body;
      const { dataClass, policyRef, env } = request;
      const outcome = await deps.bus.dispatch(
        reading.caller,
        {
          ...{ op: 'update', membersMay: true },
          ...(subject === undefined ? {} : { name: subject }),
          ...(status === undefined ? {} : { stage: status }),
        },
        deps.bus.context(reading.id, { dataClass, policyRef, env }),
      );
      return outcome instanceof Problem ? hidden(outcome) : await whole(deps, reading, changedBy(outcome));
    },
  );
}

/** Others may have changed it again before the answer: then the state is theirs already, the event is not. */
function changedBy({ events, state }: Outcome): Shown {
  const event = events.at(-1);
  if (event?.type !== 'conversation.updated') return state;
  const { name = state.name, stage = state.stage } = event.data;
  return { ...state, name, stage, changedAt: parseMicros(event.at) ?? state.changedAt };
}

/** `changed`: what the caller made of it, which others may have changed again since. Null: as it is. */
async function whole(
  { bus, ids }: V2Deps,
  reading: Reading,
  changed: Shown | null,
): Promise<Reply | Problem> {
  const bounds = { messages: limits.messagesEmbeddedMax, charsMax: limits.embeddedBytesMax };
  const found = await readMessages(bus, reading, bounds);
  if (found instanceof Problem) return found;
  const { ref, state, readers, isTruncated } = found;
  const messages = found.messages.map((message) => encodeMessage(ids, ref, message, readers));
  const body = encodeConversation(ids, ref, changed ?? state, messages);
  return { status: 200, body, ...truncated(isTruncated) };
}
