/** Posting: who may, what a retry is answered with, and what is wrong with a post. */
import type { PostCommand } from '../command.ts';
import { hashContent, type PostedEntry } from '../idempotency-window.ts';
import type { EventId, PrincipalId } from '../ids.ts';
import { overloaded } from '../limiting/overload.ts';
import { limits } from '../limits.ts';
import { isOfService, requireParticipant } from '../permissions.ts';
import { Problem } from '../problem.ts';
import { type Deciding, type Decision, newEvents, refuseSize } from './decision.ts';
import { effectivePriority, maySpeak } from './may-speak.ts';

/**
 * The order matters: a retry of an accepted post is answered with the first event whatever the state
 * is now; then the run, the floor and the pause; then what is wrong with the post itself.
 */
export function decidePost(command: PostCommand, deciding: Deciding): Decision | Problem {
  const { state, facts, principal } = deciding;
  const joins = joinsByPosting(command, deciding);
  const full = joins ? refuseSize(state.participants.size + 1, deciding) : null;
  if (full !== null) return full;
  if (!joins) {
    const participant = requireParticipant(state, principal, deciding.context.env);
    if (participant instanceof Problem) return participant;
  }
  const hash = hashOfPost(command);
  const repeated = repeatedPost(command, deciding, hash);
  if (repeated !== null) return repeated;
  if (command.whileActive === true && state.stage !== 'active') {
    return new Problem('forbidden', 'This conversation is archived.', { reason: 'not_active' });
  }
  const refused = maySpeak(state, principal, command);
  if (refused !== null) return refused;
  if (command.messageId !== null && findByMessage(command, deciding) !== null) {
    return new Problem('conflict', 'A message with this id exists.', { reason: 'message_id_taken' });
  }
  const { draft } = facts;
  if (draft !== null && (draft.author.id !== principal.id || draft.run !== command.run)) {
    return new Problem('conflict', 'This message is being streamed by somebody else, or by another run.', {
      reason: 'draft_open',
    });
  }
  if (command.replyTo !== null && facts.message === null) {
    return new Problem('invalid_request', 'The message replied to is not in this conversation.', {
      reason: 'unknown_reply_to',
      fields: [{ path: 'reply_to', reason: 'unknown' }],
    });
  }
  if (command.run !== null && !state.openRuns.has(command.run) && isFullOfRuns(deciding)) {
    return overloaded('runs_of_conversation', 'Too many runs are open in this conversation.');
  }
  return appendPost(command, deciding, joins);
}

/** What makes two posts the same: text, type and what it answers. Metadata may carry a send time. */
export function hashOfPost(command: Pick<PostCommand, 'content' | 'contentType' | 'replyTo'>): number {
  return hashContent([command.content, command.contentType, command.replyTo ?? '']);
}

/** Ids that say nothing here are not kept: a message for nobody who takes part is for everybody. */
function toParticipants({ to = [] }: PostCommand, { state }: Deciding): { to?: PrincipalId[] } {
  const present = [...new Set(to)].filter((id) => state.participants.has(id));
  return present.length === 0 ? {} : { to: present.slice(0, limits.addresseesMax) };
}

function joinsByPosting(command: PostCommand, deciding: Deciding): boolean {
  const { state, principal, context } = deciding;
  const { mayJoin = false } = command;
  if (mayJoin === false || state.status !== 'open') return false;
  if (principal.kind === 'user' && mayJoin !== 'anyone') return false;
  if (context.env !== null && context.env !== state.env) return false;
  if (!isOfService(principal, state.service)) return false;
  return !state.participants.has(principal.id);
}

function repeatedPost(command: PostCommand, deciding: Deciding, hash: number): Decision | Problem | null {
  const { state, principal } = deciding;
  if (command.clientId !== null) {
    const first =
      state.window.byClientId(principal.id, command.clientId, state.position) ??
      earlierIf(deciding, (entry) => entry.sender === principal.id && entry.clientId === command.clientId);
    // Of an erased message only the id is left to compare.
    if (first !== null)
      return first.hash === hash || first.hash === null ? { kind: 'duplicate', first } : reused();
  }
  const first = findByMessage(command, deciding);
  if (first === null || first.interrupted) return null;
  return first.sender === principal.id && first.hash === hash ? { kind: 'duplicate', first } : null;
}

function reused(): Problem {
  return new Problem('conflict', 'This client_id was used with other content.', {
    reason: 'client_id_reused',
  });
}

/** Idle runs are over, but leave the state only when another run posts: they must not keep new ones out. */
function isFullOfRuns(deciding: Deciding): boolean {
  const { openRuns } = deciding.state;
  if (openRuns.size < limits.runsMax) return false;
  const idleBefore = deciding.now - limits.runIdleMs * 1000;
  let busy = 0;
  for (const run of openRuns.values()) if (run.lastAt > idleBefore) busy += 1;
  return busy >= limits.runsMax;
}

function findByMessage(command: PostCommand, deciding: Deciding): PostedEntry | null {
  const { messageId } = command;
  if (messageId === null) return null;
  const { window, position } = deciding.state;
  return (
    window.byMessageId(messageId, position) ?? earlierIf(deciding, (entry) => entry.messageId === messageId)
  );
}

function earlierIf(deciding: Deciding, matches: (entry: PostedEntry) => boolean): PostedEntry | null {
  const { earlier } = deciding.facts;
  return earlier !== null && matches(earlier) ? earlier : null;
}

function appendPost(command: PostCommand, deciding: Deciding, joins: boolean): Decision {
  const { facts, principal, context, state } = deciding;
  const events = newEvents(deciding);
  if (joins) {
    const joinId = facts.spareIds[0] as EventId;
    const participant = { id: principal.id, kind: principal.kind, role: 'member' as const };
    events.add(joinId, 'participant.added', { participant });
  }
  const data = {
    message_id: command.messageId ?? context.id,
    content: command.content,
    content_type: command.contentType,
    reply_to: command.replyTo,
    priority: effectivePriority(state, command),
    interruptible: command.interruptible,
    metadata: command.metadata,
    ...toParticipants(command, deciding),
    ...(command.preemptedBy === null ? {} : { preempted_by: command.preemptedBy }),
    ...(command.endRun && command.run !== null ? { end_run: true as const } : {}),
  };
  events.add(context.id, 'message.posted', data, { clientId: command.clientId, run: command.run });
  const appended = { kind: 'append', events: events.list, erased: [] } as const;
  const streamedAs = facts.draft?.dataClass ?? 'none';
  return streamedAs === 'none' ? appended : { ...appended, classes: new Map([[context.id, streamedAs]]) };
}
