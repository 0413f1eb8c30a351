/** Edit, delete and react: rules about one old message, which comes as a fact. */
import type { AttachCommand, DeleteCommand, EditCommand, ReactCommand } from '../command.ts';
import type { EventOf } from '../event.ts';
import { messageHead, messageOrigin } from '../events/message-head.ts';
import { limits } from '../limits.ts';
import { requireParticipant } from '../permissions.ts';
import { Problem } from '../problem.ts';
import type { Participant } from '../state.ts';
import type { TimelineEntry } from '../timeline.ts';
import { appendOne, type Deciding, type Decision, newEvents, unchanged } from './decision.ts';

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
  const named = requireOwn(deciding);
  if (named instanceof Problem) return named;
  if (named.entry.editCount >= limits.editsPerMessageMax) {
    return new Problem('conflict', 'This message was edited too often.', { reason: 'too_many_edits' });
  }
  const { content } = command;
  const metadata = command.metadata ?? named.posted.data.metadata;
  return changed(deciding, named, { content, metadata, edit_count: named.entry.editCount + 1 });
}

export function decideAttach({ media }: AttachCommand, deciding: Deciding): Decision | Problem {
  const named = requireOwn(deciding);
  if (named instanceof Problem) return named;
  const { content, metadata } = named.posted.data;
  const before: readonly unknown[] = Array.isArray(metadata['media']) ? metadata['media'] : [];
  const given = new Map<unknown, unknown>(media.map((one) => [one.id, one]));
  const idOf = (one: unknown): unknown => (one as { readonly id?: unknown } | null)?.id;
  const known = new Set(before.map(idOf));
  const after = [
    ...before.map((one) => given.get(idOf(one)) ?? one),
    ...media.filter(({ id }) => !known.has(id)),
  ];
  if (JSON.stringify(after) === JSON.stringify(before)) return unchanged;
  if (after.length > limits.mediaPerMessageMax && after.length > before.length) {
    return new Problem('conflict', `A message has at most ${limits.mediaPerMessageMax} files.`, {
      reason: 'too_many_media',
    });
  }
  const said = { ...metadata, media: after };
  return changed(deciding, named, { content, metadata: said, edit_count: named.entry.editCount });
}

/** The message, if the caller sent it. */
function requireOwn(deciding: Deciding): Named | Problem {
  const named = requireMessage(deciding);
  if (named instanceof Problem || named.posted.actor.id === deciding.principal.id) return named;
  return new Problem('forbidden', 'Only the sender may edit a message.', { reason: 'not_sender' });
}

function changed(
  deciding: Deciding,
  { entry, posted }: Named,
  change: Pick<EventOf<'message.edited'>['data'], 'content' | 'metadata' | 'edit_count'>,
): Decision {
  const data = { message_id: posted.data.message_id, ...change, message: messageHead(posted) };
  const events = newEvents(deciding).add(deciding.context.id, 'message.edited', data).list;
  return { kind: 'append', events, erased: [], classes: new Map([[deciding.context.id, entry.dataClass]]) };
}

export function decideDelete(command: DeleteCommand, deciding: Deciding): Decision | Problem {
  const named = requireMessage(deciding);
  if (named instanceof Problem) return named;
  const { participant, entry, posted } = named;
  if (entry.event.actor.id !== participant.id && participant.role === 'member') {
    return new Problem('forbidden', 'Only the sender, an owner or an admin may delete a message.', {
      reason: 'not_sender',
    });
  }
  const data = { message_id: command.message, by: deciding.principal.id, message: messageOrigin(posted) };
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
    message: messageOrigin(named.posted),
  });
}
