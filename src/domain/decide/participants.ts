/** Who is in a conversation: add, join, remove (or leave), change a role. */
import type {
  AddParticipantCommand,
  AddParticipantsCommand,
  ChangeRoleCommand,
  NewParticipant,
  RemoveParticipantCommand,
} from '../command.ts';
import type { EventId } from '../ids.ts';
import { limits } from '../limits.ts';
import { actsAsAdministrator, isOfService, requireParticipant } from '../permissions.ts';
import { Problem } from '../problem.ts';
import type { ConversationState, Participant } from '../state.ts';
import { appendOne, type Deciding, type Decision, newEvents, refuseSize, unchanged } from './decision.ts';
import { decideLeave } from './leave.ts';

const unknownParticipant = (): Problem =>
  new Problem('not_found', 'There is no such participant.', { reason: 'participant_not_found' });

function owners(state: ConversationState): number {
  let count = 0;
  for (const one of state.participants.values()) if (one.role === 'owner') count += 1;
  return count;
}

/** The caller as owner or admin of the conversation, or as the tenant's administrator where the command says so. */
function requireManager(
  deciding: Deciding,
  asAdministrator: boolean | undefined,
): Participant | null | Problem {
  if (actsAsAdministrator(deciding.principal, asAdministrator)) {
    return deciding.state.status === 'open' ? null : new Problem('not_found');
  }
  const participant = requireParticipant(deciding.state, deciding.principal, deciding.context.env);
  if (participant instanceof Problem) return participant;
  return participant.role === 'member'
    ? new Problem('forbidden', 'Only an owner or an admin may manage participants.', {
        reason: 'not_a_manager',
      })
    : participant;
}

export function decideAdd(command: AddParticipantCommand, deciding: Deciding): Decision | Problem {
  const manager = requireManager(deciding, command.asAdministrator);
  if (manager instanceof Problem) return manager;
  const { participant } = command;
  const present = deciding.state.participants.get(participant.id);
  if (present !== undefined) {
    // Adding is never a way to change a role, neither up nor down, but for the tenant's administrator.
    if (manager !== null || present.role === participant.role) return unchanged;
    return appendOne(deciding, 'participant.role', { participant: participant.id, role: participant.role });
  }
  const refused = refuseRole(manager, participant);
  if (refused !== null) return refused;
  const full = refuseSize(deciding.state.participants.size + 1, deciding);
  if (full !== null) return full;
  return appendOne(deciding, 'participant.added', { participant });
}

function refuseRole(manager: Participant | null, { role }: NewParticipant): Problem | null {
  if (manager === null || manager.role === 'owner' || role === 'member') return null;
  return new Problem('forbidden', 'Only an owner may add owners and admins.', { reason: 'role_not_allowed' });
}

export function decideAddSeveral(command: AddParticipantsCommand, deciding: Deciding): Decision | Problem {
  const { state, facts, context } = deciding;
  const manager = requireManager(deciding, false);
  if (manager instanceof Problem) return manager;
  const added = new Map<string, NewParticipant>();
  for (const one of command.participants) {
    if (state.participants.has(one.id)) continue;
    const refused = refuseRole(manager, one);
    if (refused !== null) return refused;
    added.set(one.id, one);
  }
  if (added.size === 0) return unchanged;
  if (added.size > limits.participantsAddedMax) return new Problem('invalid_request');
  const full = refuseSize(state.participants.size + added.size, deciding);
  if (full !== null) return full;
  const events = newEvents(deciding);
  // The command's own id is that of the last one.
  const newIds = [...facts.spareIds.slice(0, added.size - 1), context.id];
  [...added.values()].forEach((participant, index) => {
    events.add(newIds[index] as EventId, 'participant.added', { participant });
  });
  return { kind: 'append', events: events.list, erased: [] };
}

export function decideJoin(deciding: Deciding): Decision | Problem {
  const { state, principal, context } = deciding;
  if (state.status !== 'open') return new Problem('not_found');
  if (context.env !== null && context.env !== state.env) return new Problem('not_found');
  if (!isOfService(principal, state.service)) {
    return new Problem('not_found');
  }
  if (state.participants.has(principal.id)) return unchanged;
  // A private conversation of others is hidden: the same answer as for one that does not exist.
  if (state.type === 'private') return new Problem('not_found');
  const full = refuseSize(state.participants.size + 1, deciding);
  if (full !== null) return full;
  const participant = { id: principal.id, kind: principal.kind, role: 'member' as const };
  return appendOne(deciding, 'participant.added', { participant });
}

export function decideRemove(command: RemoveParticipantCommand, deciding: Deciding): Decision | Problem {
  const { state, principal } = deciding;
  const data = { participant: command.participant, by: principal.id };
  if (command.participant === principal.id && command.asAdministrator !== true) {
    const self = requireParticipant(state, principal, deciding.context.env);
    if (self instanceof Problem) return self;
    if (command.mayHandOver === true) return decideLeave(self, deciding);
    if (self.role === 'owner' && owners(state) === 1) {
      return new Problem('conflict', 'The owner cannot leave: hand over first, or delete the conversation.', {
        reason: 'owner_cannot_leave',
      });
    }
    return appendOne(deciding, 'participant.removed', data);
  }
  const manager = requireManager(deciding, command.asAdministrator);
  if (manager instanceof Problem) return manager;
  const target = state.participants.get(command.participant);
  if (target === undefined) return unknownParticipant();
  if (manager !== null && target.role === 'owner') {
    return new Problem('forbidden', 'An owner cannot be removed.', { reason: 'cannot_remove_owner' });
  }
  return appendOne(deciding, 'participant.removed', data);
}

export function decideRole(command: ChangeRoleCommand, deciding: Deciding): Decision | Problem {
  const self = requireParticipant(deciding.state, deciding.principal, deciding.context.env);
  if (self instanceof Problem) return self;
  if (self.role !== 'owner') {
    return new Problem('forbidden', 'Only an owner may change roles.', { reason: 'not_an_owner' });
  }
  const target = deciding.state.participants.get(command.participant);
  if (target === undefined) return unknownParticipant();
  if (target.role === command.role) return unchanged;
  if (target.role === 'owner' && owners(deciding.state) === 1) {
    return new Problem('conflict', 'A conversation needs an owner: hand over first.', {
      reason: 'last_owner',
    });
  }
  return appendOne(deciding, 'participant.role', { participant: command.participant, role: command.role });
}
