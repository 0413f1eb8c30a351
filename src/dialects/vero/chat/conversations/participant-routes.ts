/** Participants: list, add, remove, leave (vero.md §4). */
import { type Operation, operation } from '../../../../contract/operation.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { Participant } from '../../../../domain/state.ts';
import { decodePage } from '../../decode.ts';
import { encodeCursor } from '../../encode.ts';
import { errors } from '../../errors.ts';
import { OkBody } from '../../wire.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { type Caller, type Entered, enter } from '../entered.ts';
import { acquaintancesOf, requireKnown } from './acquaintances.ts';
import { contextOf } from './conversation-routes.ts';
import { principalIdOf } from './decode-conversation.ts';
import { encodeParticipant, isDirect } from './encode-conversation.ts';
import {
  AddParticipantsBody,
  ConversationPath,
  ListParticipantsQuery,
  ParticipantPage,
  ParticipantPath,
  ParticipantsBody,
  participantPageMax,
} from './wire.ts';

const path = '/v1/chat/conversations/:id/participants';

export function participantRoutes(deps: ChatDeps): readonly Operation[] {
  return [list(deps), add(deps), remove(deps)];
}

async function encodeAll(deps: ChatDeps, { principal }: Caller, members: readonly Participant[]) {
  const ids = members.map(({ id }) => id);
  const who = await acquaintancesOf(deps, principal.tenant, ids);
  return who instanceof Problem ? who : members.map((one) => encodeParticipant(one, who(one.id)));
}

/** By the time at which they came, those who came together by id. */
function inOrder(members: Iterable<Participant>): Participant[] {
  return [...members].sort((one, other) => {
    if (one.joinedAt !== other.joinedAt) return one.joinedAt - other.joinedAt;
    return one.id < other.id ? -1 : 1;
  });
}

function list(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.listParticipants',
      method: 'GET',
      path,
      summary: 'Who takes part, longest present first',
      access: 'principal',
      schemas: { params: ConversationPath, query: ListParticipantsQuery },
      responses: { 200: { description: 'A page', schema: ParticipantPage }, ...errors(400, 401, 404, 503) },
    },
    async (request) => {
      const { limit = participantPageMax } = request.query;
      const query = decodePage({ ...request.query, limit });
      if (query instanceof Problem) return query;
      const place = await enter(deps, request, request.params.id);
      if (place instanceof Problem) return place;
      const { after } = query;
      const isLater = ({ joinedAt, id }: Participant): boolean =>
        after === null || joinedAt > after.createdAt || (joinedAt === after.createdAt && id > after.id);
      const later = inOrder(place.state.participants.values()).filter(isLater);
      const page = later.slice(0, limit);
      const last = later.length > limit ? page.at(-1) : undefined;
      const participants = await encodeAll(deps, request, page);
      if (participants instanceof Problem) return participants;
      const next = last === undefined ? null : { createdAt: last.joinedAt, id: last.id };
      return { status: 200, body: { participants, next_cursor: encodeCursor(next) } };
    },
  );
}

/** Nobody comes to a conversation of two, and nobody leaves it. */
async function enterGroup(deps: ChatDeps, caller: Caller, id: string): Promise<Entered | Problem> {
  const place = await enter(deps, caller, id);
  if (place instanceof Problem || !isDirect(place.state)) return place;
  const sentence = 'A direct conversation has the same two participants for good.';
  return new Problem('conflict', sentence, { reason: 'direct_conversation_immutable' });
}

function add(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.addParticipants',
      method: 'POST',
      path,
      summary: 'Adds principals of the tenant to a group (owner, admin): all or none',
      access: 'principal',
      schemas: { params: ConversationPath, body: AddParticipantsBody },
      responses: {
        200: { description: 'Everybody who takes part now', schema: ParticipantsBody },
        ...errors(400, 401, 403, 404, 409, 503),
      },
      example: { body: { user_ids: ['assistant:iris'] } },
    },
    async (request) => {
      const { principal } = request;
      const place = await enterGroup(deps, request, request.params.id);
      if (place instanceof Problem) return place;
      if (place.state.participants.get(principal.id)?.role === 'member') {
        return new Problem('forbidden', 'Only an owner or an admin may manage participants.');
      }
      const ids = [...new Set(request.body.user_ids.map(principalIdOf))];
      // Who is in it already may be nobody by now: adding it again is still nothing.
      const added = ids.filter((id) => !place.state.participants.has(id));
      const known = await requireKnown(deps, principal.tenant, added);
      if (known instanceof Problem) return known;
      const participants = known.map(({ id, kind }) => ({ id, kind, role: 'member' as const }));
      const context = contextOf(deps, request, place.ref.conversation);
      const outcome = await deps.bus.dispatch(principal, { op: 'participants.add', participants }, context);
      if (outcome instanceof Problem) return outcome;
      const all = await encodeAll(deps, request, inOrder(outcome.state.participants.values()));
      return all instanceof Problem ? all : { status: 200, body: { participants: all } };
    },
  );
}

function remove(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.removeParticipant',
      method: 'DELETE',
      path: `${path}/:userId`,
      summary:
        'Removes a participant of a group (owner, admin), or leaves it; somebody follows the last owner',
      access: 'principal',
      schemas: { params: ParticipantPath },
      responses: { 200: { description: 'Out', schema: OkBody }, ...errors(401, 403, 404, 409, 503) },
    },
    async (request) => {
      const place = await enterGroup(deps, request, request.params.id);
      if (place instanceof Problem) return place;
      const participant = principalIdOf(request.params.userId);
      if (!place.state.participants.has(participant)) return new Problem('not_found');
      const mayHandOver = participant === request.principal.id;
      const command = { op: 'participant.remove', participant, mayHandOver } as const;
      const context = contextOf(deps, request, place.ref.conversation);
      const outcome = await deps.bus.dispatch(request.principal, command, context);
      return outcome instanceof Problem ? outcome : { status: 200, body: { ok: true as const } };
    },
  );
}
