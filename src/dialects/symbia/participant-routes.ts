/** Participants: join, leave, add, remove, change a role. */
import type { Operation, Reply } from '../../contract/operation.ts';
import type { Outcome } from '../../core/bus.ts';
import type { AddParticipantCommand } from '../../domain/command.ts';
import { canonicalUuid, type PrincipalId } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import { kindsOf, type SymbiaDeps } from './caller.ts';
import { decodeAdd, decodeRole } from './decode.ts';
import { kindByName, participantRow } from './encode.ts';
import { type At, conflict, onConversation } from './on-conversation.ts';
import { lastReadsOf } from './read-marks.ts';
import {
  AddParticipantBody,
  ChangeRoleBody,
  ConversationPath,
  ParticipantPath,
  ParticipantRow,
} from './wire.ts';
import { noConversation, noParticipant, say } from './wording.ts';

const path = '/api/conversations/:id';

export function participantRoutes(deps: SymbiaDeps): Operation[] {
  return [join(deps), leave(deps), add(deps), remove(deps), changeRole(deps)];
}

/** The row of one participant after a command. */
async function answerRow(
  deps: SymbiaDeps,
  at: At,
  status: number,
  outcome: Outcome | Problem,
  id: PrincipalId,
): Promise<Reply | Problem> {
  if (outcome instanceof Problem) return outcome;
  const { ref, state } = outcome;
  const participant = state.participants.get(id);
  // Removed by somebody else before the answer was written.
  if (participant === undefined) return say(noParticipant);
  // Who is new here has read nothing, and may even be added by somebody who may not read.
  const isNew = outcome.events.some(({ type }) => type === 'participant.added');
  const lastReadAt = isNew ? 0 : (await lastReadsOf(deps, at.caller, at.id))(id);
  return { status, body: participantRow(ref, participant, deps.ids, lastReadAt) };
}

const idOf = (text: string): PrincipalId => canonicalUuid(text) ?? text;

function join(deps: SymbiaDeps): Operation {
  return onConversation(
    deps,
    {
      id: 'symbia.joinConversation',
      method: 'POST',
      path: `${path}/join`,
      summary: 'Enter a group of the own organization; never changes an existing role',
      schemas: { params: ConversationPath },
      responses: { 201: { description: 'The participant.', schema: ParticipantRow } },
      words: { hidden: noConversation },
    },
    async (_request, at) => {
      const outcome = await at.dispatch({ op: 'join' });
      // Its own: one of others is hidden, and joining one's own has changed nothing.
      if (!(outcome instanceof Problem) && outcome.state.type === 'private') {
        return new Problem('invalid_request', 'Cannot join a private conversation');
      }
      return await answerRow(deps, at, 201, outcome, at.caller.id);
    },
  );
}

function leave(deps: SymbiaDeps): Operation {
  const mustHandOver = 'Owner cannot leave the conversation. Transfer ownership or delete it.';
  return onConversation(
    deps,
    {
      id: 'symbia.leaveConversation',
      method: 'POST',
      path: `${path}/leave`,
      summary: 'Leave; the last owner hands over first',
      schemas: { params: ConversationPath },
      responses: { 204: { description: 'Left.', schema: null } },
      words: {
        hidden: ['not_found', 'Not a participant in this conversation'],
        reasons: { owner_cannot_leave: ['invalid_request', mustHandOver] },
      },
    },
    async (_request, at) => {
      const outcome = await at.dispatch({ op: 'participant.remove', participant: at.caller.id });
      return outcome instanceof Problem ? outcome : { status: 204 };
    },
  );
}

function add(deps: SymbiaDeps): Operation {
  return onConversation(
    deps,
    {
      id: 'symbia.addParticipant',
      method: 'POST',
      path: `${path}/participants`,
      summary: 'Add a participant (owner, admin); repeating it changes nothing',
      schemas: { params: ConversationPath, body: AddParticipantBody },
      responses: { 201: { description: 'The participant.', schema: ParticipantRow } },
      example: { body: { userId: 'assistant:iris' } },
      words: {
        hidden: noConversation,
        reasons: { not_a_manager: ['forbidden', 'Not authorized to add participants'] },
      },
    },
    async (request, at) => {
      const asked = decodeAdd(request.body);
      if (asked instanceof Problem) return asked;
      const kinds = await kindsOf(deps.directory, at.caller.tenant, [asked], kindByName);
      if (kinds instanceof Problem) return kinds;
      const { id, role } = asked;
      const participant = { id, kind: kinds.get(id) ?? kindByName(id), role };
      const outcome = await dispatchAdd(at, { op: 'participant.add', participant });
      return answerRow(deps, at, 201, outcome, id);
    },
  );
}

/** `role` is honoured for owners; from an admin it is ignored, as upstream ignores everybody's. */
async function dispatchAdd(at: At, command: AddParticipantCommand): Promise<Outcome | Problem> {
  const outcome = await at.dispatch(command);
  if (!(outcome instanceof Problem) || outcome.reason !== 'role_not_allowed') return outcome;
  return at.dispatch({ ...command, participant: { ...command.participant, role: 'member' } });
}

function remove(deps: SymbiaDeps): Operation {
  return onConversation(
    deps,
    {
      id: 'symbia.removeParticipant',
      method: 'DELETE',
      path: `${path}/participants/:userId`,
      summary: 'Remove a participant (owner, admin), or oneself',
      schemas: { params: ParticipantPath },
      responses: { 204: { description: 'Removed.', schema: null } },
      words: {
        hidden: noConversation,
        reasons: {
          not_a_manager: ['forbidden', 'Not authorized to remove participants'],
          cannot_remove_owner: ['invalid_request', 'Cannot remove the owner'],
          owner_cannot_leave: ['invalid_request', 'Cannot remove the owner'],
          participant_not_found: noParticipant,
        },
      },
    },
    async (request, at) => {
      const participant = idOf(request.params.userId);
      const outcome = await at.dispatch({ op: 'participant.remove', participant });
      return outcome instanceof Problem ? outcome : { status: 204 };
    },
  );
}

function changeRole(deps: SymbiaDeps): Operation {
  const needsOwner = 'A conversation needs an owner. Make another participant owner first.';
  return onConversation(
    deps,
    {
      id: 'symbia.changeRole',
      method: 'PATCH',
      path: `${path}/participants/:userId`,
      summary: 'Change a role (owner): how ownership is handed over',
      schemas: { params: ParticipantPath, body: ChangeRoleBody },
      responses: { 200: { description: 'The participant.', schema: ParticipantRow }, 409: conflict },
      example: { body: { role: 'owner' } },
      words: {
        hidden: noConversation,
        reasons: {
          not_an_owner: ['forbidden', 'Only the owner can change roles'],
          participant_not_found: noParticipant,
          last_owner: ['conflict', needsOwner],
        },
      },
    },
    async (request, at) => {
      const role = decodeRole(request.body.role);
      if (role instanceof Problem) return role;
      const participant = idOf(request.params.userId);
      const outcome = await at.dispatch({ op: 'participant.role', participant, role });
      return answerRow(deps, at, 200, outcome, participant);
    },
  );
}
