/** The conversation itself: create, update, delete. */
import type { CreateCommand, DeleteConversationCommand, UpdateCommand } from '../command.ts';
import type { ParticipantView } from '../event.ts';
import { actsAsAdministrator, requireParticipant } from '../permissions.ts';
import { Problem } from '../problem.ts';
import type { ConversationState, Participant } from '../state.ts';
import { appendOne, type Deciding, type Decision, refuseSize, unchanged } from './decision.ts';

export function decideCreate(command: CreateCommand, deciding: Deciding): Decision | Problem {
  const { state, principal } = deciding;
  if (state.status !== 'none') {
    const isMember = state.status === 'open' && state.participants.has(principal.id);
    return command.isUnique === true && isMember
      ? unchanged
      : new Problem('conflict', 'This conversation exists.');
  }
  const isOfOther = command.service !== null && command.service !== principal.service;
  if (principal.service !== null && isOfOther) {
    return new Problem('forbidden', 'This key is bound to another service.', { reason: 'other_service' });
  }
  const { creatorRole: role = 'owner' } = command;
  const participants: ParticipantView[] = [{ id: principal.id, kind: principal.kind, role }];
  const seen = new Set<string>([principal.id]);
  for (const one of command.participants) {
    if (seen.has(one.id)) continue;
    seen.add(one.id);
    participants.push({ id: one.id, kind: one.kind, role: one.role });
  }
  const full = refuseSize(participants.length, deciding);
  if (full !== null) return full;
  return appendOne(deciding, 'conversation.created', {
    type: command.type,
    name: command.name,
    description: command.description,
    metadata: command.metadata,
    env: command.env,
    service_id: command.service,
    ...(command.stage === undefined ? {} : { stage: command.stage }),
    ...(command.entity === undefined ? {} : { entity: command.entity }),
    participants,
  });
}

export function decideUpdate(command: UpdateCommand, deciding: Deciding): Decision | Problem {
  const participant = requireParticipant(deciding.state, deciding.principal, deciding.context.env);
  if (participant instanceof Problem) return participant;
  if (participant.role === 'member' && command.membersMay !== true) {
    return new Problem('forbidden', 'Only an owner or an admin may change the conversation.', {
      reason: 'not_a_manager',
    });
  }
  const data = {
    ...(command.name === undefined ? {} : { name: command.name }),
    ...(command.description === undefined ? {} : { description: command.description }),
    ...(command.metadata === undefined ? {} : { metadata: command.metadata }),
    ...(command.stage === undefined ? {} : { stage: command.stage }),
  };
  if (Object.keys(data).length === 0) return unchanged;
  return appendOne(deciding, 'conversation.updated', data);
}

export function decideConversationDelete(
  command: DeleteConversationCommand,
  deciding: Deciding,
): Decision | Problem {
  const { state, principal, context } = deciding;
  if (actsAsAdministrator(principal, command.asAdministrator)) {
    if (state.status !== 'open') return new Problem('not_found');
  } else {
    const participant = requireParticipant(state, principal, context.env);
    if (participant instanceof Problem) return participant;
    if (!mayDelete(command, state, participant)) {
      const who = command.managersMay === true ? 'an owner or an admin' : 'the owner';
      return new Problem('forbidden', `Only ${who} can delete this conversation.`, {
        reason: 'not_an_owner',
      });
    }
  }
  const participants = [...state.participants.keys()];
  return appendOne(deciding, 'conversation.deleted', { by: principal.id, participants });
}

function mayDelete(
  { managersMay }: DeleteConversationCommand,
  { type, participants }: ConversationState,
  { role }: Participant,
): boolean {
  if (role === 'owner' || managersMay !== true) return role === 'owner';
  return role === 'admin' || (type === 'private' && participants.size <= 2);
}
