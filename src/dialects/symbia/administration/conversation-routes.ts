/** One conversation in an administrator's hands: read it, delete it, add and remove participants. */
import type { Operation } from '../../../contract/operation.ts';
import { canonicalUuid } from '../../../domain/ids.ts';
import { Problem } from '../../../domain/problem.ts';
import type { AdministeredConversation } from '../../../ports/conversations/conversation-administration.ts';
import { decodeAdd } from '../decode.ts';
import { listedRow, messageRow, participantRow } from '../encode.ts';
import { ConversationPath, ParticipantPath, ParticipantRow } from '../wire.ts';
import { type AdministrationDeps, onAnyConversation } from './asked.ts';
import { AddMemberBody, AdminConversation, OrgQuery } from './wire.ts';

const path = '/api/admin/conversations/:id';

export function administeredConversationRoutes(deps: AdministrationDeps): Operation[] {
  return [read(deps), remove(deps), addParticipant(deps), removeParticipant(deps)];
}

function read(deps: AdministrationDeps): Operation {
  return onAnyConversation(
    {
      id: 'symbia.adminGetConversation',
      method: 'GET',
      path,
      summary: 'A conversation with its participants and newest messages; phi and secret texts are withheld',
      schemas: { params: ConversationPath, query: OrgQuery },
      responses: { 200: { description: 'The conversation.', schema: AdminConversation } },
    },
    async (_request, asked, id) => {
      const found = await deps.administration.read(asked, id);
      return found instanceof Problem ? found : { status: 200, body: administeredRow(deps, found) };
    },
  );
}

function administeredRow(
  { ids }: AdministrationDeps,
  { conversation, state, readTimes, entries }: AdministeredConversation,
): object {
  const { ref } = conversation;
  return {
    ...listedRow(conversation),
    participants: [...state.participants.values()].map((one) =>
      participantRow(ref, one, ids, readTimes.get(one.id)),
    ),
    recentMessages: entries.map((entry) => ({
      ...messageRow(ref.tenant, entry, state),
      data_class: entry.dataClass,
      policy_ref: entry.policyRef,
    })),
  };
}

function remove({ administration }: AdministrationDeps): Operation {
  return onAnyConversation(
    {
      id: 'symbia.adminDeleteConversation',
      method: 'DELETE',
      path,
      summary: 'Delete a conversation with everything in it; audited',
      schemas: { params: ConversationPath, query: OrgQuery },
      responses: { 204: { description: 'Gone.', schema: null } },
    },
    async (_request, asked, id) => (await administration.delete(asked, id)) ?? { status: 204 },
  );
}

function addParticipant({ administration, ids }: AdministrationDeps): Operation {
  return onAnyConversation(
    {
      id: 'symbia.adminAddParticipant',
      method: 'POST',
      path: `${path}/participants`,
      summary: 'Add a participant in any role, or give one another role; audited',
      schemas: { params: ConversationPath, query: OrgQuery, body: AddMemberBody },
      responses: { 201: { description: 'The participant.', schema: ParticipantRow } },
      example: { body: { userId: 'assistant:iris', userType: 'agent', role: 'admin' } },
    },
    async ({ body }, asked, id) => {
      const member = decodeAdd(body);
      if (member instanceof Problem) return member;
      const { userType, role } = member;
      const kind = userType ?? 'user';
      const added = await administration.addParticipant(asked, id, { id: member.id, kind, role });
      if (added instanceof Problem) return added;
      const { ref, participant, lastReadAt } = added;
      return { status: 201, body: participantRow(ref, participant, ids, lastReadAt) };
    },
  );
}

function removeParticipant({ administration }: AdministrationDeps): Operation {
  return onAnyConversation(
    {
      id: 'symbia.adminRemoveParticipant',
      method: 'DELETE',
      path: `${path}/participants/:userId`,
      summary: 'Remove a participant, also the owner; audited',
      schemas: { params: ParticipantPath, query: OrgQuery },
      responses: { 204: { description: 'Removed.', schema: null } },
    },
    async ({ params: { userId } }, asked, id) => {
      const participant = canonicalUuid(userId) ?? userId;
      return (await administration.removeParticipant(asked, id, participant)) ?? { status: 204 };
    },
  );
}
