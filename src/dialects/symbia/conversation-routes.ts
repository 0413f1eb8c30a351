/** Conversations: list, create, read, update, delete. */
import { Type } from '@sinclair/typebox';
import { type Operation, operation } from '../../contract/operation.ts';
import type { CreateCommand } from '../../domain/command.ts';
import type { ConversationRef } from '../../domain/event.ts';
import type { PrincipalId, ServiceId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { ConversationState, Participant } from '../../domain/state.ts';
import type { Micros } from '../../domain/time.ts';
import type { ListedConversation } from '../../ports/projection/listed-conversations.ts';
import { callerOf, kindsOf, refuseOrg, type SymbiaDeps } from './caller.ts';
import { type AskedConversation, decodeCreate, decodeUpdate } from './decode.ts';
import { conversationRow, listedRow, participantRow } from './encode.ts';
import { contextOf, onConversation, stateAsParticipant } from './on-conversation.ts';
import { lastReadsOf } from './read-marks.ts';
import {
  ConversationPath,
  ConversationRow,
  ConversationWithParticipants,
  CreateConversationBody,
  ListConversationsQuery,
  UpdateConversationBody,
} from './wire.ts';
import { notParticipant } from './wording.ts';

const path = '/api/conversations';

export function conversationRoutes(deps: SymbiaDeps): Operation[] {
  return [list(deps), create(deps), read(deps), update(deps), remove(deps)];
}

function list(deps: SymbiaDeps): Operation {
  return operation(
    {
      id: 'symbia.listConversations',
      method: 'GET',
      path,
      summary: 'The conversations the caller takes part in, newest activity first',
      access: 'principal',
      schemas: { query: ListConversationsQuery },
      responses: { 200: { description: 'A bare array.', schema: Type.Array(ConversationRow) } },
    },
    async (request) => {
      const caller = await callerOf(request, deps);
      if (caller instanceof Problem) return caller;
      const refused = refuseOrg(caller, request.query.orgId);
      if (refused !== null) return refused;
      const listed = await listAll(deps, caller, request.env);
      return listed instanceof Problem ? listed : { status: 200, body: listed.map(listedRow) };
    },
  );
}

/** This list has no pages: all of them, up to a bound that no person reaches. */
async function listAll(
  deps: SymbiaDeps,
  caller: Principal,
  env: string | null,
): Promise<readonly ListedConversation[] | Problem> {
  const listed: ListedConversation[] = [];
  let cursor: string | null = null;
  do {
    const query = { limit: limits.listPageMax, cursor, unreadOnly: false, env, service: caller.service };
    const page = await deps.bus.list(caller, query);
    if (page instanceof Problem) return page;
    listed.push(...page.conversations);
    cursor = page.next;
  } while (cursor !== null && listed.length < limits.conversationsListedMax);
  return listed;
}

function create(deps: SymbiaDeps): Operation {
  return operation(
    {
      id: 'symbia.createConversation',
      method: 'POST',
      path,
      summary: 'Create a conversation; the caller owns it',
      access: 'principal',
      takesForms: true,
      schemas: { body: CreateConversationBody },
      responses: { 201: { description: 'The conversation.', schema: ConversationWithParticipants } },
      example: {
        body: {
          type: 'group',
          name: 'Harbour',
          participants: [{ userId: 'assistant:iris', userType: 'agent' }],
        },
      },
    },
    async (request) => {
      const caller = await callerOf(request, deps);
      if (caller instanceof Problem) return caller;
      const refused = refuseOrg(caller, request.body.orgId);
      if (refused !== null) return refused;
      const asked = decodeCreate(request.body);
      if (asked instanceof Problem) return asked;
      const service = serviceOf(caller, request.serviceId);
      if (service instanceof Problem) return service;
      const command = await createCommand(deps, caller, asked, { service, env: request.env ?? 'dev' });
      if (command instanceof Problem) return command;
      const context = contextOf(deps, request, deps.bus.newConversationId(), null);
      const outcome = await deps.bus.dispatch(caller, command, context);
      return outcome instanceof Problem ? outcome : { status: 201, body: withParticipants(deps, outcome) };
    },
  );
}

/** What a key bound to a service creates belongs to that service. */
function serviceOf(caller: Principal, asked: string | null): ServiceId | null | Problem {
  if (caller.service !== null && asked !== null && asked !== caller.service) {
    return new Problem('forbidden', 'Not authorized for this service');
  }
  return asked ?? caller.service;
}

async function createCommand(
  deps: SymbiaDeps,
  caller: Principal,
  asked: AskedConversation,
  place: Pick<CreateCommand, 'service' | 'env'>,
): Promise<CreateCommand | Problem> {
  const kinds = await kindsOf(deps.directory, caller.tenant, asked.participants, () => 'user');
  if (kinds instanceof Problem) return kinds;
  const role = 'member' as const;
  const participants = asked.participants.map(({ id }) => ({ id, kind: kinds.get(id) ?? 'user', role }));
  return { ...asked, op: 'create', participants, ...place };
}

function withParticipants(
  deps: SymbiaDeps,
  { ref, state }: { readonly ref: ConversationRef; readonly state: ConversationState },
  lastReadAt: (participant: PrincipalId) => Micros = () => 0,
): object {
  const rowOf = (one: Participant) => participantRow(ref, one, deps.ids, lastReadAt(one.id));
  const participants = [...state.participants.values()].map(rowOf);
  return { ...conversationRow(ref, state), participants };
}

function read(deps: SymbiaDeps): Operation {
  return onConversation(
    deps,
    {
      id: 'symbia.getConversation',
      method: 'GET',
      path: `${path}/:id`,
      summary: 'A conversation with its participants',
      schemas: { params: ConversationPath },
      responses: { 200: { description: 'The conversation.', schema: ConversationWithParticipants } },
      words: { hidden: notParticipant },
    },
    async (_request, at) => {
      const found = await stateAsParticipant(deps, at);
      if (found instanceof Problem) return found;
      const lastReadAt = await lastReadsOf(deps, at.caller, at.id);
      return { status: 200, body: withParticipants(deps, found, lastReadAt) };
    },
  );
}

function update(deps: SymbiaDeps): Operation {
  return onConversation(
    deps,
    {
      id: 'symbia.updateConversation',
      method: 'PATCH',
      path: `${path}/:id`,
      summary: 'Change name, description or metadata (owner, admin)',
      schemas: { params: ConversationPath, body: UpdateConversationBody },
      responses: { 200: { description: 'The conversation.', schema: ConversationRow } },
      example: { body: { name: 'Port' } },
      words: {
        hidden: notParticipant,
        reasons: { not_a_manager: ['forbidden', 'Not authorized to update this conversation'] },
      },
    },
    async (request, at) => {
      const command = decodeUpdate(request.body);
      if (command instanceof Problem) return command;
      const outcome = await at.dispatch(command);
      if (outcome instanceof Problem) return outcome;
      return { status: 200, body: conversationRow(outcome.ref, outcome.state) };
    },
  );
}

function remove(deps: SymbiaDeps): Operation {
  return onConversation(
    deps,
    {
      id: 'symbia.deleteConversation',
      method: 'DELETE',
      path: `${path}/:id`,
      summary: 'Delete a conversation with everything in it (owner)',
      schemas: { params: ConversationPath },
      responses: { 204: { description: 'Gone.', schema: null } },
      words: {
        hidden: notParticipant,
        reasons: { not_an_owner: ['forbidden', 'Only the owner can delete this conversation'] },
      },
    },
    async (_request, at) => {
      const outcome = await at.dispatch({ op: 'conversation.delete' });
      return outcome instanceof Problem ? outcome : { status: 204 };
    },
  );
}
