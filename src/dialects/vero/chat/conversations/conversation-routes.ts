/** Conversations: list, create, change, delete (vero.md §4). */
import { type Operation, operation, type RequestContext } from '../../../../contract/operation.ts';
import type { Outcome } from '../../../../core/bus.ts';
import type { CommandContext, CreateCommand } from '../../../../domain/command.ts';
import type { ConversationId, ServiceId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { formatMicros } from '../../../../domain/time.ts';
import { errors } from '../../errors.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { enter } from '../entered.ts';
import { acquaintancesOf, requireKnown } from './acquaintances.ts';
import { answerConversation } from './answer-conversation.ts';
import { type AskedConversation, decodeCreate, decodeMode, decodeUpdate } from './decode-conversation.ts';
import { openDirect } from './direct-conversation.ts';
import { encodeListed, isDirect } from './encode-conversation.ts';
import {
  Conversation,
  ConversationPage,
  ConversationPath,
  CreateConversationBody,
  DeletedBody,
  DeleteMode,
  ListConversationsQuery,
  UpdateConversationBody,
} from './wire.ts';

const path = '/v1/chat/conversations';

export function conversationRoutes(deps: ChatDeps): readonly Operation[] {
  return [list(deps), create(deps), update(deps), remove(deps)];
}

function list(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.listConversations',
      method: 'GET',
      path,
      summary: 'The conversations of the caller, newest activity first',
      access: 'principal',
      schemas: { query: ListConversationsQuery },
      responses: { 200: { description: 'A page', schema: ConversationPage }, ...errors(400, 401, 503) },
    },
    async (request) => {
      const { principal, env, query } = request;
      const { limit = limits.listPageMax, cursor = null, archived = null } = query;
      await deps.projectedNow();
      const asked = { limit, cursor, archived, env, service: principal.service };
      const page = await deps.bus.inbox(principal, asked);
      if (page instanceof Problem) return page;
      const others = page.conversations.flatMap((one) => one.others.slice(0, 1).map(({ id }) => id));
      const who = await acquaintancesOf(deps, principal.tenant, others);
      if (who instanceof Problem) return who;
      const now = deps.clock.nowMicros();
      const conversations = page.conversations.map((one) => encodeListed(one, principal, who, now));
      return { status: 200, body: { conversations, next_cursor: page.next } };
    },
  );
}

function create(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.createConversation',
      method: 'POST',
      path,
      summary: 'Begins a conversation; of two principals there is one, whoever begins it',
      access: 'principal',
      schemas: { body: CreateConversationBody },
      responses: {
        200: { description: 'The direct conversation that is there already', schema: Conversation },
        201: { description: 'The conversation', schema: Conversation },
        ...errors(400, 401, 403, 409, 503),
      },
      example: { body: { type: 'group', name: 'Harbour', participant_ids: ['assistant:iris'] } },
    },
    async (request) => {
      const { principal } = request;
      const asked = decodeCreate(request.body, principal.id);
      if (asked instanceof Problem) return asked;
      const command = await createCommand(deps, request, asked);
      if (command instanceof Problem) return command;
      const outcome = await begin(deps, request, command, asked);
      if (outcome instanceof Problem) return outcome;
      const body = await answerConversation(deps, request, outcome);
      if (body instanceof Problem) return body;
      return { status: outcome.events.length > 0 ? 201 : 200, body };
    },
  );
}

type Asking = RequestContext & { readonly principal: Principal };

async function createCommand(
  deps: ChatDeps,
  { principal, env, serviceId }: Asking,
  asked: AskedConversation,
): Promise<CreateCommand | Problem> {
  const service = serviceOf(principal, serviceId);
  if (service instanceof Problem) return service;
  const known = await requireKnown(deps, principal.tenant, asked.others);
  if (known instanceof Problem) return known;
  const participants = known.map(({ id, kind }) => ({ id, kind, role: 'member' as const }));
  const common = { op: 'create' as const, metadata: {}, env: env ?? 'dev', service, participants };
  const { name, description } = asked;
  return asked.isDirect
    ? { ...common, type: 'private', name: null, description, creatorRole: 'member' }
    : { ...common, type: 'group', name, description };
}

