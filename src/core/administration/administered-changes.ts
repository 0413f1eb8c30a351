/**
 * Administrators' changes: commands with the authority of an administrator, in the tenant of the
 * conversation. They go through the log, so that sockets and projection follow; the audit has each.
 */
import type { Command } from '../../domain/command.ts';
import { Problem } from '../../domain/problem.ts';
import type { Audit, AuditDetail } from '../../ports/audit.ts';
import type {
  AdministratorRequest,
  ConversationAdministration,
} from '../../ports/conversations/conversation-administration.ts';
import type { Directory } from '../../ports/identity/identity-service.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ReadCursors } from '../../ports/projection/read-cursors.ts';
import { entryOf } from '../audit/audit-trail.ts';
import type { Bus, Outcome } from '../bus.ts';
import type { Administered, FindAdministered } from './find-administered.ts';

interface Deps {
  readonly bus: Pick<Bus, 'dispatch' | 'context'>;
  readonly find: FindAdministered;
  readonly cursors: Pick<ReadCursors, 'readTimes'>;
  readonly directory: Pick<Directory, 'principalsOf'>;
  readonly audit: Audit;
  readonly logger: Logger;
}

export function openAdministeredChanges(
  deps: Deps,
): Pick<ConversationAdministration, 'delete' | 'addParticipant' | 'removeParticipant'> {
  const { bus, find, cursors, directory } = deps;

  async function act(
    request: AdministratorRequest,
    { ref }: Administered,
    command: Command,
  ): Promise<Outcome | Problem> {
    const { by, dataClass, policyRef } = request;
    const principal = { ...by, tenant: ref.tenant };
    const outcome = await bus.dispatch(
      principal,
      command,
      bus.context(ref.conversation, { dataClass, policyRef }),
    );
    if (!(outcome instanceof Problem)) await record(request, outcome);
    return outcome;
  }

  /** The log has the change, and who made it: a record that cannot be written is logged instead. */
  async function record({ by, trace }: AdministratorRequest, { ref, events }: Outcome): Promise<void> {
    const subject = ref.conversation;
    for (const { type, data } of events) {
      const action = type === 'participant.role' ? 'participant.role_changed' : type;
      const detail = detailOf(data);
      const refused = await deps.audit.record(
        entryOf(by, trace, { tenant: ref.tenant, action, subject, detail }),
      );
      if (refused === null) continue;
      deps.logger.error(
        { tenant: ref.tenant, action, subject, actor: by.id, detail },
        'An audit entry was not stored',
      );
    }
  }

  return {
    async delete(request, id) {
      const found = await find(request, id);
      if (found instanceof Problem) return found;
      const outcome = await act(request, found, { op: 'conversation.delete', asAdministrator: true });
      return outcome instanceof Problem ? outcome : null;
    },

    async addParticipant(request, id, member) {
      const found = await find(request, id);
      if (found instanceof Problem) return found;
      const { ref } = found;
      const known = await directory.principalsOf(ref.tenant, [member.id]);
      if (known instanceof Problem) return known;
      const participant = { ...member, kind: known.get(member.id)?.kind ?? member.kind };
      const outcome = await act(request, found, {
        op: 'participant.add',
        participant,
        asAdministrator: true,
      });
      if (outcome instanceof Problem) return outcome;
      const added = outcome.state.participants.get(member.id);
      // Removed by somebody else before the answer was written.
      if (added === undefined)
        return new Problem('not_found', undefined, { reason: 'participant_not_found' });
      const times = await cursors.readTimes(ref);
      const lastReadAt = times instanceof Problem ? 0 : (times.get(member.id) ?? 0);
      return { ref, participant: added, lastReadAt };
    },

    async removeParticipant(request, id, participant) {
      const found = await find(request, id);
      if (found instanceof Problem) return found;
      const outcome = await act(request, found, {
        op: 'participant.remove',
        participant,
        asAdministrator: true,
      });
      return outcome instanceof Problem ? outcome : null;
    },
  };
}

/** Ids and roles; never a text. */
function detailOf(data: object): AuditDetail {
  const { participant, role } = data as {
    readonly participant?: string | { readonly id: string; readonly role: string };
    readonly role?: string;
  };
  if (participant === undefined) return {};
  if (typeof participant === 'object') return { participant: participant.id, role: participant.role };
  return role === undefined ? { participant } : { participant, role };
}
