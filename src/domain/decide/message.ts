/** Edit, delete and react: rules about one old message, which comes as a fact. */
import type { DeleteCommand, EditCommand, ReactCommand } from '../command.ts';
import { type EventOf, messageHead } from '../event.ts';
import { limits } from '../limits.ts';
import { requireParticipant } from '../permissions.ts';
import { Problem } from '../problem.ts';
import type { Participant } from '../state.ts';
import type { TimelineEntry } from '../timeline.ts';
import { appendOne, type Deciding, type Decision, newEvents } from './decision.ts';

interface Named {
  readonly participant: Participant;
  readonly entry: TimelineEntry;
  readonly posted: EventOf<'message.posted'>;
}

/** The caller and the message it names, or why not: unknown and deleted are one answer. */
function requireMessage(deciding: Deciding): Named | Problem {
  const participant = requireParticipant(deciding.state, deciding.principal, deciding.context.env);
  if (participant instanceof Problem) return participant;
  const entry = deciding.facts.message;
  if (entry === null || entry.deletedAt !== null) {
    return new Problem('not_found', 'There is no such message.', { reason: 'message_not_found' });
  }
  if (entry.event.type === 'control') {
    return new Problem('forbidden', 'Control events can be neither changed nor deleted.', {
      reason: 'control_event',
    });
  }
  return { participant, entry, posted: entry.event };
}

export function decideEdit(command: EditCommand, deciding: Deciding): Decision | Problem {
  const named = requireMessage(deciding);
  if (named instanceof Problem) return named;
  const { entry, posted } = named;
  if (posted.actor.id !== deciding.principal.id) {
    return new Problem('forbidden', 'Only the sender may edit a message.', { reason: 'not_sender' });
  }
  if (entry.editCount >= limits.editsPerMessageMax) {
    return new Problem('conflict', 'This message was edited too often.', { reason: 'too_many_edits' });
  }
  const metadata = command.metadata ?? posted.data.metadata;
  const data = {
    message_id: command.message,
    content: command.content,
    metadata,
    edit_count: entry.editCount + 1,
    message: messageHead(posted),
  };
  const events = newEvents(deciding).add(deciding.context.id, 'message.edited', data).list;
  return { kind: 'append', events, erased: [], classes: new Map([[deciding.context.id, entry.dataClass]]) };
}

export function decideDelete(command: DeleteCommand, deciding: Deciding): Decision | Problem {
  const named = requireMessage(deciding);
  if (named instanceof Problem) return named;
  const { participant, entry } = named;
  if (entry.event.actor.id !== participant.id && participant.role === 'member') {
    return new Problem('forbidden', 'Only the sender, an owner or an admin may delete a message.', {
      reason: 'not_sender',
    });
  }
  const data = { message_id: command.message, by: deciding.principal.id };
  const events = newEvents(deciding).add(deciding.context.id, 'message.deleted', data).list;
  return { kind: 'append', events, erased: entry.versions };
}

export function decideReact(command: ReactCommand, deciding: Deciding): Decision | Problem {
  const named = requireMessage(deciding);
  if (named instanceof Problem) return named;
  const own = named.entry.reactions.filter((one) => one.principal === deciding.principal.id);
  const isSet = own.some((one) => one.emoji === command.emoji);
  if (!isSet && own.length >= limits.reactionsPerPrincipalMax) {
    return new Problem('conflict', 'Too many reactions of yours on this message.', {
      reason: 'too_many_reactions',
    });
  }
  const action = isSet ? 'removed' : 'added';
  return appendOne(deciding, 'reaction.changed', {
    message_id: command.message,
    emoji: command.emoji,
    action,
  });
}