/** What a key bound to a service creates belongs to that service. */
function serviceOf({ service }: Principal, asked: string | null): ServiceId | null | Problem {
  const isOther = service !== null && asked !== null && asked !== service;
  return isOther ? new Problem('forbidden', 'This key is bound to another service.') : (asked ?? service);
}

function begin(
  deps: ChatDeps,
  request: Asking,
  command: CreateCommand,
  { isDirect: isPair, others }: AskedConversation,
): Promise<Outcome | Problem> {
  const { principal } = request;
  const contextFor = (id: ConversationId): CommandContext => contextOf(deps, request, id);
  const [other] = others;
  if (isPair && other !== undefined)
    return openDirect(deps, { caller: principal, other }, command, contextFor);
  return deps.bus.dispatch(principal, command, contextFor(deps.bus.newConversationId()));
}

/** A command's context with what the request's headers say. */
export function contextOf(
  { bus }: Pick<ChatDeps, 'bus'>,
  request: RequestContext,
  id: ConversationId,
): CommandContext {
  const { dataClass, policyRef, env } = request;
  return bus.context(id, { dataClass, policyRef, env });
}

function update(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.updateConversation',
      method: 'PATCH',
      path: `${path}/:id`,
      summary: 'Changes name or description of a group (owner, admin)',
      access: 'principal',
      schemas: { params: ConversationPath, body: UpdateConversationBody },
      responses: {
        200: { description: 'The conversation', schema: Conversation },
        ...errors(400, 401, 403, 404, 503),
      },
      example: { body: { name: 'Port', description: null } },
    },
    async (request) => {
      const command = decodeUpdate(request.body);
      if (command instanceof Problem) return command;
      const place = await enter(deps, request, request.params.id);
      if (place instanceof Problem) return place;
      if (isDirect(place.state)) {
        const sentence = 'A direct conversation has neither name nor description of its own.';
        return new Problem('invalid_request', sentence, { reason: 'unsupported_for_direct' });
      }
      const context = contextOf(deps, request, place.ref.conversation);
      const outcome = await deps.bus.dispatch(request.principal, command, context);
      if (outcome instanceof Problem) return outcome;
      const body = await answerConversation(deps, request, outcome);
      return body instanceof Problem ? body : { status: 200, body };
    },
  );
}

function remove(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.deleteConversation',
      method: 'DELETE',
      path: `${path}/:id`,
      summary: 'Clears a conversation for the caller, or ends it for everyone (owner, admin, either of two)',
      access: 'principal',
      schemas: { params: ConversationPath, query: DeleteMode, body: DeleteMode },
      responses: { 200: { description: 'Gone', schema: DeletedBody }, ...errors(400, 401, 403, 404, 503) },
      example: { body: { mode: 'for_everyone' } },
    },
    async (request) => {
      const mode = decodeMode(request.body.mode, request.query.mode);
      if (mode instanceof Problem) return mode;
      const place = await enter(deps, request, request.params.id);
      if (place instanceof Problem) return place;
      const { ref, state } = place;
      const { conversation } = ref;
      if (mode === 'for_me') {
        const cleared = await deps.personal.clear(ref, request.principal, state.seq);
        if (cleared instanceof Problem) return cleared;
        const at = formatMicros(deps.clock.nowMicros());
        return { status: 200, body: { conversation_id: conversation, mode, deleted_at: at } };
      }
      const command = { op: 'conversation.delete', managersMay: true } as const;
      const context = contextOf(deps, request, conversation);
      const outcome = await deps.bus.dispatch(request.principal, command, context);
      if (outcome instanceof Problem) return outcome;
      const at = outcome.events.at(-1)?.at ?? formatMicros(outcome.state.at);
      return { status: 200, body: { conversation_id: conversation, mode, deleted_at: at } };
    },
  );
}
