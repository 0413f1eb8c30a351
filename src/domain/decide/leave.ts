/** Leaving without having handed over: who follows the last owner, and when nobody is left. */
import type { EventId } from '../ids.ts';
import type { Participant } from '../state.ts';
import { appendOne, type Deciding, type Decision, newEvents } from './decision.ts';

export function decideLeave(self: Participant, deciding: Deciding): Decision {
  const { state, facts, context } = deciding;
  const others = [...state.participants.values()].filter(({ id }) => id !== self.id);
  const people = others.filter(({ kind }) => kind === 'user');
  const isLast = others.length === 0 || (self.kind === 'user' && people.length === 0);
  if (isLast) {
    return appendOne(deciding, 'conversation.deleted', {
      by: self.id,
      participants: [...state.participants.keys()],
    });
  }
  const left = { participant: self.id, by: self.id };
  const isOwned = self.role !== 'owner' || others.some(({ role }) => role === 'owner');
  const heir = isOwned ? undefined : successor(people.length > 0 ? people : others);
  if (heir === undefined) return appendOne(deciding, 'participant.removed', left);
  const events = newEvents(deciding)
    .add(facts.spareIds[0] as EventId, 'participant.role', { participant: heir.id, role: 'owner' })
    .add(context.id, 'participant.removed', left);
  return { kind: 'append', events: events.list, erased: [] };
}

/** State keeps participants in the order in which they came. */
function successor(candidates: readonly Participant[]): Participant | undefined {
  return candidates.find(({ role }) => role === 'admin') ?? candidates[0];
}
