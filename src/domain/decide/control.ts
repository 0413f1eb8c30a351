/** Control events: common.md's table. Their effect on the state is in evolve-control.ts. */
import type { ControlCommand } from '../command.ts';
import type { DataClass } from '../event.ts';
import type { DraftFact } from '../facts.ts';
import { stopsRuns } from '../facts.ts';
import type { EventId } from '../ids.ts';
import { requireParticipant } from '../permissions.ts';
import { hasScope, type Scope } from '../principal.ts';
import { Problem } from '../problem.ts';
import type { ConversationState, Participant } from '../state.ts';
import { type Deciding, type Decision, newEvents } from './decision.ts';

/** Name -> the scope it asks for. */
const scopeOf: Readonly<Record<string, Scope>> = {
  'stream.pause': 'cap:messaging.interrupt',
  'stream.resume': 'cap:messaging.interrupt',
  'stream.preempt': 'cap:messaging.interrupt',
  'stream.cancel': 'cap:messaging.interrupt',
  'stream.priority': 'cap:messaging.interrupt',
  'stream.route': 'cap:messaging.route',
  'stream.handoff': 'cap:messaging.route',
};

const freeName = /^x\.[A-Za-z0-9_.-]{1,100}$/;

/** The scope that a control event asks for, or null: there is no such event. */
function scopeNeeded(event: string): Scope | null {
  // hasOwn: `constructor` and its like are no events.
  if (Object.hasOwn(scopeOf, event)) return scopeOf[event] ?? null;
  return freeName.test(event) ? 'cap:messaging.interrupt' : null;
}

export function decideControl(command: ControlCommand, deciding: Deciding): Decision | Problem {
  // First who asks: what is wrong with the event must not tell whether the conversation exists.
  const participant = requireParticipant(deciding.state, deciding.principal, deciding.context.env);
  if (participant instanceof Problem) return participant;
  const scope = scopeNeeded(command.event);
  if (scope === null) return invalid('event', 'There is no such control event.');
  if (!mayControl(command, deciding, participant, scope)) {
    return new Problem('forbidden', 'Not authorized to send control events.', {
      reason: 'control_not_allowed',
    });
  }
  if (command.event === 'stream.priority' && command.priority === null) {
    return invalid('priority', 'stream.priority needs a priority.');
  }
  if (command.event === 'stream.handoff' && command.target === null) {
    return invalid('target', 'stream.handoff needs a target.');
  }
  return appendControl(command, deciding);
}

function invalid(path: string, message: string): Problem {
  return new Problem('invalid_request', message, {
    reason: 'invalid_control',
    fields: [{ path, reason: 'invalid' }],
  });
}

/** What owners and admins of a conversation may send without a scope (common.md's table). */
const roleControls: ReadonlySet<string> = new Set([
  'stream.pause',
  'stream.resume',
  'stream.preempt',
  'stream.cancel',
]);

function mayControl(
  command: ControlCommand,
  deciding: Deciding,
  participant: Participant,
  scope: Scope,
): boolean {
  if (hasScope(deciding.principal, scope)) return true;
  if (command.event === 'stream.handoff' && deciding.state.floor === participant.id) return true;
  return command.roleSuffices && roleControls.has(command.event) && participant.role !== 'member';
}

/** Runs that the command acts on: the named one, else every open run of the target, else every open run. */
function affectedRuns(
  command: ControlCommand,
  state: ConversationState,
  drafts: readonly DraftFact[],
): string[] {
  if (command.run !== null) return [command.run];
  if (!stopsRuns(command.event)) return [];
  const runs = new Set<string>();
  for (const [run, open] of state.openRuns) {
    if (command.target === null || open.owner === command.target) runs.add(run);
  }
  for (const draft of drafts) {
    if (command.target === null || draft.author.id === command.target) runs.add(draft.run);
  }
  for (const run of runs) if (state.stoppedRuns.has(run)) runs.delete(run);
  return [...runs];
}

function appendControl(command: ControlCommand, deciding: Deciding): Decision {
  const { state, facts, context, principal } = deciding;
  const runs = affectedRuns(command, state, facts.drafts);
  const events = newEvents(deciding);
  const classes = new Map<EventId, DataClass>();
  const preemptedBy = command.preemptedBy ?? (stopsRuns(command.event) ? principal.id : null);
  if (stopsRuns(command.event)) addInterrupted(deciding, runs, preemptedBy ?? principal.id, events, classes);
  events.add(
    context.id,
    'control',
    {
      event: command.event,
      target: command.target,
      reason: command.reason,
      runs,
      priority: command.priority,
      preempted_by: command.preemptedBy,
      metadata: command.metadata,
    },
    { run: command.run },
  );
  return { kind: 'append', events: events.list, erased: [], classes };
}

/**
 * What readers saw of a streamed message becomes a message, in the same atomic batch and just before
 * the control event: nothing of a stopped run stands after the event that stopped it.
 */
function addInterrupted(
  deciding: Deciding,
  runs: readonly string[],
  preemptedBy: string,
  events: ReturnType<typeof newEvents>,
  classes: Map<EventId, DataClass>,
): void {
  let spare = 0;
  for (const draft of deciding.facts.drafts) {
    // What came in after its run was stopped was never shown: it must not stand after that event.
    if (!runs.includes(draft.run) || deciding.state.stoppedRuns.has(draft.run)) continue;
    if (!deciding.state.participants.has(draft.author.id)) continue;
    // The agent's own last post may have taken this id while the draft was not yet purged.
    if (deciding.state.window.byMessageId(draft.messageId, deciding.state.position) !== null) continue;
    const id = deciding.facts.spareIds[spare] as EventId | undefined;
    if (id === undefined) return;
    spare += 1;
    classes.set(id, draft.dataClass);
    const data = {
      message_id: draft.messageId,
      content: draft.text,
      content_type: 'text',
      reply_to: null,
      priority: 'normal' as const,
      interruptible: true,
      metadata: {},
      interrupted: true as const,
      preempted_by: preemptedBy,
    };
    events.add(id, 'message.posted', data, { actor: draft.author, run: draft.run });
  }
}
