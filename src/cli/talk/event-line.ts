/** How a person sees an event: one line, or as many as its text has. */
import type { Event } from '../../domain/event.ts';
import { shown } from '../output.ts';

/** `10:00:00.123  <conversation>  7  <actor>: text`; the conversation only where several are mixed. */
export function eventLine(event: Event, withConversation: boolean): string {
  const time = event.at.slice(11, 23);
  const place = withConversation ? `${shown(event.conversation)}  ` : '';
  return `${time}  ${place}${event.position}  ${shown(event.actor.id)}${saying(event)}`;
}

function saying(event: Event): string {
  switch (event.type) {
    case 'message.posted':
      return event.data.deleted === true ? ' said what was deleted' : `: ${text(event.data.content)}`;
    case 'message.edited':
      return ` edited ${shown(event.data.message_id)}: ${text(event.data.content)}`;
    case 'message.deleted':
      return ` deleted ${shown(event.data.message_id)}`;
    case 'reaction.changed':
      return ` ${event.data.action} ${shown(event.data.emoji)} on ${shown(event.data.message_id)}`;
    case 'control':
      return ` ${controlText(event.data)}`;
    case 'participant.added':
      return ` added ${shown(event.data.participant.id)} (${event.data.participant.role})`;
    case 'participant.removed':
      return ` removed ${shown(event.data.participant)}`;
    case 'participant.role':
      return ` made ${shown(event.data.participant)} ${event.data.role}`;
    case 'conversation.created':
      return ` created the conversation${event.data.name === null ? '' : ` ${text(event.data.name)}`}`;
    case 'conversation.updated':
      return ' updated the conversation';
    case 'conversation.deleted':
      return ' deleted the conversation';
    default:
      return unknown(event);
  }
}

/** A newer node may know more types than this command: they are shown, not hidden. */
function unknown(event: never): string {
  return ` ${shown(String((event as Event).type))}`;
}

function controlText(data: Extract<Event, { type: 'control' }>['data']): string {
  const target = data.target === null ? '' : ` ${shown(data.target)}`;
  const reason = data.reason === null ? '' : ` (${text(data.reason)})`;
  return `${shown(data.event)}${target}${reason}`;
}

/** Later lines of a text are set off, so that no text can look like another event. */
function text(content: string): string {
  return shown(content).replaceAll('\n', '\n    | ');
}
