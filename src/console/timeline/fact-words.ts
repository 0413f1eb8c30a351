/** What happened between messages, as a sentence. */
import type { FactLine } from './fold.ts';

/** `nameOf`: how the reader knows somebody. */
export function factWords({ event }: Pick<FactLine, 'event'>, nameOf: (id: string) => string): string {
  const who = nameOf(event.actor.id);
  switch (event.type) {
    case 'control':
      return controlWords(event, who, nameOf);
    case 'participant.added': {
      const { id, role } = event.data.participant;
      if (id === event.actor.id) return `${who} joined`;
      return `${who} added ${nameOf(id)}${role === 'member' ? '' : ` as ${role}`}`;
    }
    case 'participant.removed': {
      const { participant, by } = event.data;
      return participant === by
        ? `${nameOf(participant)} left`
        : `${nameOf(by)} removed ${nameOf(participant)}`;
    }
    case 'participant.role':
      return `${who} made ${nameOf(event.data.participant)} ${event.data.role}`;
    case 'conversation.created':
      return `${who} began the conversation`;
    case 'conversation.updated':
      return updatedWords(event.data, who);
    case 'conversation.deleted':
      return `${who} deleted the conversation`;
  }
}

type ControlEvent = Extract<FactLine['event'], { type: 'control' }>;

function controlWords({ data }: ControlEvent, who: string, nameOf: (id: string) => string): string {
  const target = data.target === null ? null : nameOf(data.target);
  switch (data.event) {
    case 'stream.pause':
      return `${who} paused the agents`;
    case 'stream.resume':
      return `${who} let the agents go on`;
    case 'stream.preempt':
      return target === null ? `${who} interrupted what was running` : `${who} interrupted ${target}`;
    case 'stream.cancel':
      return target === null
        ? `${who} cancelled what was running`
        : `${who} cancelled what ${target} was doing`;
    case 'stream.route':
      return target === null ? `${who} opened the floor to everybody` : `${who} gave the floor to ${target}`;
    case 'stream.handoff':
      return target === null ? `${who} gave the floor back` : `${who} handed over to ${target}`;
    case 'stream.priority':
      return `${who} set the priority to ${data.priority ?? 'normal'}`;
    case 'session.expiring':
      return 'The session ends soon';
    case 'session.expired':
      return 'The session ended';
    case 'session.renewed':
      return 'The session was renewed';
    default:
      return `${who}: ${data.event}${target === null ? '' : `, for ${target}`}`;
  }
}

type Updated = Extract<FactLine['event'], { type: 'conversation.updated' }>['data'];

function updatedWords({ name, description, stage }: Updated, who: string): string {
  if (typeof name === 'string') return `${who} named the conversation “${name}”`;
  if (name === null) return `${who} took the name away`;
  if (stage !== undefined) return `${who} set the conversation to ${stage}`;
  if (description !== undefined) return `${who} changed the description`;
  return `${who} changed the conversation`;
}
